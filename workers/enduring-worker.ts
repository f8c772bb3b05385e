import { setTimeout as sleep } from 'node:timers/promises';
import { type Processor, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';

/**
 * A worker of BullMQ that outlasts a Redis that is away for longer than a lock lasts. A lock that ran out meanwhile is
 * taken back as long as nobody else has the job, and a job without a lock is given to others only once whoever works at
 * it has had the time to do so. Nobody loses what they have computed to a pause.
 */
export class EnduringWorker extends Worker {
  readonly #redis: Redis;
  readonly #lockMs: number;
  readonly #stop = new AbortController();

  constructor(
    queue: string,
    run: Processor,
    options: WorkerOptions & { readonly connection: Redis; lockDuration: number },
  ) {
    const checkMs = options.lockDuration / 2;
    super(queue, run, { ...options, stalledInterval: checkMs, skipStalledCheck: true });
    this.#redis = options.connection;
    this.#lockMs = options.lockDuration;
    this.#giveAwayStalled(checkMs);
  }

  /** Called by BullMQ now and then for the jobs at hand; tells those whose locks are lost for good. */
  override async extendJobLocks(ids: string[], tokens: string[], durationMs: number): Promise<string[]> {
    const expired = await super.extendJobLocks(ids, tokens, durationMs);
    const lost: string[] = [];
    for (const id of expired) {
      const token = tokens[ids.indexOf(id)] ?? '';
      if (!(await this.#takeBack(id, token, durationMs))) lost.push(id);
    }
    return lost;
  }

  override async close(force?: boolean): Promise<void> {
    this.#stop.abort();
    return super.close(force);
  }

  /** A job that has ended here meanwhile needs no lock any more. */
  async #takeBack(id: string, token: string, durationMs: number): Promise<boolean> {
    if (token === '' || !this.lockManager.getTrackedJobIds().includes(id)) return false;
    const keys = [this.toKey(`${id}:lock`), this.toKey('active'), this.toKey('stalled')];
    return (await this.#redis.eval(TAKE_BACK, keys.length, ...keys, token, durationMs, id)) === 1;
  }

  /** What BullMQ does by itself without a look at how Redis is: moves jobs whose worker has died back into the queue. */
  async #giveAwayStalled(everyMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await sleep(everyMs, undefined, { signal, ref: false });
        const asked = performance.now();
        await this.#redis.ping();
        // It was away, or this process was: others have their locks to renew first.
        if (performance.now() - asked > everyMs) await sleep(this.#lockMs, undefined, { signal, ref: false });
        else for (const id of await this.backend.moveStalledJobsToWait()) this.emit('stalled', id, 'active');
      } catch (error) {
        if (!signal.aborted) this.emit('error', error as Error);
      }
    }
  }
}

/** In one step, as several may try at once. */
const TAKE_BACK = `
  if redis.call('EXISTS', KEYS[1]) == 1 or not redis.call('LPOS', KEYS[2], ARGV[3]) then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  redis.call('SREM', KEYS[3], ARGV[3])
  return 1
`;
