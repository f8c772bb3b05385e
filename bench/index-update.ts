/**
 * How long a search index takes to follow a store: `npx tsx bench/index-update.ts [results]`. A folder, and a bucket on a
 * real S3 server where this machine can start one. Baseline of the bucket: as many plain GETs of the SDK, as many at a time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { eachResult } from '../src/pipeline/stored-results.ts';
import { updateIndex } from '../src/pipeline/update-index.ts';
import { openSearchIndex } from '../src/search/search-index.ts';
import { folderStore } from '../src/storage/folder-store.ts';
import { s3Store } from '../src/storage/s3-store.ts';
import type { Store } from '../src/storage/store.ts';
import { exampleResult } from '../test/render/example-result.ts';
import { makeBucket } from '../test/services/s3-bucket.ts';
import { canStartS3Server, startS3Server } from '../test/services/s3-server.ts';

const RESULTS = Number(process.argv[2] ?? 1_000);
const AT_ONCE = 16;
const text = Buffer.from(JSON.stringify(exampleResult()));
const home = mkdtempSync(join(tmpdir(), 'framescribe-bench-'));
try {
  await follow('folder', folderStore(join(home, 'store')));
  if (canStartS3Server()) {
    const server = await startS3Server();
    try {
      const { client, settings, env } = await makeBucket(server, 'bench');
      Object.assign(process.env, env);
      await follow('bucket', s3Store({ bucket: 'bench', prefix: 'videos/' }, settings));
      tell('bucket, plain GETs', await secondsOf(() => plainGets(client)));
    } finally {
      await server.stop();
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}

async function follow(place: string, store: Store): Promise<void> {
  const names = Array.from({ length: RESULTS }, (_, at) => `tape-${at}`);
  const put = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const publication = await store.begin(name);
      await publication.put('result.json', text);
      await publication.commit();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
  using index = openSearchIndex(join(home, `${place}.sqlite`));
  const { signal } = new AbortController();
  tell(`${place}, all new`, await secondsOf(() => updateIndex(store, index, signal)));
  tell(`${place}, nothing new`, await secondsOf(() => updateIndex(store, index, signal)));
  tell(`${place}, revisions alone`, await secondsOf(() => eachResult(store, async () => {})));
}

async function plainGets(client: S3Client): Promise<void> {
  let left = RESULTS;
  const get = async () => {
    while (left-- > 0) {
      const answer = await client.send(
        new GetObjectCommand({ Bucket: 'bench', Key: `videos/tape-${left}/manifest.json` }),
      );
      await answer.Body?.transformToByteArray();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, get));
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function tell(what: string, seconds: number): void {
  console.log(`${what}: ${seconds.toFixed(2)} s for ${RESULTS}, ${Math.round(RESULTS / seconds)} a second`);
}
