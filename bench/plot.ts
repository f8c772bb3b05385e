/** A curve of a plot, such as one scan mode; all values above 0. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 64, right: 120, top: 40, bottom: 48 };
const COLOURS = ['#1b6ca8', '#c2571a', '#3c7d3c', '#7a4b9a'];

/** Draws curves as SVG, both axes logarithmic: a cost that grows in a straight line has a slope of one decade a decade. */
export function plotSvg({ title, x, y, curves }: Plot): string {
  const points = curves.flatMap((curve) => curve.points);
  const across = axis(
    points.map(([value]) => value),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const along = axis(
    points.map(([, value]) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const grid = [
    ...across.decades.map((value) => {
      const at = across.place(value);
      return `<path d="M${at} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#ddd"/>${text(at, HEIGHT - MARGIN.bottom + 18, label(value), 'middle')}`;
    }),
    ...along.decades.map((value) => {
      const at = along.place(value);
      return `<path d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}" stroke="#ddd"/>${text(MARGIN.left - 8, at + 4, label(value), 'end')}`;
    }),
  ];
  const lines = curves.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '';
    const places = points.map(([px, py]) => [across.place(px), along.place(py)] as const);
    const dots = places.map(([px, py]) => `<circle cx="${px}" cy="${py}" r="3" fill="${colour}"/>`).join('');
    const [endX, endY] = places.at(-1) ?? [0, 0];
    const path = `<path d="M${places.map((place) => place.join(' ')).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    return `${path}${dots}${text(endX + 8, endY + 4, name, 'start', colour)}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="24" font-size="15">${escaped(title)}</text>`,
    ...grid,
    ...lines,
    text((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, x, 'middle'),
    `<text transform="translate(16 ${(MARGIN.top + HEIGHT - MARGIN.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    '</svg>\n',
  ].join('\n');
}

/** A logarithmic axis over whole decades, or halves of one where all lies in less. */
function axis(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const place = (value: number) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
  const decades = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  return { place, decades };
}

function text(x: number, y: number, words: string, anchor: string, colour = '#333'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`;
}

function label(value: number): string {
  return value >= 1 ? String(Math.round(value)) : value.toPrecision(1);
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
