import { createHash } from 'node:crypto';

/**
 * What a video is, as words of the index, so that a filter is as quick as a further word: labels by a hash, and the day, the
 * month and the year (UTC) in which it was described. All end in digits: no ending is cut off.
 */
export function facetsOf(labels: Readonly<Record<string, string>>, endedMs: number | null): readonly string[] {
  const named = Object.entries(labels).map(([key, value]) => labelFacet(key, value));
  return endedMs === null ? named : [...named, dayFacet(endedMs), monthFacet(endedMs), yearFacet(endedMs)];
}

export function labelFacet(key: string, value: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([key, value]))
    .digest('hex')
    .slice(0, 16);
  return `l${BigInt(`0x${hash}`)}`;
}

const DAY_MS = 86_400_000;
/** Nothing was described before. */
const FIRST_YEAR = 2020;

/**
 * As few of these words as cover a time: whole years and months, and days at its ends. Those days may reach beyond it.
 *
 * @param nowMs nothing was described much later than that.
 */
export function timeFacets(sinceMs: number | undefined, untilMs: number | undefined, nowMs: number): readonly string[] {
  const start = Math.max(sinceMs ?? 0, Date.UTC(FIRST_YEAR, 0));
  const end = Math.min(untilMs ?? Number.POSITIVE_INFINITY, nowMs + 2 * DAY_MS);
  const facets: string[] = [];
  for (let at = Math.floor(start / DAY_MS) * DAY_MS; at < end; ) {
    const date = new Date(at);
    const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
    const [nextYear, nextMonth] = [Date.UTC(year + 1, 0), Date.UTC(year, month + 1)];
    if (month === 0 && day === 1 && nextYear <= end) {
      facets.push(yearFacet(at));
      at = nextYear;
    } else if (day === 1 && nextMonth <= end) {
      facets.push(monthFacet(at));
      at = nextMonth;
    } else {
      facets.push(dayFacet(at));
      at += DAY_MS;
    }
  }
  return facets;
}

/** Whether days cover a time exactly. */
export function isWholeDays(...bounds: readonly (number | undefined)[]): boolean {
  return bounds.every((ms) => ms === undefined || ms % DAY_MS === 0);
}

function dayFacet(ms: number): string {
  return `d${digitsOf(ms).slice(0, 8)}`;
}

function monthFacet(ms: number): string {
  return `m${digitsOf(ms).slice(0, 6)}`;
}

function yearFacet(ms: number): string {
  return `y${digitsOf(ms).slice(0, 4)}`;
}

function digitsOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll('-', '');
}
