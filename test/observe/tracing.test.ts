import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { framescribe } from '../integration/framescribe.ts';
import { openTown, type Town, until, work } from '../integration/queue-site.ts';
import { canStartRedis } from '../services/redis-server.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly service: string;
}

const [PRODUCER, CONSUMER] = [4, 5];
const CANARY = 'canary-0dd5ee';

describe.skipIf(!canStartRedis())('traces', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test('lead from whoever submits a video to the worker that describes it, and hold no secret', async () => {
    await using collector = await startCollector();
    await using site = town.site({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${CANARY}`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      FRAMESCRIBE_QUEUE_WEBHOOK_SECRET: `whsec_${Buffer.from(CANARY).toString('base64')}`,
    });
    await using worker = await work(site.env);
    const query = `?X-Amz-Expires=9&note=${CANARY}`;
    const sources = [town.clip, `https://127.0.0.1/clip.mp4${query}`];
    const submitted = await framescribe(['submit', '--wait', ...sources], site.env);
    expect(submitted.exitCode, submitted.stderr).toBe(3);
    worker.child.kill('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    await until(() => collector.spans().filter(({ kind }) => kind === CONSUMER).length >= 2, 5_000);

    const spans = collector.spans();
    const added = spans.filter(({ name, kind }) => kind === PRODUCER && name.startsWith('add describe'));
    expect(added.map(({ service }) => service)).toEqual(['framescribe-cli', 'framescribe-cli']);
    for (const { traceId, spanId } of added) {
      const processed = spans.find((span) => span.parentSpanId === spanId && span.name.startsWith('process describe'));
      expect(processed).toMatchObject({ traceId, kind: CONSUMER, service: 'framescribe-worker' });
    }
    expect(new Set(added.map(({ traceId }) => traceId)).size).toBe(2);
    const text = collector.text();
    expect(collector.headers()).toContain(CANARY);
    expect(text).toContain('"deployment.environment"');
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(Buffer.from(CANARY).toString('base64'));
    expect(text).not.toContain('bullmq.job.result');
    expect(text).toContain('SOURCE_REFUSED_ADDRESS');
  });

  test('are not made, and a job carries nothing of them, where nobody asks for them', async () => {
    await using collector = await startCollector();
    await using site = town.site({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' });
    await using _worker = await work(site.env);
    expect((await framescribe(['submit', '--wait', town.clip], site.env)).exitCode).toBe(0);
    expect(collector.text()).toBe('');
  });
});

/** Takes OTLP as JSON over HTTP. */
async function startCollector() {
  const bodies: string[] = [];
  const headers: string[] = [];
  const server = createServer(async (request, response) => {
    headers.push(JSON.stringify(request.headers));
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const spans = (): readonly Span[] =>
    bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap(
        (part: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Omit<Span, 'service'>[] }[] }) => {
          const service = part.resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
          return part.scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
        },
      ),
    );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    text: () => bodies.join('\n'),
    headers: () => headers.join('\n'),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
