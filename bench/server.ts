/**
 * How quickly the server lists 10,000 videos while 200 readers hear events, and whether its memory grows with time:
 * `node dist/bench/server.js [seconds] [videos]`. 100 requests a second, sent when they are due whether or not the ones
 * before are answered, in turn: the newest, a tag, a state, a search, the second page. Baseline in the same run: a Fastify
 * server with one route that sends a page of the same size as it is, before and after. Latency counts from when a request
 * was due. Memory is read after each part: as the system counts it, and what is held after a whole collection, which is
 * the figure that a leak would move.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { startPrivateRedis } from '../src/cli/private-redis.ts';
import { createProducer } from '../src/queue/index.ts';
import { openTokens } from '../src/queue/tokens.ts';
import type { Held } from './heap-reader.ts';

const [SECONDS, VIDEOS] = [Number(process.argv[2] ?? 60), Number(process.argv[3] ?? 10_000)];
const [A_SECOND, READERS, BARE_SECONDS] = [100, 200, 10];
/** At least three, of a minute at most. */
const PARTS = Math.max(3, Math.ceil(SECONDS / 60));
const SUBMIT_EVERY_MS = 500;
const THINGS = 'man woman boy girl dog child crowd horse cat bird car bus train boat bicycle player'.split(' ');
const ACTIONS = 'running sitting standing walking jumping playing riding looking'.split(' ');

if (process.send !== undefined) await serveBare();
else await measure();

interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  readonly errors: number;
  readonly requests: number;
}

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fs-bench-'));
  await using redis = await startPrivateRedis();
  const children: ChildProcess[] = [];
  try {
    const store = join(folder, 'store');
    for (let number = 0; number < VIDEOS; number++) await putVideo(store, number);
    const env = {
      ...process.env,
      REDIS_URL: redis.url,
      FRAMESCRIBE_QUEUE_STORE: store,
      FRAMESCRIBE_SEARCH_FOLDER: folder,
      FRAMESCRIBE_SERVER_PORT: '0',
      FRAMESCRIBE_SERVER_REQUESTS_PER_MINUTE: '1000000',
      FRAMESCRIBE_OBSERVE_LOG_FORMAT: 'json',
    };
    const main = new URL('../src/cli/main.js', import.meta.url).pathname;
    const seen = ['--expose-gc', '--import', new URL('./heap-reader.js', import.meta.url).href];
    const server = spawn(process.execPath, [...seen, main, 'serve'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    children.push(server);
    const [, url = ''] = await said(server, /serving: (http:\S+?)"/);
    await said(server, /"msg":"list: .* results read/);
    await using tokens = openTokens(redis.url, 'framescribe', 3_000);
    const { token } = await tokens.create('bench', ['admin'], null);
    const headers = { authorization: `Bearer ${token}` };
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const first = await read(`${url}/v1/videos`, headers, agent);
    const { total, next } = JSON.parse(first) as { total: number; next: string };
    if (total !== VIDEOS) throw new Error(`Expected ${VIDEOS} videos in the list, got ${total}`);

    const bare = fork(new URL(import.meta.url), [], { env: { ...env, PAGE: first } });
    children.push(bare);
    const [bareUrl] = (await once(bare, 'message')) as [string];
    const bareBefore = await load(BARE_SECONDS, () => bareUrl, {}, agent);

    let heard = 0;
    for (let reader = 0; reader < READERS; reader++) {
      get(`${url}/v1/events`, { headers, agent: false }, (answer) => {
        answer.on('data', () => {
          heard++;
        });
        answer.on('error', () => {});
      }).on('error', () => {});
    }
    await using producer = createProducer({ redis: redis.url });
    let submitted = 0;
    const submitting = setInterval(() => {
      void producer.describe({ source: `https://videos.example/${submitted++}.mp4` }).catch(() => {});
    }, SUBMIT_EVERY_MS);
    const paths = ['', '?tag=dog', '?state=completed&sort=name', '?q=dog%20running', `?cursor=${next}`];
    await load(5, (at) => `${url}/v1/videos${paths[at % paths.length]}`, headers, agent);
    const memory = async () => {
      server.send('memory');
      return ((await once(server, 'message')) as [Held])[0];
    };
    const partS = SECONDS / PARTS;
    const [parts, memories]: [Latencies[], Held[]] = [[], [await memory()]];
    for (let part = 0; part < PARTS; part++) {
      parts.push(await load(partS, (at) => `${url}/v1/videos${paths[at % paths.length]}`, headers, agent));
      memories.push(await memory());
    }
    clearInterval(submitting);
    const bareAfter = await load(BARE_SECONDS, () => bareUrl, {}, agent);
    for (const [part, measured] of parts.entries()) report(`list, part ${part + 1}`, measured);
    report('bare, before', bareBefore);
    report('bare, after', bareAfter);
    const bareP99 = Math.max(bareBefore.p99, bareAfter.p99);
    console.log(`list / bare at p99: ${parts.map(({ p99 }) => (p99 / bareP99).toFixed(1)).join(', ')} times`);
    console.log(`${READERS} readers heard ${heard} pieces of ${submitted} submissions`);
    for (const [part, { residentBytes, heapBytes, externalBytes }] of memories.entries()) {
      const [resident, heap, external] = [residentBytes, heapBytes, externalBytes].map((bytes) =>
        (bytes / 1e6).toFixed(1),
      );
      console.log(
        `memory after ${Math.round(part * partS)} s: ${resident} MB; after a collection ${heap} MB of heap, ${external} MB beside it`,
      );
    }
    agent.destroy();
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
  process.exit(0);
}

function report(what: string, { p50, p99, worst, errors, requests }: Latencies): void {
  const times = [p50, p99, worst].map((ms) => ms.toFixed(1)).join(' / ');
  console.log(`${what}: p50 / p99 / worst ${times} ms, ${errors} errors of ${requests} requests`);
}

async function load(
  seconds: number,
  urlOf: (at: number) => string,
  headers: Record<string, string>,
  agent: Agent,
): Promise<Latencies> {
  const times: number[] = [];
  let errors = 0;
  const start = performance.now();
  const underWay: Promise<void>[] = [];
  for (let at = 0; at < seconds * A_SECOND; at++) {
    const due = start + (at * 1000) / A_SECOND;
    const early = due - performance.now();
    if (early > 1) await sleep(early);
    underWay.push(
      read(urlOf(at), headers, agent).then(
        () => void times.push(performance.now() - due),
        () => void errors++,
      ),
    );
  }
  await Promise.all(underWay);
  times.sort((a, b) => a - b);
  const of = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { p50: of(0.5), p99: of(0.99), worst: of(1), errors, requests: underWay.length };
}

function read(url: string, headers: Record<string, string>, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

/** What a child says on stderr that looks like this. */
function said(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const found = pattern.exec(text);
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`Expected the server to go on, it ended:\n${text}`)));
  });
}

/** The route that does nothing but send. */
async function serveBare(): Promise<void> {
  const page = JSON.parse(process.env.PAGE ?? '[]');
  const app = Fastify();
  app.get('/', async () => page);
  process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }));
}

/** A small made-up result, written as it would lie there. */
async function putVideo(store: string, number: number): Promise<void> {
  const folder = join(store, `tape-${number}`);
  await mkdir(folder, { recursive: true });
  const [thing = '', other = ''] = [THINGS[number % THINGS.length], THINGS[(number * 7) % THINGS.length]];
  const texts = Array.from(
    { length: 8 },
    (_, at) => `a ${at % 2 ? thing : other} is ${ACTIONS[(number + at) % ACTIONS.length]}`,
  );
  const hash = createHash('sha256').update(String(number)).digest('hex');
  const keyframes = texts.map((text, at) => {
    const [id, timeMs] = [`k000${at + 1}`, at * 5_000];
    const caption = { text, confidence: 0.8, uncertain: false, logProbability: -1, tokens: [] };
    const picture = {
      image: `keyframes/${id}.jpg`,
      sha256: hash,
      width: 640,
      height: 360,
      sharpness: 1,
      brightness: 0.5,
    };
    return { id, shot: `s000${at + 1}`, timeMs, time: `${timeMs}/1000`, ...picture, captions: [caption] };
  });
  const result = {
    schema: 'framescribe/result@1',
    video: {
      ...{
        source: `tape-${number}.mp4`,
        sha256: hash,
        bytes: 1_000,
        container: 'mov',
        codec: 'h264',
        pixelFormat: 'yuv420p',
      },
      ...{ durationMs: 40_000, width: 640, height: 360, displayWidth: 640, displayHeight: 360, rotation: 0 },
      ...{ sampleAspectRatio: '1/1', timeBase: '1/1000', frameRate: '25/1', variableFrameRate: false },
      ...{ interlaced: false, alpha: false, hdr: false },
    },
    model: { name: 'made-up', version: '1.0.0', digest: `sha256:${hash}`, cell: 'lstm', licence: 'none' },
    options: { windowMs: 10_000, maxKeyframes: 100, beam: 3, nBest: 1, attention: false },
    shots: keyframes.map(({ id, shot, timeMs }) => {
      return { id: shot, startMs: timeMs, endMs: timeMs + 5_000, transition: 'cut', keyframes: [id] };
    }),
    keyframes,
    chapters: [],
    tags: [thing, other].map((name) => ({ name, confidence: 0.8, instances: [{ startMs: 0, endMs: 40_000 }] })),
    summary: { text: `${texts[0]}.`, sentences: [] },
    warnings: [],
    digest: `sha256:${hash}`,
  };
  const bytes = Buffer.from(JSON.stringify(result));
  const entry = {
    name: 'result.json',
    bytes: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  await writeFile(join(folder, 'result.json'), bytes);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ schema: 'framescribe/manifest@1', files: [entry] }));
}
