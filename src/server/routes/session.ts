import { packageVersion } from '../../pipeline/load-config.ts';
import { type Api, nothing, problems } from '../api.ts';
import { login, overview, sessionFacts } from '../contract/index.ts';
import { sessionCookie } from '../cookie.ts';
import type { Rooms } from '../rooms.ts';

const tags = ['server'];

export function sessionRoutes(api: Api, { config, access, uploads, operator }: Rooms): void {
  const version = packageVersion();
  const { server } = config;

  api.post(
    '/v1/session',
    {
      config: { need: 'public' },
      schema: {
        tags,
        summary: 'Begin a session of a browser: a cookie that scripts can’t read',
        body: login,
        response: nothing,
      },
    },
    async ({ body }, reply) => {
      await access.check(body.token);
      return reply.code(204).header('set-cookie', sessionCookie(body.token, server)).send(null);
    },
  );

  api.delete(
    '/v1/session',
    { config: { need: 'public' }, schema: { tags, summary: 'End the session', response: nothing } },
    async (_, reply) => reply.code(204).header('set-cookie', sessionCookie('', server)).send(null),
  );

  api.get(
    '/v1/session',
    {
      config: { need: 'any' },
      schema: { tags, summary: 'Who asks, and what they may do', response: { 200: sessionFacts, ...problems } },
    },
    async ({ caller }) => ({
      ...{ authentication: server.authentication, name: caller.name, scopes: [...caller.scopes], version },
      uploads: uploads && { maxBytes: uploads.maxBytes },
    }),
  );

  api.get(
    '/v1/overview',
    {
      config: { need: 'read' },
      schema: { tags, summary: 'All queues and workers', response: { 200: overview, ...problems } },
    },
    async () => {
      const { queues, workers } = await operator.overview();
      return {
        queues: queues.map(({ counts, ...queue }) => ({ ...queue, counts: { ...counts } })),
        workers: [...workers],
      };
    },
  );
}
