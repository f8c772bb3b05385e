import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { canStartRedis, startRedis } from '../services/redis-server.ts';
import { canStartS3Server, startS3Server } from '../services/s3-server.ts';
import { playKilledBackfill } from './killed-backfill.ts';
import { randomFrom } from './random.ts';

/**
 * `npx tsx test/chaos/backfill.ts --tapes 2000`: a run over a bucket of tiny tapes, with the run and a worker killed at
 * random instants. Prints what was found; exit code 1 where something was lost or done twice.
 *
 * `--turn 'program …'`: on a machine that others use too, a program that says `go` when it's our turn, and ends when the
 * turn is over. Between turns the run is paused.
 */
const { values } = parseArgs({
  options: {
    tapes: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '3' },
    kills: { type: 'string', default: '3' },
    waiting: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    turn: { type: 'string' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (!canStartRedis() || !canStartS3Server()) return 2;
  const { turn } = values;
  const waiting = Number(values.waiting);
  const plan = {
    ...{ tapes: Number(values.tapes), workers: Number(values.workers), kills: Number(values.kills), waiting },
    random: randomFrom(Number(values.seed)),
    say: (line: string) => console.error(line),
    ...(turn !== undefined && { turn: () => takeTurn(turn) }),
  };
  await using redis = await startRedis();
  const server = await startS3Server();
  const played = await playKilledBackfill(plan, redis, server).finally(() => server.stop());
  const { described, tapes, failures, report, ...facts } = played;
  const all = tapes.good.length + tapes.bad.length;
  const faults = [
    facts.results === tapes.good.length ? '' : `results: ${facts.results} of ${tapes.good.length}`,
    described.size === tapes.good.length ? '' : `different videos: ${described.size} of ${tapes.good.length}`,
    report.completed === tapes.good.length ? '' : `completed by the report: ${report.completed}`,
    failures.length === tapes.bad.length ? '' : `failures: ${failures.length} of ${tapes.bad.length}`,
    facts.added === all + facts.withdrawn ? '' : `added to the queue: ${facts.added} of ${all} and ${facts.withdrawn}`,
    facts.taken <= all + facts.atHand ? '' : `taken by workers: ${facts.taken} of ${all} and ${facts.atHand}`,
    facts.waitingAtMost <= waiting ? '' : `waiting at the same time: ${facts.waitingAtMost}`,
  ].filter((fault) => fault !== '');
  console.log(JSON.stringify({ all, ...facts, faults, report }, null, 2));
  return faults.length > 0 ? 1 : 0;
}

async function takeTurn(command: string): Promise<{ readonly isOver: () => boolean }> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let isOver = false;
  child.once('exit', () => {
    isOver = true;
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return { isOver: () => isOver };
}
