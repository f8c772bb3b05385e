import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { FramescribeError } from '../../domain/errors.ts';
import { isVideoId } from '../../queue/job-id.ts';
import { type Api, nothing, problems, videoParams } from '../api.ts';
import { listQuery, submission, tagList, tagsQuery, videoDetail, videoItem, videoList } from '../contract/index.ts';
import { artifactsOf, mediaOf } from '../files.ts';
import type { Rooms } from '../rooms.ts';
import { findEntry, listVideos, showEntry, showJob } from '../videos.ts';

const STOP_MS = 5_000;
const LOOK_MS = 100;
const tags = ['videos'];

export function videoRoutes(api: Api, rooms: Rooms): void {
  const { producer, library, store, uploads, feed, keys } = rooms;

  api.get(
    '/v1/videos',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'List and search videos',
        querystring: listQuery,
        response: { 200: videoList, ...problems },
      },
    },
    async ({ query }) => listVideos(query, rooms),
  );

  api.post(
    '/v1/videos',
    {
      config: { need: 'submit' },
      schema: {
        tags,
        summary: 'Submit a source: the same source, version and options are the same video',
        headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
        body: submission,
        response: { 202: videoItem, ...problems },
      },
    },
    async ({ body, headers, caller }, reply) => {
      const key = headers['idempotency-key'];
      const describe = async () => (await producer.describe(body)).id;
      const id = key === undefined ? await describe() : await keys.once(caller.token ?? '', key, body, describe);
      const item = await showJob(await producer.status(id), rooms);
      return reply.code(202).header('location', `/v1/videos/${id}`).send(item);
    },
  );

  api.get(
    '/v1/videos/:id',
    {
      config: { need: 'read' },
      schema: { tags, summary: 'One video', params: videoParams, response: { 200: videoDetail, ...problems } },
    },
    async ({ params: { id } }) => {
      const entry = await findEntry(id, rooms);
      return {
        ...showEntry(entry, rooms),
        media: await mediaOf(entry, rooms),
        artifacts: entry.result === null ? [] : await artifactsOf(entry, rooms),
      };
    },
  );

  api.post(
    '/v1/videos/:id/cancel',
    {
      config: { need: 'submit' },
      schema: {
        tags,
        summary: 'Stop a video; one that waits is forgotten',
        params: videoParams,
        response: { 200: videoItem, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const entry = await findEntry(id, rooms);
      if (entry.job === null) return showEntry(entry, rooms);
      await producer.cancel(id).catch(unlessForgotten);
      const job = await producer.status(id).catch(unlessForgotten);
      if (job) return showJob(job, rooms);
      await uploads?.remove(entry.job.source);
      library.forget([id]);
      return { ...showEntry(entry, rooms), state: 'cancelled' as const };
    },
  );

  api.post(
    '/v1/videos/:id/retry',
    {
      config: { need: 'submit' },
      schema: {
        tags,
        summary: 'Give a failed or cancelled video all its tries again',
        params: videoParams,
        response: { 200: videoItem, ...problems },
      },
    },
    async ({ params: { id } }) => {
      const entry = await findEntry(id, rooms);
      return entry.job === null ? showEntry(entry, rooms) : showJob(await producer.retry(id), rooms);
    },
  );

  api.delete(
    '/v1/videos/:id',
    {
      config: { need: 'admin' },
      schema: {
        tags,
        summary: 'Stop a video, and remove its result and its upload',
        params: videoParams,
        response: nothing,
      },
    },
    async ({ params: { id } }, reply) => {
      const { job, result } = await findEntry(id, rooms);
      if (job !== null) await endJob(id);
      const name = result?.name ?? job?.result?.name;
      if (name !== undefined) await store.remove(name);
      if (job !== null) await uploads?.remove(job.source);
      library.drop(id);
      await feed.tell('removed', id);
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/v1/tags',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'Tags by the number of videos',
        querystring: tagsQuery,
        response: { 200: tagList, ...problems },
      },
    },
    async ({ query: { limit } }) => ({ tags: library.tags(limit) }),
  );

  /** Stops a job and forgets it. */
  const endJob = async (id: string) => {
    if (!isVideoId(id)) return;
    await producer.cancel(id).catch(unlessForgotten);
    const over = AbortSignal.timeout(STOP_MS);
    while (!(await producer.forget(id))) {
      if (over.aborted)
        throw new FramescribeError('VIDEO_BUSY', `Expected ${id} to stop within ${STOP_MS} ms, it hasn't yet`);
      await sleep(LOOK_MS);
    }
  };
}

function unlessForgotten(error: unknown): null {
  if (FramescribeError.from(error).code === 'JOB_NOT_FOUND') return null;
  throw error;
}
