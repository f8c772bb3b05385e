/**
 * How fast a search is over a great many results: `npx tsx bench/search.ts [videos] [file]`. The results are made up
 * from a small vocabulary whose first words are common and whose last are rare. Baseline: a plain scan, which reads
 * every text and looks for the words in it.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchDocument } from '../src/search/document.ts';
import { openSearchIndex } from '../src/search/search-index.ts';

const VIDEOS = Number(process.argv[2] ?? 400_000);
const AT_ONCE = 2_000;
const ROUNDS = 5;
const QUERIES = [
  'man',
  'dog',
  'dog beach',
  '"red dog"',
  'horse snow climbing',
  'thing5',
  'child -dog',
  '"black cat" thing9',
];

const THINGS =
  'man woman boy girl dog child crowd horse cat bird car bus train boat bicycle player baby cow sheep'.split(' ');
const ACTIONS =
  'running sitting standing walking jumping playing riding looking holding swimming climbing eating'.split(' ');
const PLACES = [
  'on a street',
  'in a field',
  'on the beach',
  'in the snow',
  'at a table',
  'near a building',
  'by a fence',
];
const COLOURS = 'red blue white black brown green yellow small large old'.split(' ');

const folder = mkdtempSync(join(tmpdir(), 'framescribe-bench-'));
const file = join(folder, 'index.sqlite');
try {
  const texts: string[] = [];
  using index = openSearchIndex(file);
  const buildSeconds = cpuSeconds(() => {
    for (let start = 0; start < VIDEOS; start += AT_ONCE) {
      const documents = Array.from({ length: Math.min(AT_ONCE, VIDEOS - start) }, (_, at) => madeUp(start + at));
      index.put(documents);
      if (start < VIDEOS / 10)
        texts.push(...documents.map(({ moments }) => moments.map(({ text }) => text).join('\n')));
    }
  });
  const rows = QUERIES.map((query) => {
    const words = query
      .replace(/"|-\w+/g, '')
      .trim()
      .split(/\s+/);
    const times = Array.from({ length: ROUNDS }, () => wallMs(() => index.search(query)));
    // A tenth of the videos, times ten.
    const scan = wallMs(() => texts.filter((text) => words.every((word) => text.includes(word))).length) * 10;
    return {
      query,
      hits: index.search(query, { limit: 1000 }).length,
      p50: median(times),
      worst: Math.max(...times),
      scan,
    };
  });
  const worst = rows.map((row) => row.worst).sort((a, b) => a - b);
  console.log(
    `videos ${VIDEOS}, built in ${buildSeconds.toFixed(0)} CPU s, index ${megabytes(statSync(file).size)} MB`,
  );
  console.log(`memory ${megabytes(process.memoryUsage.rss())} MB, of which texts of the baseline: a tenth of all`);
  console.table(
    rows.map(({ query, p50, worst, scan }) => ({ query, 'median ms': p50, 'worst ms': worst, 'plain scan ms': scan })),
  );
  console.log(`95th percentile of the worst: ${worst[Math.ceil(worst.length * 0.95) - 1]?.toFixed(1)} ms`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function madeUp(number: number): SearchDocument {
  const random = generator(number + 1);
  const one = (words: readonly string[]) => words[Math.floor(random() ** 2 * words.length)] ?? '';
  let thing = one(THINGS);
  let place = one(PLACES);
  const moments = Array.from({ length: 4 + Math.floor(random() * 40) }, (_, at) => {
    if (random() < 0.3) thing = one(THINGS);
    if (random() < 0.2) place = one(PLACES);
    const rare = random() < 0.1 ? ` with a thing${Math.floor(random() * 3000).toString(36)}` : '';
    const text = `a ${one(COLOURS)} ${thing} is ${one(ACTIONS)} ${place}${rare}`;
    return { keyframe: `k${String(at + 1).padStart(4, '0')}`, timeMs: at * 10_000, text, confidence: random() };
  });
  const tags = THINGS.filter((word) => moments.some(({ text }) => text.includes(word)));
  return {
    ...{ name: `tape-${number}`, revision: '1', source: `tape-${number}.mp4`, durationMs: moments.length * 10_000 },
    ...{
      summary: moments
        .slice(0, 3)
        .map(({ text }) => text)
        .join('. '),
      model: 'made-up 1.0.0',
      moments,
      ...{ shots: 1, keyframes: moments.length, picture: null },
    },
    tags: tags.map((name) => ({ name, confidence: random(), instances: [{ startMs: 0, endMs: 10_000 }] })),
  };
}

/** Mulberry32: the same made-up archive in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function wallMs(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
