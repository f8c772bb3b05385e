import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playKilledBackfill } from '../chaos/killed-backfill.ts';
import { randomFrom } from '../chaos/random.ts';
import { canStartRedis, type RedisServer, startRedis } from '../services/redis-server.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { canStartS3Server, type S3Server, startS3Server } from '../services/s3-server.ts';
import { framescribe } from './framescribe.ts';

describe.runIf(canStartRedis() && canStartS3Server())('a back catalogue in a bucket', () => {
  let redis: RedisServer;
  let server: S3Server;
  let bucket: TestBucket;
  const folder = mkdtempSync(join(tmpdir(), 'fs-backfill-'));
  beforeAll(async () => {
    redis = await startRedis();
    server = await startS3Server();
    bucket = await makeBucket(server, 'odd');
  });
  afterAll(async () => {
    bucket?.client.destroy();
    await server?.stop();
    await redis?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const backfill = (...words: string[]) =>
    framescribe(['backfill', ...words], {
      ...bucket.env,
      REDIS_URL: redis.url,
      FRAMESCRIBE_QUEUE_STORE: 's3://odd/results',
    });

  test('is described once each, though the run and a worker are killed twice at random', async () => {
    const plan = { tapes: 16, workers: 2, kills: 2, waiting: 8, random: randomFrom(5), say: () => {} };
    const played = await playKilledBackfill(plan, redis, server);
    const { tapes, report, described, failures } = played;
    const all = tapes.good.length + tapes.bad.length;
    expect(report).toMatchObject({
      status: 'ended',
      listed: all,
      completed: tapes.good.length,
      failed: tapes.bad.length,
    });
    expect([described.size, played.results]).toEqual([tapes.good.length, tapes.good.length]);
    expect(failures).toEqual(tapes.bad.map((key) => `s3://catalogue/${key}`));
    expect(played.added).toBe(all);
    expect(played.completed).toBeLessThanOrEqual(tapes.good.length);
    expect(played.taken).toBeLessThanOrEqual(all + played.atHand);
    expect(played.waitingAtMost).toBeLessThanOrEqual(8);
    expect(report.cpuHours).toBeGreaterThan(0);
  }, 180_000);

  test.each([
    ['s3://odd/nothing/here', 3, 'SOURCE_NOT_FOUND'],
    ['s3://absent-bucket/tapes', 2, 'BUCKET_NOT_FOUND'],
    ['ftp://odd/tapes', 2, 'USAGE'],
  ])('at %s ends with exit code %d and %s, and leaves no run', async (source, exitCode, code) => {
    const run = await backfill(source, '--name', 'none');
    expect([run.exitCode, run.stderr]).toEqual([exitCode, expect.stringContaining(`[${code}]`)]);
    expect((await backfill('show', 'none')).stderr).toContain('[RUN_NOT_FOUND]');
  });

  test('with keys that may not be read or are not there names them, and reads the rest of the list', async () => {
    for (const key of ['secret/a.mp4', 'open/b.mp4']) {
      await bucket.client.send(new PutObjectCommand({ Bucket: 'odd', Key: key, Body: key }));
    }
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::odd/secret/*' }],
    });
    await bucket.client.send(new PutBucketPolicyCommand({ Bucket: 'odd', Policy }));
    const list = join(folder, 'list.csv');
    writeFileSync(list, 'source,reel\ns3://odd/secret/a.mp4,1\ns3://odd/absent.mp4,2\ns3://odd/x.mp4\n');
    const run = await backfill(list, '--name', 'listed', '--json');
    expect(run.exitCode, run.stderr).toBe(3);
    const failedBy = { SOURCE_UNREADABLE: 1, SOURCE_NOT_FOUND: 1, USAGE: 1 };
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'ended', listed: 3, failedBy });
    expect((await backfill('show', 'listed', '--failures')).stdout).toContain('line 4: Expected 2 cells, got 1');
    const dry = await backfill('s3://odd', '--dry-run', '--json', '--exclude', 'results/**');
    expect(dry.exitCode, dry.stderr).toBe(0);
    // Neither is a video that can be read.
    expect(JSON.parse(dry.stdout)).toMatchObject({ videos: 2, looked: 2, unreadable: 2, cpuHours: null });
  });
});
