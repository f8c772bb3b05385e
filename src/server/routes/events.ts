import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { EVENT_ID } from '../../queue/feed.ts';
import { type Api, problems, videoParams } from '../api.ts';
import type { EventStream, StreamEvent } from '../events.ts';
import type { News } from '../library/follow.ts';
import type { Rooms } from '../rooms.ts';
import { findEntry, showEntry } from '../videos.ts';

const tags = ['events'];
const headers = z.object({
  'last-event-id': z.string().regex(EVENT_ID, 'Expected the id of an event of this server').optional(),
});
const stream = {
  200: {
    description:
      'Events `video` (an item of the list), `removed`, `edited` (an id) and `reset` (load everything again)',
    content: { 'text/event-stream': { schema: z.string() } },
  },
  ...problems,
};

/** Someone who reads events. */
interface Reader {
  readonly stream: EventStream;
  /** Of one video only; null for all. */
  readonly video: string | null;
}

export function eventRoutes(api: Api, rooms: Rooms): void {
  const { follower, feed, library, streams, access } = rooms;
  const readers = new Set<Reader>();

  const itemEvent = (id: string): StreamEvent => {
    const entry = library.get(id);
    if (entry === null) return { event: 'removed', data: JSON.stringify({ id }), id: null };
    return { event: 'video', data: JSON.stringify(showEntry(entry, rooms)), id: null };
  };

  /** Made once, whoever hears them. The id of the news is that of its last event: a reader that has it lacks nothing. */
  const eventsOf = (news: News): readonly (StreamEvent & { readonly video: string | null })[] => {
    const edited = news.edited.map((video) => {
      return { event: 'edited' as const, data: JSON.stringify({ id: video }), id: null, video };
    });
    const gone = news.removed.map((video) => {
      return { event: 'removed' as const, data: JSON.stringify({ id: video }), id: null, video };
    });
    const changed = [...news.changed, ...news.edited].map((video) => ({ ...itemEvent(video), video }));
    const reset = news.reset ? [{ event: 'reset' as const, data: '{}', id: null, video: null }] : [];
    return [...changed, ...edited, ...gone, ...reset];
  };

  const off = follower.listen((news) => {
    if (readers.size === 0) return;
    const all = eventsOf(news);
    for (const { stream, video } of readers) {
      const heard = video === null ? all : all.filter((each) => each.video === video || each.event === 'reset');
      stream.send(withLastId(heard, news.eventId));
    }
  });
  api.addHook('onClose', async () => off());

  const begin = async (request: FastifyRequest, reply: FastifyReply, video: string | null): Promise<void> => {
    const lastId = headers.parse({ 'last-event-id': request.headers['last-event-id'] })['last-event-id'];
    // Whoever loses the connection before the first event has something to come again with.
    const startId = lastId ?? (await feed.newest().catch(() => null));
    const missed = lastId === undefined ? [] : await feed.since(lastId);
    const isWelcome = () =>
      access.identify(request).then(
        () => true,
        (error) => error.code !== 'UNAUTHENTICATED',
      );
    let reader: Reader | null = null;
    const stream = streams.open(request, reply, startId, isWelcome, () => reader && readers.delete(reader));
    reader = { stream, video };
    readers.add(reader);
    if (missed === null) stream.send([{ event: 'reset', data: '{}', id: null }]);
    else if (video === null) stream.send(missed.map(itemEvent));
    if (video !== null) stream.send([itemEvent(video)]);
  };

  api.get(
    '/v1/events',
    { config: { need: 'read' }, schema: { tags, summary: 'What happens to all videos', headers, response: stream } },
    async (request, reply) => begin(request, reply, null),
  );

  api.get(
    '/v1/videos/:id/events',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'What happens to one video, beginning with how it is',
        params: videoParams,
        headers,
        response: stream,
      },
    },
    async (request, reply) => {
      await findEntry(request.params.id, rooms);
      return begin(request, reply, request.params.id);
    },
  );
}

function withLastId(events: readonly StreamEvent[], id: string | null): readonly StreamEvent[] {
  return events.map((event, at) => (at === events.length - 1 ? { ...event, id } : event));
}
