import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prettyLine } from '../../src/observe/pretty.ts';
import { start } from '../integration/framescribe.ts';
import { collect, openTown, type Town, until, work } from '../integration/queue-site.ts';
import { startAnsweringMachine } from '../services/answering-machine.ts';
import { canStartRedis } from '../services/redis-server.ts';

const CANARY = 'canary-7e11a1e';
const ENCODED = Buffer.from(`${CANARY}-and-more-of-it`).toString('base64');

describe.skipIf(!canStartRedis())('the log of a worker', () => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town[Symbol.asyncDispose]());

  test('is a line of JSON for each event, with ids, tries, durations and codes, and none of the secrets around it', async () => {
    await using receiver = await startAnsweringMachine((_, response) => response.writeHead(400).end());
    const talkative = join(town.folder, 'talkative.cjs');
    await writeFile(talkative, `process.stderr.write("AWS_SECRET_ACCESS_KEY=x${CANARY}\\nplain words\\n");`);
    await using site = town.site({
      FRAMESCRIBE_QUEUE_WEBHOOK_SECRET: `whsec_${ENCODED}`,
      FRAMESCRIBE_NOTIFY_ALLOW_HTTP: 'true',
      FRAMESCRIBE_NOTIFY_ALLOWED_NETWORKS: '127.0.0.0/8',
      FRAMESCRIBE_OBSERVE_LOG_LEVEL: 'debug',
      AWS_SECRET_ACCESS_KEY: `aws/${CANARY}`,
      AWS_SESSION_TOKEN: `session/${CANARY}`,
      NODE_OPTIONS: `--require ${talkative}`,
    });
    const { producer, env } = site;
    await using worker = await work(env);
    const callback = { url: `${receiver.url}/done?key=${CANARY}` };
    const fine = await producer.describe({ source: town.clip, callback, labels: { user: CANARY } });
    const refused = await producer.describe({ source: `https://127.0.0.1/clip.mp4?note=${CANARY}` });
    for (const { id } of [fine, refused]) await collect(producer.events(id));
    await until(() => worker.stderr().includes('failed: notify'), 10_000);
    worker.child.kill('SIGTERM');
    const { stdout, stderr, exitCode } = await worker.ended;
    expect(exitCode).toBe(0);

    // What the planted file writes into the worker itself is no line of its log.
    const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
    const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const own = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(own).toEqual([`AWS_SECRET_ACCESS_KEY=x${CANARY}`, 'plain words']);
    expect(stdout + lines.join('\n')).not.toContain(CANARY);
    expect(lines.join('\n')).not.toContain(ENCODED);
    expect(events.map(({ msg }) => msg)).toContain('describer: plain words');
    expect(events).toContainEqual(
      expect.objectContaining({
        level: 'info',
        event: 'completed',
        type: 'describe',
        job: fine.id,
        video: fine.id,
        attempt: 1,
      }),
    );
    const failed = { level: 'error', event: 'failed', code: 'SOURCE_REFUSED_ADDRESS', isLast: true, job: refused.id };
    expect(events).toContainEqual(expect.objectContaining({ ...failed, workMs: expect.any(Number) }));
    expect(events).toContainEqual(expect.objectContaining({ type: 'notify', video: fine.id, code: 'WEBHOOK_REFUSED' }));
    expect(events.find(({ event }) => event === 'measured')).toMatchObject({
      level: 'debug',
      captions: expect.any(Number),
    });
    for (const { time, level } of events) {
      expect(Number.isNaN(Date.parse(String(time)))).toBe(false);
      expect(['debug', 'info', 'warn', 'error']).toContain(level);
    }
  });

  test('names a Redis that is away without its password, and says less where less is asked for', async () => {
    await using site = town.site({
      FRAMESCRIBE_OBSERVE_LOG_LEVEL: 'error',
      REDIS_URL: `redis://me:${CANARY}@127.0.0.1:1`,
    });
    const worker = start(['worker'], site.env);
    await until(() => worker.stderr().includes('trouble: connect ECONNREFUSED'), 30_000);
    worker.child.kill('SIGTERM');
    const { stdout, stderr } = await worker.ended;
    expect(stdout + stderr).not.toContain(CANARY);
    expect(stderr).not.toContain('"level":"info"');
  });
});

test('a person reads the same on a terminal, without signs that could rewrite it', () => {
  const facts = { level: 'warn', time: '2026-01-02T03:04:05.000Z', pid: 7, job: 'v1', attempt: 2 };
  const line = prettyLine(JSON.stringify({ ...facts, msg: 'failed: describe v1\u001b[2J' }));
  expect(line).toMatch(/^\d\d:\d\d:05 \S+warn \S+ failed: describe v1\?\[2J pid=7 attempt=2\n$/);
});
