import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ask, connectProducer } from './redis.ts';

/** `admin` may do all that the others may; `submit` doesn't include `read`. */
export const scope = z.enum(['read', 'submit', 'admin']);
export type Scope = z.infer<typeof scope>;

const storedToken = z.strictObject({
  name: z.string(),
  scopes: z.array(scope),
  /** SHA-256 of the secret, which has 256 random bits: no slower hash is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdMs: z.number(),
  expiresMs: z.number().nullable(),
});

/** A token without its secret. */
export interface TokenFacts {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly expiresMs: number | null;
}

/** A token as it's kept. */
export interface StoredToken extends TokenFacts {
  readonly hash: string;
}

/** Tokens for the server's API, in Redis: all servers that share it know them within seconds. */
export interface TokenStore extends AsyncDisposable {
  /** The token itself is told here, once, and kept nowhere. */
  create(
    name: string,
    scopes: readonly Scope[],
    lifeMs: number | null,
  ): Promise<{ readonly token: string } & TokenFacts>;
  list(): Promise<readonly StoredToken[]>;
  /** Tells whether there was one. */
  revoke(id: string): Promise<boolean>;
}

const TOKEN = /^fs_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** Opens the tokens of a queue's Redis. Every call ends within `answerMs`, with QUEUE_UNAVAILABLE without Redis. */
export function openTokens(url: string, prefix: string, answerMs: number): TokenStore {
  const redis: Redis = connectProducer(url, answerMs);
  const key = `${prefix}:tokens`;
  const answer = <T>(question: () => Promise<T>) => ask(redis, answerMs, question);
  return {
    create: async (name, scopes, lifeMs) => {
      const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(32).toString('base64url')];
      const createdMs = Date.now();
      const facts = { name, scopes: [...scopes], createdMs, expiresMs: lifeMs === null ? null : createdMs + lifeMs };
      await answer(() => redis.hset(key, id, JSON.stringify({ ...facts, hash: hashOf(secret) })));
      return { token: `fs_${id}_${secret}`, id, ...facts };
    },
    list: async () => {
      const lines = Object.entries(await answer(() => redis.hgetall(key)));
      return lines.flatMap(([id, line]) => readToken(id, line)).sort((a, b) => a.createdMs - b.createdMs);
    },
    revoke: async (id) => (await answer(() => redis.hdel(key, id))) > 0,
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

/** The one of these that a text is the secret of; null where it's none, or expired. Takes the same time for each. */
export function matchToken(text: string, tokens: readonly StoredToken[], nowMs: number): StoredToken | null {
  const [, id = '', secret = ''] = TOKEN.exec(text) ?? [];
  const found = tokens.find((token) => token.id === id);
  const isRight = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(found?.hash ?? NOBODY));
  return found && isRight && (found.expiresMs === null || found.expiresMs > nowMs) ? found : null;
}

const NOBODY = '0'.repeat(64);

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function readToken(id: string, line: string): readonly StoredToken[] {
  try {
    return [{ id, ...storedToken.parse(JSON.parse(line)) }];
  } catch {
    return []; // Of another version: nobody gets in by it.
  }
}
