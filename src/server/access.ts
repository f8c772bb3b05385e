import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { matchToken, type Scope, type StoredToken, type TokenStore } from '../queue/tokens.ts';
import { readCookie } from './cookie.ts';

/** Who asks. */
export interface Caller {
  /** Of the token; null where nobody is asked for one. */
  readonly token: string | null;
  readonly name: string | null;
  readonly scopes: readonly Scope[];
}

/** What a route asks for: a scope, any valid token, or nothing. */
export type Need = Scope | 'any' | 'public';

export interface Access {
  /**
   * @throws {FramescribeError} UNAUTHENTICATED
   */
  identify(request: FastifyRequest): Promise<Caller>;
  /** @throws {FramescribeError} UNAUTHENTICATED */
  check(token: string): Promise<Caller>;
}

const EVERYBODY: Caller = { token: null, name: null, scopes: ['read', 'submit', 'admin'] };
/** A new token works, and a revoked one doesn't, after this. */
const FRESH_MS = 2_000;
/** A Redis that doesn't answer makes nobody wait for longer. */
const PATIENCE_MS = 250;
/** With Redis away those that were known go on for this long. */
const STALE_MS = 600_000;

export function openAccess({ authentication }: Config['server'], tokens: TokenStore): Access {
  let known: readonly StoredToken[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  const read = async () => {
    try {
      known = await tokens.list();
      readAt = performance.now();
    } catch (error) {
      if (performance.now() - readAt > STALE_MS) throw error;
    } finally {
      reading = null;
    }
  };
  const find = async (text: string): Promise<StoredToken | null> => {
    if (performance.now() - readAt > FRESH_MS) {
      reading ??= read();
      await (performance.now() - readAt > STALE_MS
        ? reading
        : Promise.race([reading, sleep(PATIENCE_MS, undefined, { ref: false })]));
    }
    return matchToken(text, known, Date.now());
  };
  const check = async (text: string): Promise<Caller> => {
    const token = await find(text);
    if (token !== null) return { token: token.id, name: token.name, scopes: token.scopes };
    throw new FramescribeError('UNAUTHENTICATED', 'Expected a token that is known, and neither revoked nor expired');
  };
  return {
    check,
    identify: async (request) => {
      if (!authentication) return EVERYBODY;
      const text = bearerOf(request) ?? readCookie(request);
      if (text !== null) return check(text);
      throw new FramescribeError(
        'UNAUTHENTICATED',
        'Expected an Authorization header with a Bearer token, or a session',
      );
    },
  };
}

/** @throws {FramescribeError} FORBIDDEN */
export function requireScope({ scopes }: Caller, need: Need): void {
  if (need === 'public' || need === 'any' || scopes.includes(need) || scopes.includes('admin')) return;
  throw new FramescribeError(
    'FORBIDDEN',
    `Expected a token with the scope ${need}, got ${scopes.join(', ') || 'none'}`,
  );
}

/** Null where there is none. */
export function bearerOf({ headers }: FastifyRequest): string | null {
  const [, token = null] = /^Bearer +(\S{1,200})$/i.exec(headers.authorization ?? '') ?? [];
  return token;
}
