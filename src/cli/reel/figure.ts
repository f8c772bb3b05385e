/** A point in the drawing's own units. */
export type Point = readonly [number, number];

/** An SVG document of the given size. */
export function drawing(width: number, height: number, parts: readonly string[], unitsWide = width): string {
  const unitsHigh = (unitsWide * height) / width;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${unitsWide} ${unitsHigh}">${parts.join('')}</svg>`
  );
}

/** A rounded, shaded tube from `a` to `b`: an arm, a leg, a trunk. */
export function limb(a: Point, b: Point, widthA: number, widthB: number, colour: string): string {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const normal: Point = [(a[1] - b[1]) / length, (b[0] - a[0]) / length];
  const lit: Point = normal[0] + normal[1] > 0 ? [-normal[0], -normal[1]] : normal; // light comes from the upper left
  const edge = (at: Point, width: number, side: number): Point => [
    at[0] + (lit[0] * width * side) / 2,
    at[1] + (lit[1] * width * side) / 2,
  ];
  const widest = Math.max(widthA, widthB);
  const shape =
    `M${edge(a, widthA, 1)} L${edge(b, widthB, 1)} A${widthB / 2},${widthB / 2} 0 0 ${sweep(a, b, lit)} ${edge(b, widthB, -1)} ` +
    `L${edge(a, widthA, -1)} A${widthA / 2},${widthA / 2} 0 0 ${sweep(a, b, lit)} ${edge(a, widthA, 1)} Z`;
  return shaded(shape, edge(a, widest, 1), edge(a, widest, -1), colour);
}

/** A path filled with a colour that is lit at `from` and in shade at `to`. */
export function shaded(path: string, from: Point, to: Point, colour: string): string {
  const id = `g${hashOf(path + colour)}`;
  return (
    `<defs><linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}">` +
    `<stop offset="0" stop-color="${tone(colour, 1.12)}"/><stop offset="0.3" stop-color="${tone(colour, 1.22)}"/>` +
    `<stop offset="0.65" stop-color="${tone(colour, 0.9)}"/><stop offset="1" stop-color="${tone(colour, 0.55)}"/>` +
    `</linearGradient></defs><path d="${path}" fill="url(#${id})"/>`
  );
}

/** An ellipse, turned by `degrees`, shaded like `shaded`. */
export function oval(centre: Point, radiusX: number, radiusY: number, colour: string, degrees = 0): string {
  const [x, y] = centre;
  const path = `M${x - radiusX},${y} a${radiusX},${radiusY} 0 1 0 ${radiusX * 2},0 a${radiusX},${radiusY} 0 1 0 ${-radiusX * 2},0 Z`;
  const body = shaded(path, [x - radiusX * 0.7, y - radiusY], [x + radiusX * 0.7, y + radiusY], colour);
  return degrees === 0 ? body : `<g transform="rotate(${degrees} ${x} ${y})">${body}</g>`;
}

/** A thin line. */
export function line(points: readonly Point[], width: number, colour: string): string {
  const path = points.map(([x, y]) => `${x},${y}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

/** A `#rrggbb` colour made darker (below 1) or lighter. */
export function tone(colour: string, factor: number): string {
  const channel = (from: number) => {
    const value = Math.min(255, Math.round(Number.parseInt(colour.slice(from, from + 2), 16) * factor));
    return value.toString(16).padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

function sweep(a: Point, b: Point, lit: Point): 0 | 1 {
  return (b[0] - a[0]) * lit[1] - (b[1] - a[1]) * lit[0] > 0 ? 0 : 1;
}

function hashOf(text: string): number {
  let hash = 5381;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(at)) >>> 0;
  return hash;
}
