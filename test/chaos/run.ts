import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { canStartRedis } from '../services/redis-server.ts';
import { canStartS3Server } from '../services/s3-server.ts';
import { KINDS, type Kind } from './blows.ts';
import { openCity } from './city.ts';
import { canMakeSmallDisk } from './crew.ts';
import { randomFrom } from './random.ts';
import { table } from './report.ts';
import { playRound, type Round } from './round.ts';

/**
 * `npm run chaos -- --rounds 60 --seed 1 --out chaos.json`: real workers, a real Redis and a real S3 server, and
 * something bad in each round. Prints a table of all rounds of this seed that the file has; exit code 1 where something
 * was lost, doubled, left behind, or computed again without need. What a round does depends on the seed and its number,
 * so `--first 31 --rounds 30` plays the second half.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    kinds: { type: 'string', default: '' },
    out: { type: 'string', default: 'chaos.json' },
  },
});
const OUTAGE_MS = 10_000;
const LATEST_BLOW_MS = 8_000;
const VIDEO_SECONDS = [100, 60, 40];
const MOST_COMPUTED_AGAIN = 1;

process.exitCode = await main();

async function main(): Promise<number> {
  if (!canStartRedis() || !canStartS3Server()) return 2;
  const seed = Number(values.seed);
  await using city = await openCity(randomFrom(seed), VIDEO_SECONDS);
  const chosen = values.kinds === '' ? KINDS : values.kinds.split(',').map((kind) => kind.trim() as Kind);
  const kinds = chosen.filter((kind) => kind !== 'full disk' || canMakeSmallDisk(city.folder));
  if (kinds.length < chosen.length) console.error('Left out "full disk": no disk may be mounted here.');
  const first = Number(values.first);
  for (let number = first; number < first + Number(values.rounds); number++) {
    const kind = kinds[(number - 1) % kinds.length] as Kind;
    const plan = { number, kind, workers: Number(values.workers), latestMs: LATEST_BLOW_MS, outageMs: OUTAGE_MS };
    const round = await playRound(city, randomFrom(seed * 100_003 + number), plan);
    console.error(JSON.stringify({ ...round, said: undefined }));
    await add(round, seed);
  }
  const { rounds } = await read(seed);
  console.log(table(rounds));
  return rounds.some(isBad) ? 1 : 0;
}

function isBad({ faults, jobs, completed, computedAgain }: Round): boolean {
  return faults.length > 0 || completed < jobs || computedAgain > MOST_COMPUTED_AGAIN;
}

interface Played {
  readonly seed: number;
  readonly rounds: readonly Round[];
}

/** What was played with this seed before; nothing of another one. */
async function read(seed: number): Promise<Played> {
  const text = await readFile(values.out, 'utf8').catch(() => null);
  const played = text === null ? null : (JSON.parse(text) as Played);
  return played?.seed === seed ? played : { seed, rounds: [] };
}

async function add(round: Round, seed: number): Promise<void> {
  const others = (await read(seed)).rounds.filter(({ number }) => number !== round.number);
  const rounds = [...others, round].sort((one, other) => one.number - other.number);
  await writeFile(values.out, `${JSON.stringify({ seed, rounds } satisfies Played, null, 2)}\n`);
}
