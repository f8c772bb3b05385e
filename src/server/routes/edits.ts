import { z } from 'zod';
import { correction, edits } from '../../domain/edits.ts';
import { result } from '../../domain/result.ts';
import { readEdits } from '../../pipeline/corrected.ts';
import { editResult } from '../../pipeline/edit-result.ts';
import { type Api, problems, videoParams } from '../api.ts';
import { nameOf } from '../files.ts';
import type { Rooms } from '../rooms.ts';
import { findEntry } from '../videos.ts';

const tags = ['edits'];
const MOST_AT_ONCE = 100;

const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^"sha256:[0-9a-f]{64}"$/, 'Expected the digest of a result, in quotes')
    .optional(),
});

export function editRoutes(api: Api, rooms: Rooms): void {
  const { store, config, feed, follower } = rooms;

  api.get(
    '/v1/videos/:id/edits',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'What people have corrected',
        params: videoParams,
        response: { 200: edits, ...problems },
      },
    },
    async ({ params: { id } }) => readEdits(store, nameOf(await findEntry(id, rooms))),
  );

  api.post(
    '/v1/videos/:id/edits',
    {
      config: { need: 'submit' },
      schema: {
        tags,
        summary:
          'Correct captions, tags, titles and sentences; If-Match with the digest of the result that was looked at',
        params: videoParams,
        headers: ifMatch,
        body: z.union([correction, z.array(correction).min(1).max(MOST_AT_ONCE)]),
        response: { 200: result, ...problems },
      },
    },
    async (request) => {
      const { params, headers, body, caller } = request;
      const expected = headers['if-match']?.slice(1, -1);
      const gone = new AbortController();
      request.raw.once('close', () => request.raw.complete || gone.abort());
      const corrected = await editResult(store, nameOf(await findEntry(params.id, rooms)), [body].flat(), {
        by: caller.name ?? '',
        at: new Date().toISOString(),
        vocabulary: config.tags,
        tempDir: config.tempDir,
        signal: gone.signal,
        ...(expected !== undefined && { expected }),
      });
      await follower.reread(params.id);
      await feed.tell('edited', params.id);
      return corrected.result;
    },
  );
}
