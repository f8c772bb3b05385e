import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { segmentProgress } from '../../src/queue/segment-progress.ts';
import type { Tools } from '../../workers/describe.ts';
import { segmentHandler } from '../../workers/segment.ts';
import { settings } from '../media/clips.ts';
import { canStartRedis, startRedis } from '../services/redis-server.ts';

const PREFIX = 'late';
const VIDEO = { source: 's3://bucket/tape.mp4', options: {}, labels: {} };
const HASH = '0'.repeat(64);
const PLAN = {
  ...{ sha256: HASH, bytes: 1, sourceName: 'tape.mp4', claimedMs: 20_000, firstPts: 0, bordersMs: [10_000] },
  scan: { mode: 'exact', frames: 'all', loopFilter: true, because: '' } as const,
};

describe.skipIf(!canStartRedis())('a segment that is kept', () => {
  test.each([
    ['after others have joined the video is removed again', async () => ({ name: 'tape-v1' }), ['kept', 'forgotten']],
    ['after the video has failed stays for a retry', () => Promise.reject(new Error('NO_FRAMES: none')), ['kept']],
  ])('%s', async (_, ending, expected) => {
    await using redis = await startRedis();
    const connection = new Redis(redis.url, { protocol: 2, maxRetriesPerRequest: null });
    const videos = new Queue('describe', { connection, prefix: PREFIX });
    const parent = await videos.add('describe', VIDEO, { jobId: 'v1' });
    const done: string[] = [];
    const describer = {
      describePart: async () => {
        done.push('kept');
        const ended = new Promise((resolve) => {
          const worker = new Worker('describe', ending, { connection, prefix: PREFIX });
          for (const end of ['completed', 'failed'] as const) worker.on(end, () => worker.close().then(resolve));
        });
        await ended;
      },
      forgetPart: async () => void done.push('forgotten'),
    };
    const tools = {
      describers: { use: (work: (one: unknown) => unknown) => work(describer) },
      ...{ config: settings, videos, notify: videos, progress: segmentProgress(connection, PREFIX) },
      ...{ stopSegments: async () => {}, onComputing: () => {} },
    } as unknown as Tools;
    const payload = { video: 'v1', source: VIDEO.source, options: {}, plan: PLAN, index: 0, reach: null };
    const context = { id: 'v1-0-0', payload, job: parent, signal: new AbortController().signal };
    await segmentHandler(tools)({ ...context, waitForChildren: async () => false });
    expect(done).toEqual(expected);
    await videos.close();
    connection.disconnect();
  });
});
