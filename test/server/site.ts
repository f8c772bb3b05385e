import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/domain/config.ts';
import type { Log } from '../../src/observe/log.ts';
import { sign } from '../../src/pipeline/assemble.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import { createProducer, type Producer } from '../../src/queue/index.ts';
import { openTokens, type Scope, type TokenStore } from '../../src/queue/tokens.ts';
import { renderAll } from '../../src/render/render.ts';
import { startServer } from '../../src/server/start.ts';
import { openStore } from '../../src/storage/open-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { examplePictures, exampleResult } from '../render/example-result.ts';
import { type RedisServer, startRedis } from '../services/redis-server.ts';

/** A server with a queue, a store, folders and tokens of its own. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly config: Config;
  readonly store: Store;
  readonly producer: Producer;
  readonly tokens: TokenStore;
  /** A token with these scopes. */
  token(...scopes: readonly Scope[]): Promise<string>;
  /** What the server had to say that is no good news. */
  readonly complaints: readonly string[];
  /** Files here may be read by workers, and by the server for a player. */
  readonly media: string;
}

/** A Redis, and any number of sites that share it. */
export interface Street extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly folder: string;
  /** @param prepare what is there before the server starts. */
  site(env?: NodeJS.ProcessEnv, prepare?: (store: Store) => Promise<void>): Promise<Site>;
}

export async function openStreet(): Promise<Street> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'fs-server-'));
  let count = 0;
  return {
    redis,
    folder,
    site: async (env = {}, prepare = async () => {}) => {
      count++;
      const [out, media] = [join(folder, `out${count}`), join(folder, `media${count}`)];
      const config = await loadConfig({
        REDIS_URL: redis.url,
        FRAMESCRIBE_QUEUE_PREFIX: `server${count}`,
        FRAMESCRIBE_QUEUE_STORE: out,
        FRAMESCRIBE_SEARCH_FOLDER: join(folder, `index${count}`),
        FRAMESCRIBE_FETCH_FOLDERS: media,
        FRAMESCRIBE_SERVER_PORT: '0',
        FRAMESCRIBE_SERVER_GRACE_MS: '500',
        ...env,
      });
      const store = await openStore(config.queue.store, config.storage);
      await prepare(store);
      const complaints: string[] = [];
      const server = await startServer(config, listener(complaints));
      const producer = createProducer({ redis: redis.url, prefix: config.queue.prefix });
      const tokens = openTokens(redis.url, config.queue.prefix, 3_000);
      return {
        ...{ url: server.url, config, store, producer, tokens, complaints, media },
        token: async (...scopes) => (await tokens.create(scopes.join(' and '), scopes, null)).token,
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]();
          await producer.close();
          await tokens[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await redis[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts the hand-made result with all its files under a name. */
export async function putExample(store: Store, name: string): Promise<void> {
  const { digest: _, ...unsigned } = exampleResult();
  const result = sign(unsigned);
  const publication = await store.begin(name);
  await publication.put('result.json', Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
  for (const { id, image } of result.keyframes) await publication.put(image, await examplePictures.read(id));
  for await (const { name: file, content } of renderAll(result, examplePictures)) await publication.put(file, content);
  await publication.commit();
}

/** Asks until the answer is what is waited for. */
export async function untilSo<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean, withinMs = 10_000): Promise<T> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() - start > withinMs) throw new Error(`Not so after ${withinMs} ms: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function listener(complaints: string[]): Log {
  const complain = (_facts: unknown, line: unknown) => void complaints.push(String(line));
  const quiet = () => {};
  return { debug: quiet, info: quiet, warn: complain, error: complain } as unknown as Log;
}
