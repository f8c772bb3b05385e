import { setTimeout as sleep } from 'node:timers/promises';
import type { City } from './city.ts';
import type { Berth } from './crew.ts';
import type { Random } from './random.ts';

export const KINDS = ['kill worker', 'freeze worker', 'restart redis', 'pause redis', 'stop s3', 'full disk'] as const;
export type Kind = (typeof KINDS)[number];

export const LOCK_MS = 2_000;

export interface Scene {
  readonly city: City;
  readonly berths: readonly Berth[];
  readonly random: Random;
  /** How long the servers stay away. */
  readonly outageMs: number;
  /** Settles when every job has ended. */
  readonly ended: Promise<unknown>;
}

/** Strikes once, and puts right again what nobody else would. Tells what was done, for the log. */
export const BLOWS: Readonly<Record<Kind, (scene: Scene) => Promise<string>>> = {
  'kill worker': async ({ berths, random }) => {
    const index = random.whole(0, berths.length);
    const berth = berths[index] as Berth;
    const everything = random.between(0, 1) < 0.5;
    // A machine that is gone takes all with it; a worker alone that is gone leaves its children to notice.
    const children = everything ? berth.pids.slice(1) : [];
    await berth.kill();
    for (const pid of children) signal(pid, 'SIGKILL');
    await berth.start();
    return `worker ${index}${everything ? ' and its children' : ''}`;
  },
  'freeze worker': async ({ berths, random, ended }) => {
    const index = random.whole(0, berths.length);
    const frozen = (berths[index] as Berth).pids;
    const untilEnd = random.between(0, 1) < 0.5;
    const frozenMs = LOCK_MS * random.between(1.5, 4);
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    await Promise.all([sleep(frozenMs), untilEnd && ended]);
    for (const pid of frozen) signal(pid, 'SIGCONT');
    return `worker ${index} for ${untilEnd ? 'as long as others worked' : `${Math.round(frozenMs)} ms`}`;
  },
  'restart redis': async ({ city }) => {
    await city.redis.restart();
    return 'killed, started with its log';
  },
  'pause redis': async ({ city, outageMs }) => {
    city.redis.pause();
    await sleep(outageMs);
    city.redis.resume();
    return `for ${outageMs} ms`;
  },
  'stop s3': async ({ city, outageMs }) => {
    await city.s3.crash();
    await sleep(outageMs);
    await city.s3.startAgain();
    return `for ${outageMs} ms`;
  },
  'full disk': async ({ berths, random }) => {
    const berth = berths[0] as Berth;
    const fullMs = Math.round(random.between(2_000, 8_000));
    await berth.fill();
    await sleep(fullMs);
    await berth.empty();
    return `worker 0 for ${fullMs} ms`;
  },
};

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
