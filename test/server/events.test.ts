import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { VideoItem } from '../../src/server/contract/index.ts';
import { openEventStreams } from '../../src/server/events.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { readEvents } from './event-reader.ts';
import { openStreet, type Street } from './site.ts';

describe.skipIf(!canStartRedis())('events of a server', { timeout: 30_000 }, () => {
  let street: Street;
  beforeAll(async () => {
    street = await openStreet();
  });
  afterAll(() => street?.[Symbol.asyncDispose]());

  test('are told to a reader who lost the connection before the first one', async () => {
    await using site = await street.site();
    const token = await site.token('read');
    await site.producer.describe({ source: 'https://a.example/before.mp4' });
    let startId: string | null = null;
    {
      await using early = readEvents(`${site.url}/v1/events`, token);
      startId = await early.startId;
    }
    expect(startId).toMatch(/^\d+-\d+$/);
    const missed = await site.producer.describe({ source: 'https://a.example/meanwhile.mp4' });
    await using again = readEvents(`${site.url}/v1/events`, token, startId ?? '');
    await again.until(({ data }) => (data as VideoItem).id === missed.id, 5_000);
    expect(again.seen).toHaveLength(1);
  });
});

test('a stream of events that is let in after the server was told to end ends at once', {
  timeout: 5_000,
}, async () => {
  const streams = openEventStreams(1);
  await using api = Fastify();
  api.get('/events', async (request, reply) => {
    streams[Symbol.dispose]();
    streams.open(
      request,
      reply,
      '1-0',
      async () => true,
      () => {},
    );
  });
  await using reader = readEvents(`${await api.listen({ host: '127.0.0.1', port: 0 })}/events`, 'none');
  await reader.ended;
  expect(await reader.startId).toBe('1-0');
});
