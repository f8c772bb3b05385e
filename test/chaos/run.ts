import { writeFile } from 'node:fs/promises';
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
 * `npm run chaos -- --rounds 50 --seed 1 --out chaos.json`: real workers, a real Redis and a real S3 server, and
 * something bad in each round. Prints a table; exit code 1 where something was lost, doubled or left behind.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    kinds: { type: 'string', default: '' },
    out: { type: 'string', default: 'chaos.json' },
  },
});
const OUTAGE_MS = 10_000;
const LATEST_BLOW_MS = 5_000;
const VIDEO_SECONDS = [100, 60, 40];

process.exitCode = await main();

async function main(): Promise<number> {
  if (!canStartRedis() || !canStartS3Server()) return 2;
  const seed = Number(values.seed);
  const random = randomFrom(seed);
  await using city = await openCity(random, VIDEO_SECONDS);
  const chosen = values.kinds === '' ? KINDS : values.kinds.split(',').map((kind) => kind.trim() as Kind);
  const kinds = chosen.filter((kind) => kind !== 'full disk' || canMakeSmallDisk(city.folder));
  if (kinds.length < chosen.length) console.error('Left out "full disk": no disk may be mounted here.');
  const rounds: Round[] = [];
  for (let number = 1; number <= Number(values.rounds); number++) {
    const kind = kinds[(number - 1) % kinds.length] as Kind;
    const plan = { number, kind, workers: Number(values.workers), latestMs: LATEST_BLOW_MS, outageMs: OUTAGE_MS };
    const round = await playRound(city, random, plan);
    rounds.push(round);
    console.error(JSON.stringify({ ...round, said: undefined }));
  }
  await writeFile(values.out, `${JSON.stringify({ seed, workers: Number(values.workers), rounds }, null, 2)}\n`);
  console.log(table(rounds));
  return rounds.some(({ faults, jobs, completed }) => faults.length > 0 || completed < jobs) ? 1 : 0;
}
