import { z } from 'zod';
import { FramescribeError } from '../domain/errors.ts';

const hour = z.int().min(0).max(24);

/** From an hour of the day until before another one; `from` after `until` goes over midnight. */
const hourlyCap = z.strictObject({ from: hour, until: hour, videos: z.int().min(0).max(100_000) });
export const hourlyCaps = z.array(hourlyCap);
export type HourlyCap = Readonly<z.infer<typeof hourlyCap>>;

/**
 * Reads `20`, or `8-18=2,18-8=20`.
 *
 * @throws {FramescribeError} USAGE
 */
export function parseHours(text: string): readonly HourlyCap[] {
  if (/^\d+$/.test(text)) return check([{ from: 0, until: 24, videos: Number(text) }], text);
  const caps = text.split(',').map((part) => {
    const [, from, until, videos] = /^\s*(\d{1,2})-(\d{1,2})=(\d+)\s*$/.exec(part) ?? [];
    return { from: Number(from), until: Number(until), videos: Number(videos) };
  });
  return check(caps, text);
}

/** How many videos there may be at the same time at this hour (0 to 23): the first cap that says something; no limit without. */
export function capAt(hourOfDay: number, caps: readonly HourlyCap[]): number {
  const holds = ({ from, until }: HourlyCap) =>
    from < until ? from <= hourOfDay && hourOfDay < until : hourOfDay >= from || hourOfDay < until;
  return caps.find(holds)?.videos ?? Number.POSITIVE_INFINITY;
}

function check(caps: readonly HourlyCap[], text: string): readonly HourlyCap[] {
  const parsed = hourlyCaps.safeParse(caps);
  if (parsed.success) return parsed.data;
  throw new FramescribeError('USAGE', `Expected videos at a time such as 20 or 8-18=2,18-8=20, got ${text}`);
}
