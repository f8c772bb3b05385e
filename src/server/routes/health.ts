import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import type { Rooms } from '../rooms.ts';
import type { ServerMetrics } from '../server-metrics.ts';

const tags = ['server'];
const text = (description: string) => ({ description, content: { 'text/plain': { schema: z.string() } } });

export function healthRoutes(api: Api, { operator }: Rooms, metrics: ServerMetrics, stopping: AbortSignal): void {
  const unready = async () => {
    if (stopping.aborted) return 'stopping';
    return operator.overview().then(
      () => null,
      () => 'no Redis',
    );
  };

  api.get(
    '/healthz',
    {
      config: { need: 'public' },
      schema: { tags, summary: 'Whether the process answers', response: { 200: text('It does'), ...problems } },
    },
    async (_, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'),
  );

  api.get(
    '/readyz',
    {
      config: { need: 'public' },
      schema: {
        tags,
        summary: 'Whether it can take work',
        response: { 200: text('It can'), 503: text('It can’t, and why'), ...problems },
      },
    },
    async (_, reply) => {
      const reason = await unready();
      reply.type('text/plain; charset=utf-8').code(reason === null ? 200 : 503);
      return reply.send(`${reason ?? 'ready'}\n`);
    },
  );

  api.get(
    '/metrics',
    {
      config: { need: 'admin' },
      schema: { tags, summary: 'For Prometheus', response: { 200: text('Metrics in its text format'), ...problems } },
    },
    async (_, reply) => {
      const { contentType, text } = await metrics.read();
      return reply.type(contentType).send(text);
    },
  );
}
