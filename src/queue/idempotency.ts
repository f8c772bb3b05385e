import { createHash } from 'node:crypto';
import { FramescribeError } from '../domain/errors.ts';
import { ask, connectProducer } from './redis.ts';

/** Remembers for a day which request was made with a key that its sender chose. */
export interface IdempotencyKeys extends AsyncDisposable {
  /**
   * Does something once for a key of a caller: the same request again gets the same answer.
   *
   * @param work makes the id of a job, and may be done again where its answer was lost.
   * @throws {FramescribeError} IDEMPOTENCY_MISMATCH: the key came with another request before.
   */
  once(caller: string, key: string, request: unknown, work: () => Promise<string>): Promise<string>;
}

const DAY_S = 86_400;

export function openIdempotencyKeys(url: string, prefix: string, answerMs: number): IdempotencyKeys {
  const redis = connectProducer(url, answerMs);
  return {
    once: async (caller, key, request, work) => {
      const place = `${prefix}:idempotency:${hashOf([caller, key])}`;
      const fingerprint = hashOf(request);
      const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);
      const isFirst = (await answer(() => redis.set(place, fingerprint, 'EX', DAY_S, 'NX'))) === 'OK';
      const [known = '', id] = isFirst ? [fingerprint] : ((await answer(() => redis.get(place))) ?? '').split(' ');
      if (known !== fingerprint && known !== '') {
        throw new FramescribeError(
          'IDEMPOTENCY_MISMATCH',
          'Expected the request that this Idempotency-Key came with before',
        );
      }
      if (id !== undefined) return id;
      const made = await work();
      await answer(() => redis.set(place, `${fingerprint} ${made}`, 'EX', DAY_S));
      return made;
    },
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
