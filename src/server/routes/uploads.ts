import { z } from 'zod';
import { FramescribeError } from '../../domain/errors.ts';
import { type Api, nothing, problems } from '../api.ts';
import { uploadStatus } from '../contract/index.ts';
import type { Rooms } from '../rooms.ts';
import { UPLOAD_ID, UPLOADS_PATH, VIDEO_HEADER } from '../uploads.ts';

const tags = ['uploads'];
const uploadParams = z.strictObject({ upload: z.string().regex(UPLOAD_ID) });
const TUS = 'See https://tus.io/protocols/resumable-upload';

/** Uploads in pieces. Bodies go to the files as they come: no parser holds them. */
export function uploadRoutes(api: Api, { uploads }: Rooms): void {
  if (uploads === null) {
    refuseUploads(api);
    return;
  }
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', (_request, _payload, done) => done(null));

  api.addHook('preHandler', async ({ method, headers }) => {
    if (method === 'GET' || method === 'OPTIONS' || headers['tus-resumable'] === '1.0.0') return;
    throw new FramescribeError('REQUEST_INVALID', 'Expected Tus-Resumable: 1.0.0');
  });

  api.get(
    `${UPLOADS_PATH}/:upload`,
    {
      config: { need: 'submit' },
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'How far an upload is',
        params: uploadParams,
        response: { 200: uploadStatus, ...problems },
      },
    },
    async ({ params }) => uploads.status(params.upload),
  );

  api.post(
    UPLOADS_PATH,
    {
      config: { need: 'submit' },
      schema: {
        tags,
        summary: `Begin an upload, or send a small one whole. ${TUS}`,
        response: { 201: z.null().describe('Begun; Location tells where'), ...problems },
      },
    },
    async (request, reply) => uploads.handle(request, reply),
  );

  api.options(
    UPLOADS_PATH,
    { config: { need: 'submit' }, schema: { tags, summary: `What this server can. ${TUS}`, response: nothing } },
    async (request, reply) => uploads.handle(request, reply),
  );

  const piece = { config: { need: 'submit' as const }, schema: { tags, params: uploadParams, response: nothing } };
  api.patch(
    `${UPLOADS_PATH}/:upload`,
    {
      ...piece,
      schema: { ...piece.schema, summary: `Send a piece. With the last one ${VIDEO_HEADER} tells the video. ${TUS}` },
    },
    async (request, reply) => uploads.handle(request, reply),
  );

  api.delete(
    `${UPLOADS_PATH}/:upload`,
    { ...piece, schema: { ...piece.schema, summary: 'Give an upload up' } },
    async (request, reply) => uploads.handle(request, reply),
  );

  api.head(
    `${UPLOADS_PATH}/:upload`,
    {
      config: { ...piece.config, swagger: { exposeHeadRoute: true } },
      schema: {
        ...piece.schema,
        summary: 'Where to go on',
        response: { 200: z.null().describe('Upload-Offset tells'), ...problems },
      },
    },
    async (request, reply) => {
      const { video } = await uploads.status(request.params.upload);
      if (video !== null) reply.header(VIDEO_HEADER, video);
      await uploads.handle(request, reply);
    },
  );
}

/** Whoever sends a file hears why it can't go anywhere, and what to set. */
function refuseUploads(api: Api): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', (_request, _payload, done) => done(null));
  for (const url of [UPLOADS_PATH, `${UPLOADS_PATH}/:upload`]) {
    api.all(url, { config: { need: 'submit' }, schema: { hide: true } }, async () => {
      throw new FramescribeError(
        'UPLOADS_OFF',
        'Expected a folder for uploads, but this server has none: its results are in S3',
      );
    });
  }
}
