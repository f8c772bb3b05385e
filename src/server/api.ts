import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Caller, Need } from './access.ts';
import { problem, videoId } from './contract/index.ts';
import { PROBLEM_TYPE } from './problems.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route asks for. Each route says so, or the server doesn't start. */
    need?: Need;
  }
  interface FastifyRequest {
    caller: Caller;
  }
}

/** A server whose routes are typed by their schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export const videoParams = z.strictObject({ id: videoId });

/** Each route may answer with a problem. */
export const problems = {
  default: { description: 'What went wrong', content: { [PROBLEM_TYPE]: { schema: problem } } },
};

const bytes = z.string().meta({ format: 'binary' });

/** The answers of a route that sends a file. */
export function fileAnswers(...types: readonly string[]) {
  const content = Object.fromEntries(types.map((type) => [type, { schema: bytes }]));
  return {
    200: { description: 'All of it', content },
    206: { description: 'The range that was asked for', content },
    304: z.null().describe('Not changed'),
    ...problems,
  };
}

/** The answer of a route that has nothing to say. */
export const nothing = { 204: z.null().describe('Done'), ...problems };
