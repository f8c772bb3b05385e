import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FramescribeError } from '../domain/errors.ts';
import type { ByteRange } from '../storage/store.ts';
import { FOREIGN_CONTENT } from './shield.ts';

/** A file, or what is known of it before it's opened. */
export interface ServedFile {
  readonly bytes: number;
  /** Of these bytes and no others. */
  readonly etag: string;
  readonly type: string;
  readonly cacheControl: string;
  /** What a browser that saves it calls it; null to show it. */
  readonly download: string | null;
  open(range: ByteRange | undefined): Promise<Readable>;
}

/**
 * Sends a file, or the part that was asked for (RFC 9110, sections 13 and 14): `If-None-Match`, `Range`, `If-Range`.
 *
 * @throws {FramescribeError} RANGE_UNSATISFIABLE
 */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: ServedFile): Promise<FastifyReply> {
  const { headers } = request;
  const etag = `"${file.etag}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': file.cacheControl,
    'content-security-policy': FOREIGN_CONTENT,
    ...(file.download !== null && { 'content-disposition': attachment(file.download) }),
  });
  if (isListed(etag, headers['if-none-match'])) return reply.code(304).send();
  const ifRange = headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? headers.range : undefined;
  const range = wanted === undefined ? undefined : readRange(wanted, file.bytes, reply);
  const length = range ? range.endByte - range.startByte + 1 : file.bytes;
  reply.type(file.type).header('content-length', length);
  if (range) reply.code(206).header('content-range', `bytes ${range.startByte}-${range.endByte}/${file.bytes}`);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(await file.open(range));
}

const DIGITS = 15;

/** One range only: whoever asks for thousands of small ones has nothing good in mind. */
function readRange(text: string, bytes: number, reply: FastifyReply): ByteRange {
  const [, first = '', last = ''] = new RegExp(`^bytes=(\\d{0,${DIGITS}})-(\\d{0,${DIGITS}})$`).exec(text.trim()) ?? [];
  const isTail = first === '' && last !== '';
  const startByte = isTail ? Math.max(0, bytes - Number(last)) : Number(first || Number.NaN);
  const endByte = isTail || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (startByte <= endByte && startByte < bytes) return { startByte, endByte };
  reply.header('content-range', `bytes */${bytes}`);
  throw new FramescribeError(
    'RANGE_UNSATISFIABLE',
    `Expected one range of a file of ${bytes} bytes, got ${text.slice(0, 80)}`,
  );
}

function isListed(etag: string, list: string | undefined): boolean {
  if (list === undefined) return false;
  return list.trim() === '*' || list.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}

/** Any name in a header (RFC 6266 and 8187): plain letters for everybody, the name itself for those who can. */
function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
