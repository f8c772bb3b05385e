import { z } from 'zod';
import type { Entry, Listing } from './listing.ts';
import { type Listed, readList } from './read-list.ts';
import { jsonLines, parseLines, type RunPlace } from './run-place.ts';

/** Entries that are held, read and written together. */
const PART = 5000;
const [PART_FILE, COUNT, COUNT_FILE] = ['entries.jsonl', 'list', 'list.json'];

const kept = z.union([
  z.strictObject({
    line: z.int(),
    source: z.string(),
    version: z.string().optional(),
    labels: z.record(z.string(), z.string()),
  }),
  z.strictObject({ line: z.int(), problem: z.string() }),
]);

/**
 * Copies a list file into a run's place, so that any machine can go on with it.
 *
 * @throws {FramescribeError} LIST_INVALID
 */
export async function keepList(file: string, folder: string, place: RunPlace): Promise<void> {
  let part: Listed[] = [];
  let parts = 0;
  const flush = async () => {
    await place.write(partName(++parts), { [PART_FILE]: jsonLines(part) });
    part = [];
  };
  for await (const entry of readList(file, folder)) if (part.push(entry) >= PART) await flush();
  if (part.length > 0) await flush();
  await place.write(COUNT, { [COUNT_FILE]: JSON.stringify({ parts }) });
}

/** What a kept list names; positions are `part:entry`. */
export function listKept(place: RunPlace): Listing {
  return async function* (after) {
    const [lastPart = 1, lastEntry = -1] = after === null ? [] : after.split(':').map(Number);
    const parts = await partsOf(place);
    for (let part = lastPart; part <= parts; part++) {
      const entries = await partOf(place, part);
      const first = part === lastPart ? lastEntry + 1 : 0;
      yield entries.slice(first).map((entry, index) => entryOf(entry, `${part}:${first + index}`));
    }
  };
}

function entryOf(listed: Listed, position: string): Entry {
  if ('problem' in listed) {
    const message = `line ${listed.line}: ${listed.problem}`;
    const source = `line ${listed.line}`;
    return { position, source, path: '', facts: null, labels: {}, problem: { code: 'USAGE', message } };
  }
  const { source, version, labels } = listed;
  return { position, source, path: source.replace(/^[a-z0-9+.-]+:\/+|^\/+/i, ''), facts: null, version, labels };
}

async function partsOf(place: RunPlace): Promise<number> {
  const bytes = await place.read(COUNT, COUNT_FILE);
  return z.strictObject({ parts: z.int().min(0) }).parse(JSON.parse(String(bytes))).parts;
}

async function partOf(place: RunPlace, part: number): Promise<readonly Listed[]> {
  const bytes = await place.read(partName(part), PART_FILE);
  return bytes === null ? [] : parseLines(bytes, kept);
}

function partName(part: number): string {
  return `list-${String(part).padStart(6, '0')}`;
}
