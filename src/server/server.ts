import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import Fastify, { type FastifyRequest, type RouteOptions } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { listOf } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { type Caller, requireScope } from './access.ts';
import type { Api } from './api.ts';
import { addBoard } from './board.ts';
import { addDocs } from './docs.ts';
import { openLimits } from './limits.ts';
import type { LinkOrigins } from './link-origins.ts';
import { addPage } from './page.ts';
import { answerProblem, PROBLEM_TYPE, tell } from './problems.ts';
import type { Rooms } from './rooms.ts';
import { editRoutes } from './routes/edits.ts';
import { eventRoutes } from './routes/events.ts';
import { fileRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { sessionRoutes } from './routes/session.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { videoRoutes } from './routes/videos.ts';
import { countServer } from './server-metrics.ts';
import { addHeaders, checkExposure, limitSlowBodies, refuseOtherSites } from './shield.ts';
import { UPLOADS_PATH } from './uploads.ts';

const NOBODY: Caller = { token: null, name: null, scopes: [] };
/** A large piece of an upload takes its time; whoever sends nothing is gone before. */
const UPLOAD_REQUEST_MS = 3_600_000;
const SILENT_MS = 60_000;
const LONGEST_PARAMETER = 300;
/** Wrong tokens from one address within a minute. */
const FAILURES_PER_MINUTE = 60;

/**
 * The API and the page, not listening yet.
 *
 * @param links where pictures and videos in S3 are.
 * @param stopping aborted once the server is told to end.
 * @throws {FramescribeError} CONFIG_INVALID
 */
export async function buildServer(rooms: Rooms, links: LinkOrigins, stopping: AbortSignal): Promise<Api> {
  const { config, log, access, streams } = rooms;
  const { server } = config;
  const answer = answerProblem(log, rooms.plain);
  checkExposure(server);
  const proxies = listOf(server.trustedProxies);
  const api: Api = Fastify({
    logger: false,
    genReqId: () => randomUUID(),
    trustProxy: proxies.length === 0 ? false : [...proxies],
    bodyLimit: server.maxBodyBytes,
    requestTimeout: UPLOAD_REQUEST_MS,
    connectionTimeout: SILENT_MS,
    http: { headersTimeout: server.requestMs, connectionsCheckingInterval: Math.min(server.requestMs, 5_000) },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // What comes over a connection that is still open is answered too, and is the last there.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
    clientErrorHandler: refuseNonsense,
  }).withTypeProvider<ZodTypeProvider>();
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  api.setErrorHandler(answer);
  api.decorateRequest('caller');

  const routes: RouteOptions[] = [];
  api.addHook('onRoute', (route) => void routes.push(route));
  api.addHook('onReady', async () => requireNeeds(routes));

  await addHeaders(api, links, server.publicUrl.startsWith('https:'));
  const limit = await openLimits(api, rooms.counters);
  const [limitCaller, limitFailures] = [
    limit('requests', server.requestsPerMinute),
    limit('failures', FAILURES_PER_MINUTE),
  ];

  api.addHook('onRequest', async (request, reply) => {
    const need = request.routeOptions.config.need ?? 'public';
    refuseOtherSites(request, server);
    request.caller = NOBODY;
    if (need !== 'public') {
      request.caller = await access.identify(request).catch(async (error) => {
        await limitFailures(request, reply);
        reply.header('www-authenticate', 'Bearer realm="framescribe"');
        throw error;
      });
    }
    await limitCaller(request, reply);
    requireScope(request.caller, need);
  });
  const isUpload = ({ routeOptions }: FastifyRequest) => routeOptions.url?.startsWith(UPLOADS_PATH) ?? false;
  limitSlowBodies(api, server.requestMs, isUpload);

  const metrics = countServer(api, streams);
  api.addHook('onClose', async () => metrics[Symbol.dispose]());
  await addDocs(api, server);
  await api.register(async (inner) => {
    const routesOf = inner.withTypeProvider<ZodTypeProvider>() as Api;
    videoRoutes(routesOf, rooms);
    fileRoutes(routesOf, rooms);
    editRoutes(routesOf, rooms);
    eventRoutes(routesOf, rooms);
    sessionRoutes(routesOf, rooms);
    healthRoutes(routesOf, rooms, metrics, stopping);
  });
  await api.register(async (inner) => uploadRoutes(inner.withTypeProvider<ZodTypeProvider>() as Api, rooms));
  await addBoard(api, rooms.queues);
  await addPage(api);
  return api;
}

/** A route that was forgotten would be open to everybody. */
function requireNeeds(routes: readonly RouteOptions[]): void {
  const open = routes.filter(({ config }) => config?.need === undefined).map(({ method, url }) => `${method} ${url}`);
  if (open.length > 0)
    throw new FramescribeError('INTERNAL', `Expected each route to say who may use it: ${open.join(', ')}`);
}

/** What isn't HTTP, or comes too slowly, gets an answer without a request. */
function refuseNonsense(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const problem = isSlow
    ? tell('REQUEST_TIMEOUT', 'Expected the whole request sooner')
    : tell('REQUEST_INVALID', isLong ? 'Expected shorter headers' : 'Expected a request of HTTP/1.1');
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: ${PROBLEM_TYPE}\r\nconnection: close`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
