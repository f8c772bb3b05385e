import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { OpenQueues } from '../queue/board.ts';
import type { Api } from './api.ts';
import { problemOf } from './problems.ts';

const PATH = '/admin/queues';
/** It has styles in its page, and asks for a typeface elsewhere, which it doesn't get. */
const POLICY = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'`;

/** BullMQ's board, for administrators. */
export async function addBoard(api: Api, { queues }: OpenQueues): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(PATH);
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter: adapter });
  adapter.setErrorHandler((error) => {
    const problem = problemOf(error);
    return { status: problem.status as 500, body: problem };
  });
  await api.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, need: 'admin' };
      route.schema = { ...route.schema, hide: true };
    });
    // Its own requests have bodies that its own code checks.
    inner.setValidatorCompiler(() => () => true);
    inner.addHook('onSend', async (_, reply) => void reply.header('content-security-policy', POLICY));
    await inner.register(adapter.registerPlugin(), { prefix: PATH });
  });
}
