import type { FastifyRequest } from 'fastify';
import type { Config } from '../domain/config.ts';

const MAX_AGE_S = 7 * 86_400;

/**
 * The cookie of a browser's session holds its token: out of reach for scripts (`HttpOnly`) and never sent from another
 * site (`SameSite=Strict`). A revoked token ends its sessions.
 */
export function sessionCookie(token: string, settings: Config['server']): string {
  const isSecure = settings.publicUrl.startsWith('https:');
  const life = token === '' ? 'Max-Age=0' : `Max-Age=${MAX_AGE_S}`;
  return `${nameOf(isSecure)}=${token}; Path=/; HttpOnly; SameSite=Strict; ${life}${isSecure ? '; Secure' : ''}`;
}

/** The token of a session; null where there is none. */
export function readCookie({ headers }: FastifyRequest): string | null {
  const [, token = null] =
    /(?:^|;\s*)(?:__Host-)?framescribe=(fs_[A-Za-z0-9_-]{1,200})(?:;|$)/.exec(headers.cookie ?? '') ?? [];
  return token;
}

/** Browsers take a name with this prefix from the host itself only, by https. */
function nameOf(isSecure: boolean): string {
  return isSecure ? '__Host-framescribe' : 'framescribe';
}
