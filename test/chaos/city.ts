import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type RedisServer, startRedis } from '../services/redis-server.ts';
import { makeBucket, type TestBucket } from '../services/s3-bucket.ts';
import { type S3Server, startS3Server } from '../services/s3-server.ts';
import type { Random } from './random.ts';
import { type ChaosVideo, makeVideo } from './videos.ts';

export const UPLOADS = 'uploads';

/** What all rounds share: a Redis with its log on disk, an S3 server with uploads in it, and what is expected of them. */
export interface City extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly s3: S3Server;
  readonly bucket: TestBucket;
  readonly videos: readonly ChaosVideo[];
  /** For files of the rounds; short, as sockets lie below it. */
  readonly folder: string;
  /** For every process of ours. */
  readonly env: NodeJS.ProcessEnv;
}

/** @param videoSeconds how long each of the videos is. */
export async function openCity(random: Random, videoSeconds: readonly number[]): Promise<City> {
  const folder = await mkdtemp(join(tmpdir(), 'chaos-'));
  const opened: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const end of opened.reverse()) await end();
  };
  try {
    const redis = await startRedis();
    opened.push(async () => redis[Symbol.asyncDispose]());
    const s3 = await startS3Server();
    opened.push(() => s3.stop());
    const bucket = await makeBucket(s3, UPLOADS);
    opened.push(async () => bucket.client.destroy());
    // For this process too, which looks at the results.
    Object.assign(process.env, bucket.env);
    const env = { ...bucket.env, FRAMESCRIBE_CAPTION_THREADS: '1' };
    const videos: ChaosVideo[] = [];
    for (const [index, seconds] of videoSeconds.entries()) {
      const video = await makeVideo(`video-${index + 1}.mp4`, seconds, random, folder, env);
      await bucket.client.send(new PutObjectCommand({ Bucket: UPLOADS, Key: `new/${video.name}`, Body: video.bytes }));
      videos.push(video);
    }
    return { redis, s3, bucket, videos, folder, env, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
