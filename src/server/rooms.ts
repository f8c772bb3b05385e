import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import { libraryFile } from '../pipeline/settings.ts';
import { type OpenQueues, openQueues } from '../queue/board.ts';
import { type Counters, openCounters } from '../queue/counters.ts';
import { type Feed, openFeed } from '../queue/feed.ts';
import { type IdempotencyKeys, openIdempotencyKeys } from '../queue/idempotency.ts';
import { createOperator, type Operator } from '../queue/overview.ts';
import { openPreviews, type PreviewReader } from '../queue/previews.ts';
import { createProducer, type Producer } from '../queue/producer.ts';
import { redisUrl } from '../queue/redis.ts';
import { openRoster } from '../queue/roster.ts';
import { openTokens } from '../queue/tokens.ts';
import { openStore } from '../storage/open-store.ts';
import type { Store } from '../storage/store.ts';
import { type Access, openAccess } from './access.ts';
import { type EventStreams, openEventStreams } from './events.ts';
import { type Follower, follow } from './library/follow.ts';
import { type Library, openLibrary } from './library/library.ts';
import { openUploads, type Uploads } from './uploads.ts';
import { uploadsFolder } from './uploads-folder.ts';
import { withoutFolders } from './without-folders.ts';

/** What the routes of a server have at hand. */
export interface Rooms extends AsyncDisposable {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly producer: Producer;
  readonly operator: Operator;
  readonly feed: Feed;
  readonly library: Library;
  readonly follower: Follower;
  readonly access: Access;
  /** Null where there is no folder for them. */
  readonly uploads: Uploads | null;
  readonly keys: IdempotencyKeys;
  readonly counters: Counters;
  readonly queues: OpenQueues;
  readonly streams: EventStreams;
  readonly previews: PreviewReader;
  /** Makes a message one for others. */
  readonly plain: (message: string) => string;
}

/**
 * Opens all of it, or nothing.
 *
 * @throws {FramescribeError} QUEUE_UNAVAILABLE, SEARCH_INDEX_UNUSABLE, STORE_…
 */
export async function openRooms(config: Config, log: Log): Promise<Rooms> {
  const { prefix, answerMs, keepCompleted, keepFailed, store: place } = config.queue;
  const { syncMs, listedJobs, eventStreams } = config.server;
  const redis = redisUrl(config.queue);
  const opened: (AsyncDisposable | Disposable)[] = [];
  const keep = <T extends AsyncDisposable | Disposable>(one: T): T => {
    opened.unshift(one);
    return one;
  };
  const close = async () => {
    for (const one of opened.splice(0)) {
      await (Symbol.asyncDispose in one ? one[Symbol.asyncDispose]() : one[Symbol.dispose]());
    }
  };
  try {
    const store = await openStore(place, config.storage);
    const tracing = config.observe.tracing;
    const producer = keep(createProducer({ redis, prefix, answerMs, keepCompleted, keepFailed, tracing }));
    const operator = keep(createOperator({ redis, prefix, answerMs }));
    const tokens = keep(openTokens(redis, prefix, answerMs));
    const keys = keep(openIdempotencyKeys(redis, prefix, answerMs));
    const counters = keep(openCounters(redis, prefix, answerMs));
    const queues = keep(openQueues(redis, prefix, answerMs));
    const roster = keep(openRoster(redis, prefix, answerMs));
    const previews = keep(openPreviews(redis, prefix, answerMs));
    const library = keep(openLibrary(libraryFile(config)));
    const feed = keep(await openFeed(redis, prefix, answerMs));
    const follower = keep(follow({ library, feed, producer, roster, previews, store, syncMs, listedJobs, log }));
    const folder = uploadsFolder(config);
    const onSubmitted = follower.refresh;
    const plain = withoutFolders(config);
    const uploads =
      folder === null ? null : keep(await openUploads(folder, config, { producer, onSubmitted, log, plain }));
    const streams = keep(openEventStreams(eventStreams));
    const access = openAccess(config.server, tokens);
    return {
      ...{
        config,
        log,
        store,
        producer,
        operator,
        feed,
        library,
        follower,
        access,
        uploads,
        keys,
        counters,
        queues,
        streams,
        previews,
        plain,
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw FramescribeError.from(error);
  }
}
