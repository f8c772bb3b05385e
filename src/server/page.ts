import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { packageRoot } from '../pipeline/load-config.ts';
import type { Api } from './api.ts';
import { PROBLEM_TYPE, tell } from './problems.ts';

const MISSING =
  'The page of this server isn’t built: run `npm run build`. The API is at /v1, its description at /docs.\n';
/** Paths of these never mean the page. */
const OTHERS = /^\/(v1|docs|admin|assets|metrics|healthz|readyz)(\/|$)/;

/** The page: its files under `/assets` are named by their content and kept for ever; every other path is the page itself. */
export async function addPage(api: Api): Promise<void> {
  const folder = join(packageRoot(), 'dist', 'web');
  const isBuilt = existsSync(join(folder, 'index.html'));
  await api.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, need: 'public' };
      route.schema = { ...route.schema, hide: true };
    });
    if (!isBuilt) return;
    await inner.register(fastifyStatic, {
      root: folder,
      index: false,
      // Otherwise the folder itself is forbidden, where it should be the page.
      wildcard: false,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isNamedByContent = path.startsWith(join(folder, 'assets'));
        reply.setHeader('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  });
  api.setNotFoundHandler(async (request, reply) => {
    const [path = ''] = request.url.split('?');
    const isForPeople =
      ['GET', 'HEAD'].includes(request.method) && (request.headers.accept ?? '').includes('text/html');
    if (!isForPeople || OTHERS.test(path)) {
      const problem = tell(
        'ROUTE_NOT_FOUND',
        `Expected a path and a method of the API, got ${request.method} ${path.slice(0, 200)}`,
      );
      return reply.code(404).type(PROBLEM_TYPE).send(JSON.stringify(problem));
    }
    if (!isBuilt) return reply.code(404).type('text/plain; charset=utf-8').send(MISSING);
    const page = await readFile(join(folder, 'index.html'));
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
}
