import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../house/checkout.ts';
import { collect, openTown, type Town, until, work } from '../integration/queue-site.ts';
import { canStartRedis } from '../services/redis-server.ts';
import { readScrape } from './exposition.ts';

describe.skipIf(!canStartRedis())('the port of a worker', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test('tells in Prometheus’ words what it has done, and how it is', async () => {
    const port = await freePort();
    await using site = town.site({ FRAMESCRIBE_OBSERVE_METRICS_PORT: String(port) });
    const { producer, env } = site;
    await using worker = await work(env);
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    expect([await statusOf(get('/healthz')), await statusOf(get('/readyz'))]).toEqual([200, 200]);
    expect(await statusOf(get('/else'))).toBe(404);
    const ids = [town.clip, `${town.folder}/absent.mp4`].map(
      async (source) => (await producer.describe({ source })).id,
    );
    for (const id of ids) await collect(producer.events(await id));
    await until(async () => (await (await get('/metrics')).text()).includes('jobs_failed_total{'), 10_000);

    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const { families, value } = readScrape(await response.text());
    const { used, panels } = readDashboard();
    expect(used.filter((name) => !families.has(name))).toEqual([]);
    expect(
      [...families.keys()].filter((name) => !used.includes(name) && name !== 'framescribe_jobs_taken_total'),
    ).toEqual([]);
    expect(panels).toBeGreaterThan(15);
    const describing = { type: 'describe' };
    expect(value('framescribe_jobs_taken_total', describing)).toBe(2);
    expect(value('framescribe_jobs_completed_total', describing)).toBe(1);
    expect(value('framescribe_jobs_failed_total', { ...describing, code: 'SOURCE_NOT_FOUND' })).toBe(1);
    expect(value('framescribe_jobs', { ...describing, state: 'completed' })).toBe(1);
    expect(value('framescribe_jobs', { ...describing, state: 'failed' })).toBe(1);
    expect(value('framescribe_queue_oldest_job_age_seconds', describing)).toBe(0);
    expect(value('framescribe_video_seconds_total')).toBe(2);
    expect(value('framescribe_captions_total')).toBeGreaterThan(0);
    expect(value('framescribe_source_bytes_total')).toBeGreaterThan(1e4);
    expect(value('framescribe_result_bytes_total')).toBeGreaterThan(1e4);
    for (const stage of ['fetch', 'probe', 'scan', 'caption', 'summarise', 'publish']) {
      expect(value('framescribe_stage_duration_seconds_count', { stage }), stage).toBe(stage === 'fetch' ? 2 : 1);
    }
    for (const program of ['worker', 'describer']) {
      expect(value('framescribe_resident_memory_bytes', { program }), program).toBeGreaterThan(3e7);
    }
    for (const program of ['worker', 'describer', 'ffmpeg']) {
      expect(value('framescribe_cpu_seconds_total', { program }), program).toBeGreaterThan(0);
    }
    expect(value('framescribe_event_loop_lag_seconds', { quantile: '0.999' })).toBeGreaterThanOrEqual(0);
    expect(value('framescribe_temp_limit_bytes')).toBeGreaterThan(0);
    expect(value('framescribe_temp_used_bytes')).toBeGreaterThanOrEqual(0);
    expect([value('framescribe_redis_up'), value('framescribe_worker_ready')]).toEqual([1, 1]);
    expect(value('framescribe_worker_concurrency')).toBe(1);

    worker.child.kill('SIGTERM');
    expect((await worker.ended).exitCode).toBe(0);
    await expect(get('/healthz')).rejects.toThrow();
  });

  test('says that it is alive but not ready while Redis is away, and does not wait for it', async () => {
    const port = await freePort();
    await using site = town.site({ FRAMESCRIBE_OBSERVE_METRICS_PORT: String(port) });
    await using _worker = await work(site.env);
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
    town.redis.pause();
    try {
      const asked = performance.now();
      const response = await get('/readyz');
      expect([response.status, await response.text()]).toEqual([503, 'no Redis\n']);
      expect(await statusOf(get('/healthz'))).toBe(200);
      const { value } = readScrape(await (await get('/metrics')).text());
      expect([value('framescribe_redis_up'), value('framescribe_worker_ready')]).toEqual([0, 0]);
      expect(value('framescribe_jobs')).toBeNull();
      expect(performance.now() - asked).toBeLessThan(12_000);
    } finally {
      town.redis.resume();
    }
    await until(async () => (await statusOf(get('/readyz'))) === 200, 15_000);
  });

  test('is asked for twice: the second worker says which setting to change', async () => {
    const port = await freePort();
    await using site = town.site({ FRAMESCRIBE_OBSERVE_METRICS_PORT: String(port) });
    await using _first = await work(site.env);
    await using second = await work(site.env);
    expect(await second.ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('observe.metricsPort') });
  });
});

/** The families of metrics that the dashboard asks for. */
function readDashboard() {
  const text = readFileSync(join(ROOT, 'config', 'grafana-dashboard.json'), 'utf8');
  const dashboard = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  const names = (asked.match(/framescribe_\w+/g) ?? []).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  return { used: [...new Set(names)], panels: dashboard.panels.length };
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.text();
  return response.status;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  return port;
}
