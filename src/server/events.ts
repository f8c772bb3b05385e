import type { FastifyReply, FastifyRequest } from 'fastify';
import { FramescribeError } from '../domain/errors.ts';

/** One event of a stream (https://html.spec.whatwg.org, section 9.2). */
export interface StreamEvent {
  readonly event: 'video' | 'removed' | 'edited' | 'reset';
  /** JSON. */
  readonly data: string;
  /** For `Last-Event-ID`. */
  readonly id: string | null;
}

/** One reader of events. */
export interface EventStream {
  send(events: readonly StreamEvent[]): void;
  close(): void;
}

/**
 * The readers of events at this moment. Once it's disposed, all streams are ended, and those that are opened yet end at once.
 */
export interface EventStreams extends Disposable {
  readonly count: number;
  /**
   * Turns an answer into a stream of events, until the reader goes away or reads too slowly.
   *
   * @param startId what the reader has heard up to; null where nobody knows.
   * @param isWelcome is asked now and then: a token may have been revoked.
   * @throws {FramescribeError} TOO_MANY_REQUESTS
   */
  open(
    request: FastifyRequest,
    reply: FastifyReply,
    startId: string | null,
    isWelcome: () => Promise<boolean>,
    onClose: () => void,
  ): EventStream;
}

/** So that nothing in between takes the line for dead. */
const BEAT_MS = 15_000;
/** A reader whose token is good for nothing any more hears nothing more after this, and the two seconds that tokens are known for. */
const LOOK_MS = 2_000;
/** A reader that is so far behind is better off if it comes again and reads how things stand. */
const MOST_UNREAD_BYTES = 1 << 20;

export function openEventStreams(most: number): EventStreams {
  const open = new Map<EventStream, { readonly beat: () => void; readonly look: () => void }>();
  let isEnding = false;
  const timers = [
    setInterval(() => {
      for (const { beat } of open.values()) beat();
    }, BEAT_MS).unref(),
    setInterval(() => {
      for (const { look } of open.values()) look();
    }, LOOK_MS).unref(),
  ];
  return {
    get count() {
      return open.size;
    },
    open: (request, reply, startId, isWelcome, onClose) => {
      if (open.size >= most) {
        throw new FramescribeError('TOO_MANY_REQUESTS', `Expected at most ${most} readers of events at the same time`);
      }
      const { raw } = reply;
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value);
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Nginx would hold events back.
        'x-accel-buffering': 'no',
      });
      raw.write(`retry: 2000\n${startId === null ? '' : `id: ${startId}\n`}\n`);
      const close = () => raw.end();
      const write = (text: string) => {
        if (raw.writableLength > MOST_UNREAD_BYTES) raw.destroy();
        else raw.write(text);
      };
      const stream: EventStream = { send: (events) => events.length > 0 && write(events.map(textOf).join('')), close };
      const beat = () => write(':\n\n');
      const look = () => {
        isWelcome().then(
          (is) => is || close(),
          () => {},
        ); // Nobody is sent away because Redis is.
      };
      open.set(stream, { beat, look });
      request.raw.once('close', () => {
        open.delete(stream);
        onClose();
      });
      raw.on('error', () => raw.destroy());
      // Asked for before the server was told to end, and let in after it.
      if (isEnding) close();
      return stream;
    },
    [Symbol.dispose]: () => {
      isEnding = true;
      for (const timer of timers) clearInterval(timer);
      for (const stream of open.keys()) stream.close();
    },
  };
}

function textOf({ event, data, id }: StreamEvent): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
