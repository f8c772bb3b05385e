import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { bearerOf } from './access.ts';
import type { LinkOrigins } from './link-origins.ts';
import { isLoopback } from './loopback.ts';
import { PROBLEM_TYPE, tell } from './problems.ts';

/** @throws {FramescribeError} CONFIG_INVALID: nobody is asked for a token where others can reach it. */
export function checkExposure({ host, authentication }: Config['server']): void {
  if (authentication || isLoopback(host)) return;
  throw new FramescribeError(
    'CONFIG_INVALID',
    `Expected server.authentication to be on, as server.host ${host} can be reached by others`,
  );
}

/** Headers that tell a browser to trust nothing but this server. Pictures and videos may come from their buckets too. */
export async function addHeaders(app: FastifyInstance, links: LinkOrigins, isSecure: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', ...links.pictures],
        mediaSrc: ["'self'", 'blob:', ...links.videos],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isSecure ? { maxAge: 15_552_000 } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

/** For what comes from others, should a browser ever show it as a page: no script, no form, no origin. */
export const FOREIGN_CONTENT =
  "sandbox; default-src 'none'; img-src data:; media-src 'self'; style-src 'unsafe-inline'";

/**
 * Refuses what a page of another site makes a browser send. With a token in a header there is nothing to fear: no other
 * site knows it.
 *
 * @throws {FramescribeError} FORBIDDEN
 */
export function refuseOtherSites(request: FastifyRequest, { authentication, host, publicUrl }: Config['server']): void {
  const { headers, hostname, method } = request;
  // A name that leads to this machine since a moment ago belongs to another site all the same.
  if (!authentication && !isLoopback(hostname) && hostname !== host) {
    throw new FramescribeError('FORBIDDEN', 'Expected this server to be asked by the name localhost');
  }
  if (['GET', 'HEAD', 'OPTIONS'].includes(method) || bearerOf(request) !== null) return;
  const { origin, 'sec-fetch-site': site } = headers;
  if (typeof site === 'string') {
    if (site === 'same-origin' || site === 'none') return;
  } else if (origin === undefined || hostOf(origin) === headers.host || hostOf(origin) === hostOf(publicUrl)) return;
  throw new FramescribeError(
    'FORBIDDEN',
    'Expected a request of this server’s own page, or one with a token in its header',
  );
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}

/** Ends requests whose body comes too slowly. Uploads have time-outs of their own. */
export function limitSlowBodies(
  app: FastifyInstance,
  requestMs: number,
  isUpload: (request: FastifyRequest) => boolean,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const { raw } = request;
    if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) return;
    if (isUpload(request)) return;
    const timer = setTimeout(() => {
      if (reply.sent) return;
      const problem = tell('REQUEST_TIMEOUT', `Expected the whole request within ${requestMs} ms`);
      reply.raw.writeHead(problem.status, { 'content-type': PROBLEM_TYPE, connection: 'close' });
      reply.hijack();
      reply.raw.end(JSON.stringify(problem), () => raw.destroy());
    }, requestMs);
    raw.once('end', () => clearTimeout(timer));
    raw.once('close', () => clearTimeout(timer));
  });
}
