/**
 * How fast a search is over a great many results: `npx tsx bench/search.ts [videos] [file]`. The results are made up
 * from a small vocabulary whose first words are common and whose last are rare. Baseline: a plain scan, which reads
 * every text and looks for the words in it. An index in `file` is used again.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchDocument } from '../src/search/document.ts';
import { openSearchIndex } from '../src/search/search-index.ts';
import type { SearchOptions } from '../src/search/searcher.ts';

const VIDEOS = Number(process.argv[2] ?? 400_000);
const AT_ONCE = 2_000;
const ROUNDS = 20;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
const QUERIES: readonly (readonly [words: string, options: SearchOptions])[] = [
  ['man', {}],
  ['dog', {}],
  ['dog beach', {}],
  ['"red dog"', {}],
  ['horse snow climbing', {}],
  ['thing5', {}],
  ['child -dog', {}],
  ['"black cat" thing9', {}],
  ['dog', { tags: ['cat'], minConfidence: 0.9 }],
  ['dog', { labels: { series: 's7' } }],
  ['man', { sinceMs: FIRST_DAY_MS + 30 * DAY_MS, untilMs: FIRST_DAY_MS + 31 * DAY_MS }],
  ['', { tags: ['horse', 'sheep'] }],
  ['', { labels: { series: 's7' }, sinceMs: FIRST_DAY_MS + 30 * DAY_MS }],
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
const file = process.argv[3] ?? join(folder, 'index.sqlite');
try {
  using index = openSearchIndex(file);
  const missing = VIDEOS - index.revisions().size;
  if (missing > 0) {
    const buildSeconds = cpuSeconds(() => {
      for (let start = VIDEOS - missing; start < VIDEOS; start += AT_ONCE) {
        index.put(Array.from({ length: Math.min(AT_ONCE, VIDEOS - start) }, (_, at) => madeUp(start + at)));
      }
    });
    console.log(`${missing} videos put in, in ${buildSeconds.toFixed(0)} CPU s`);
  }
  const rows = QUERIES.map(([words, options]) => {
    index.search(words, options); // Warm from here on.
    const times = Array.from({ length: ROUNDS }, () => wallMs(() => index.search(words, options)));
    return { words, options, times, hits: index.search(words, { ...options, limit: 1000 }).length };
  });
  console.log(`videos ${VIDEOS}, index ${megabytes(statSync(file).size)} MB`);
  console.log(`memory ${megabytes(process.memoryUsage.rss())} MB with the index open, after all searches`);
  // A tenth of the videos, times ten.
  const texts = Array.from({ length: VIDEOS / 10 }, (_, at) =>
    madeUp(at)
      .moments.map(({ text }) => text)
      .join('\n'),
  );
  const scanMs = (words: string) => {
    const plain = words
      .replace(/"|-\w+/g, '')
      .trim()
      .split(/\s+/);
    return wallMs(() => texts.filter((text) => plain.every((word) => text.includes(word))).length) * 10;
  };
  console.table(
    rows.map(({ words, options, times, hits }) => ({
      ...{ words, filters: Object.keys(options).join(' '), hits },
      ...{ 'median ms': round(quantile(times, 0.5)), 'p95 ms': round(quantile(times, 0.95)) },
      'plain scan ms': round(scanMs(words)),
    })),
  );
  const all = rows.flatMap(({ times }) => times);
  console.log(`all searches: median ${round(quantile(all, 0.5))} ms, p95 ${round(quantile(all, 0.95))} ms`);
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
      labels: { series: `s${number % 200}` },
      endedMs: FIRST_DAY_MS + (number * 365 * DAY_MS) / VIDEOS,
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

function quantile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
