import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { FramescribeError } from '../../domain/errors.ts';
import { MACHINE_FILE } from '../../pipeline/corrected.ts';
import { contentTypeOf } from '../../storage/content-type.ts';
import { streamOf } from '../../storage/folder-file.ts';
import { linkMaker } from '../../storage/s3-links.ts';
import type { ByteRange } from '../../storage/store.ts';
import { type Api, fileAnswers, problems, videoParams } from '../api.ts';
import { artifactList } from '../contract/index.ts';
import { artifactsOf, bucketOf, nameOf, openSource, readManifest, videoTypeOf } from '../files.ts';
import type { Rooms } from '../rooms.ts';
import { type ServedFile, sendFile } from '../send-file.ts';
import { findEntry } from '../videos.ts';

const tags = ['results'];
const ALWAYS = 'private, max-age=31536000, immutable';
const ASK_AGAIN = 'private, no-cache';

const fileParams = z.strictObject({ ...videoParams.shape, '*': z.string().min(1).max(255) });
const fileQuery = z.strictObject({
  /** Any value: to be saved instead of shown. */
  download: z.string().max(10).optional(),
  /** Of these bytes: a browser may keep them for ever. */
  v: z.string().max(100).optional(),
});
const redirect = { 302: z.null().describe('Where the file is, by a link that expires') };

export function fileRoutes(api: Api, rooms: Rooms): void {
  const { config, store } = rooms;
  const isInBucket = config.queue.store.startsWith('s3://');

  /** A file of a video's result, by its manifest; pictures in a bucket by a link. */
  const artifactOf = async (id: string, name: string, isLasting: boolean, download: boolean) => {
    const result = nameOf(await findEntry(id, rooms));
    const { files } = await readManifest(result, store);
    const known = files.find((file) => file.name === name);
    if (known === undefined) {
      throw new FramescribeError('ARTIFACT_NOT_FOUND', `Expected a file of the result, got ${JSON.stringify(name)}`);
    }
    const type = contentTypeOf(name);
    if (isInBucket && type.startsWith('image/')) {
      const [link] = await store.links(result, config.server.linkS, [name]);
      if (link) return link.url;
    }
    const file: ServedFile = {
      ...{ bytes: known.bytes, etag: known.sha256, type },
      cacheControl: isLasting ? ALWAYS : ASK_AGAIN,
      download: download ? basename(name) : null,
      open: async (range) => {
        const opened = await store.open(result, name, range).catch(goneWhere('RESULT_NOT_FOUND'));
        return opened.body;
      },
    };
    return file;
  };

  api.get(
    '/v1/videos/:id/result',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'result.json, with or without what people have corrected',
        params: videoParams,
        querystring: z.strictObject({ edits: z.enum(['on', 'off']).default('on') }),
        response: fileAnswers('application/json'),
      },
    },
    async (request, reply) => {
      const { params, query } = request;
      const machine =
        query.edits === 'off' ? await artifactOf(params.id, MACHINE_FILE, false, false).catch(none) : null;
      const file = machine ?? (await artifactOf(params.id, 'result.json', false, false));
      return typeof file === 'string' ? reply.redirect(file) : sendFile(request, reply, file);
    },
  );

  api.get(
    '/v1/videos/:id/artifacts',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'The files of a result',
        params: videoParams,
        response: { 200: artifactList, ...problems },
      },
    },
    async ({ params: { id } }) => ({ artifacts: await artifactsOf(await findEntry(id, rooms), rooms) }),
  );

  api.get(
    '/v1/videos/:id/artifacts/*',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'A file of a result, such as captions.vtt or keyframes/k0001.jpg',
        params: fileParams,
        querystring: fileQuery,
        response: { ...fileAnswers('image/jpeg', 'text/vtt', 'application/octet-stream'), ...redirect },
      },
    },
    async (request, reply) => {
      const { params, query } = request;
      const file = await artifactOf(params.id, params['*'], query.v !== undefined, query.download !== undefined);
      return typeof file === 'string' ? reply.redirect(file) : sendFile(request, reply, file);
    },
  );

  api.get(
    '/v1/videos/:id/thumbnail',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'A picture that stands for a video',
        params: videoParams,
        querystring: z.strictObject({ v: z.string().max(100).optional() }),
        response: { ...fileAnswers('image/jpeg'), ...redirect },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { result } = await findEntry(id, rooms);
      if (result?.picture) {
        const file = await artifactOf(id, `keyframes/${result.picture}.jpg`, request.query.v !== undefined, false);
        return typeof file === 'string' ? reply.redirect(file) : sendFile(request, reply, file);
      }
      const preview = await rooms.previews.read(id);
      if (preview !== null) {
        const etag = createHash('sha256').update(preview).digest('hex');
        const file = { bytes: preview.byteLength, etag, type: 'image/jpeg', cacheControl: ASK_AGAIN, download: null };
        return sendFile(request, reply, { ...file, open: async (range) => Readable.from([part(preview, range)]) });
      }
      throw new FramescribeError('ARTIFACT_NOT_FOUND', `Expected a picture of ${id}, but there is none yet`);
    },
  );

  api.get(
    '/v1/videos/:id/media',
    {
      config: { need: 'read' },
      schema: {
        tags,
        summary: 'The video itself: an upload, a file in a folder that may be read, or an object in S3',
        params: videoParams,
        querystring: z.strictObject({ download: z.string().max(10).optional() }),
        response: { ...fileAnswers('video/mp4', 'application/octet-stream'), ...redirect },
      },
    },
    async (request, reply) => {
      const { job } = await findEntry(request.params.id, rooms);
      const source = job?.source ?? '';
      const object = bucketOf(source, rooms);
      if (object !== null) {
        return reply.redirect(await linkMaker(object.bucket, config.storage.s3)(object.key, config.server.linkS));
      }
      const handle = await openSource(source, rooms);
      if (handle === null) {
        throw new FramescribeError(
          'ARTIFACT_NOT_FOUND',
          'Expected the video to be on this server, but it is elsewhere',
        );
      }
      const { size, mtimeNs, ino } = await handle.stat({ bigint: true }).finally(() => handle.close());
      return sendFile(request, reply, {
        ...{ bytes: Number(size), etag: `${ino}-${size}-${mtimeNs}`, type: videoTypeOf(source) },
        cacheControl: ASK_AGAIN,
        download: request.query.download === undefined ? null : basename(source),
        open: async (range) => {
          const opened = await openSource(source, rooms);
          if (opened !== null) return (await streamOf(opened, range)).body;
          throw new FramescribeError('ARTIFACT_NOT_FOUND', 'Expected the video to be there still, but it is gone');
        },
      });
    },
  );
}

function part(bytes: Buffer, range: ByteRange | undefined): Buffer {
  return range === undefined ? bytes : bytes.subarray(range.startByte, range.endByte + 1);
}

/** Nobody has corrected it. */
function none(error: unknown): null {
  if (FramescribeError.from(error).code === 'ARTIFACT_NOT_FOUND') return null;
  throw error;
}

function goneWhere(code: string): (error: unknown) => never {
  return (error) => {
    if (FramescribeError.from(error).code !== code) throw error;
    throw new FramescribeError(
      'ARTIFACT_NOT_FOUND',
      'Expected a plain file in the store, but it is gone or leads elsewhere',
    );
  };
}
