import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { listBucket } from '../../src/backfill/list-bucket.ts';
import { countVideos } from '../../src/backfill/open-listing.ts';
import { openBucket } from '../../src/storage/s3-bucket.ts';
import { makeBucket } from '../services/s3-bucket.ts';
import { startS3Server } from '../services/s3-server.ts';
import { SPEC } from './a-run.ts';

/**
 * `npx tsx test/backfill/listing-speed.ts [keys]`: a run's listing with its filters, beside a plain loop of ListObjectsV2, in
 * turns over the same keys; and the memory that it holds.
 */
const KEYS = Number(process.argv[2] ?? 100_000);
const [BUCKET, PREFIX, PAIRS, AT_ONCE] = ['many', 'tapes/', 5, 32];

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const server = await startS3Server();
try {
  const { client, settings, env } = await makeBucket(server, BUCKET);
  Object.assign(process.env, env);
  await putKeys(client);
  const listing = listBucket(openBucket(BUCKET, settings), BUCKET, PREFIX);
  const spec = { ...SPEC, filters: { ...SPEC.filters, exclude: ['raw/**'] } };
  const never = new AbortController().signal;
  const rounds = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const raw = await keysPerSecond(() => plainLoop(client));
    const ours = await keysPerSecond(() => countVideos(listing, spec, never));
    rounds.push({ raw, ours, ratio: ours / raw });
  }
  console.table(rounds);
  const ratios = rounds.map(({ ratio }) => ratio).sort((a, b) => a - b);
  console.log(`median ratio ${ratios[PAIRS >> 1]?.toFixed(2)} over ${KEYS} keys`);
  let seen = 0;
  const held: string[] = [];
  for await (const page of listing(null)) {
    if (Math.floor((seen + page.length) / 10_000) > Math.floor(seen / 10_000)) {
      collectGarbage();
      held.push(`${seen + page.length}: ${(process.memoryUsage().heapUsed / 1e6).toFixed(1)}`);
    }
    seen += page.length;
  }
  console.log(`MB of the heap that are in use after so many keys: ${held.join(', ')}`);
  client.destroy();
} finally {
  await server.stop();
}

async function putKeys(client: S3Client): Promise<void> {
  let next = 0;
  const put = async () => {
    for (let number = next++; number < KEYS; number = next++) {
      const Key = `${PREFIX}${number % 100}/reel ${String(number).padStart(7, '0')}.mp4`;
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}

async function plainLoop(client: S3Client): Promise<number> {
  let count = 0;
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: PREFIX, ContinuationToken: next }),
    );
    count += page.Contents?.length ?? 0;
    next = page.NextContinuationToken;
  } while (next !== undefined);
  return count;
}

async function keysPerSecond(list: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const count = await list();
  if (count !== KEYS) throw new Error(`Expected ${KEYS} keys, got ${count}`);
  return Math.round(count / ((performance.now() - start) / 1000));
}
