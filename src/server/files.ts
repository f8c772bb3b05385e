import { extname, isAbsolute } from 'node:path';
import { listOf } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { readReference } from '../fetch/source-reference.ts';
import { contentTypeOf } from '../storage/content-type.ts';
import { openBelow } from '../storage/folder-file.ts';
import { MANIFEST_FILE, type Manifest, manifest } from '../storage/manifest.ts';
import type { Artifact } from './contract/index.ts';
import type { Entry } from './library/entry.ts';
import type { Rooms } from './rooms.ts';

type Context = Pick<Rooms, 'config' | 'store' | 'uploads'>;

/** The files of a video's result, as its manifest has them. */
export async function artifactsOf(entry: Entry, { store }: Context): Promise<Artifact[]> {
  const { files } = await readManifest(nameOf(entry), store);
  return files.map(({ name, bytes, sha256 }) => {
    const path = name.split('/').map(encodeURIComponent).join('/');
    const url = `/v1/videos/${entry.id}/artifacts/${path}?v=${sha256.slice(0, 12)}`;
    return { name, bytes, sha256, type: contentTypeOf(name), url };
  });
}

/** @throws {FramescribeError} ARTIFACT_NOT_FOUND: there is no result yet. */
export function nameOf({ id, job, result }: Entry): string {
  const name = result?.name ?? job?.result?.name;
  if (name !== undefined) return name;
  throw new FramescribeError('ARTIFACT_NOT_FOUND', `Expected a result of ${id}, but there is none yet`);
}

/** @throws {FramescribeError} ARTIFACT_NOT_FOUND */
export async function readManifest(name: string, store: Context['store']): Promise<Manifest> {
  const bytes = await store.read(name, MANIFEST_FILE).catch((error) => {
    if (FramescribeError.from(error).code !== 'RESULT_NOT_FOUND') throw error;
    throw new FramescribeError('ARTIFACT_NOT_FOUND', 'Expected a result in the store, but it is gone');
  });
  try {
    return manifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new FramescribeError('RESULT_INVALID', 'Expected a manifest, but its file is something else', { cause });
  }
}

/** Where a player gets the video itself; null where this server can't give it. */
export async function mediaOf(entry: Entry, context: Context): Promise<string | null> {
  const source = entry.job?.source;
  if (source === undefined) return null;
  const url = `/v1/videos/${entry.id}/media`;
  if (bucketOf(source, context) !== null) return url;
  const file = await openSource(source, context);
  await file?.close();
  return file === null ? null : url;
}

/** The bucket and key of a source in S3, where the settings let it be read. */
export function bucketOf(
  source: string,
  { config }: Context,
): { readonly bucket: string; readonly key: string } | null {
  if (!/^s3:/i.test(source)) return null;
  const reference = readReference(source);
  const allowed = listOf(config.fetch.buckets);
  if (reference.kind !== 's3' || (allowed.length > 0 && !allowed.includes(reference.bucket))) return null;
  return reference;
}

/** A source on this machine: an upload, or below a folder that may be read; null where it's neither. */
export async function openSource(source: string, { config, uploads }: Context) {
  if (!isAbsolute(source)) return null;
  const folders = [...(uploads ? [uploads.sources] : []), ...listOf(config.fetch.folders)];
  for (const folder of folders) {
    const file = await openBelow(source, folder);
    if (file !== null) return file;
  }
  return null;
}

const VIDEO_TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.ogv': 'video/ogg',
  '.avi': 'video/x-msvideo',
  '.ts': 'video/mp2t',
};

/** The media type of a video, by the end of its name: always one that no browser takes for a page. */
export function videoTypeOf(name: string): string {
  return VIDEO_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';
}
