import type { S3Settings } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { filesBelow, MANIFEST_FILE, pathsOf, UNTOLD, versionIn } from './manifest.ts';
import { fileOfResult, idOfVersion, lifeOfLink, nameOfResult } from './names.ts';
import { type Bucket, openBucket } from './s3-bucket.ts';
import { beginInBucket } from './s3-publication.ts';
import type { S3Location } from './s3-url.ts';
import { forgetVersion, keyOfVersion, versionsIn } from './s3-versions.ts';
import type { Store } from './store.ts';

/**
 * A store in an S3 bucket. S3 can't rename, so each publication has a folder of its own, and the manifest beside the
 * folders, put last and in one request, tells which of them is the result:
 *
 *     prefix/name/manifest.json                        what a reader opens first: it names the folder
 *     prefix/name/files-5f0e1c2d3b4a5968/result.json   and the other files of the result
 *     prefix/name/versions/<id>.json                   the manifest of a version that is kept: it names another folder
 *
 * So a reader sees the older result or the newer one, whole, and a copy of `prefix/name` made by any tool is a result
 * that a folder store reads too.
 */
export function s3Store({ bucket: bucketName, prefix }: S3Location, settings: S3Settings): Store {
  const bucket = openBucket(bucketName, settings);
  const rootOf = (name: string) => `${prefix}${nameOfResult(name)}/`;
  const locate = (name: string) => `s3://${bucketName}/${prefix}${nameOfResult(name)}`;
  return {
    check: async () => {
      for await (const _ of bucket.list(prefix, { folders: true })) break;
    },
    begin: async (name, options = {}) => beginInBucket(bucket, rootOf(name), settings, options),
    revision: async (name) => (await bucket.get(rootOf(name) + MANIFEST_FILE))?.etag ?? null,
    version: async (name) => {
      const manifest = await bucket.get(rootOf(name) + MANIFEST_FILE);
      return manifest && (versionIn(manifest.bytes) ?? UNTOLD);
    },
    kept: async (name) => versionsIn(bucket, rootOf(name)),
    forget: async (name, version) => forgetVersion(bucket, rootOf(name), idOfVersion(version)),
    read: async (name, file, version) => {
      const root = rootOf(name);
      const key = version === undefined ? root + MANIFEST_FILE : keyOfVersion(root, idOfVersion(version));
      const bytes = await readFile(bucket, root, key, fileOfResult(file));
      if (bytes) return bytes;
      throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result with a file ${file} at ${locate(name)}`);
    },
    open: async (name, file, range) => {
      const root = rootOf(name);
      const opened = await find(bucket, root, root + MANIFEST_FILE, fileOfResult(file), (key) =>
        bucket.open(key, range),
      );
      if (opened) return opened;
      throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result with a file ${file} at ${locate(name)}`);
    },
    links: async (name, expiresS, only) => {
      const life = lifeOfLink(expiresS);
      const manifest = await bucket.get(rootOf(name) + MANIFEST_FILE);
      if (manifest === null) throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result at ${locate(name)}`);
      const paths = pathsOf(manifest.bytes, only);
      return Promise.all(
        paths.map(async ({ file, path }) => ({ file, url: await bucket.link(rootOf(name) + path, life) })),
      );
    },
    modifiedMs: async (name) => {
      let newest: number | null = null;
      for await (const { objects } of bucket.list(rootOf(name)))
        for (const { modifiedMs } of objects) newest = Math.max(newest ?? 0, modifiedMs);
      return newest;
    },
    list: async (name) => listFiles(bucket, rootOf(name)),
    names: () => namesBelow(bucket, prefix),
    remove: (name) => removeBelow(bucket, rootOf(name)),
    locate,
  };
}

async function* namesBelow(bucket: Bucket, prefix: string): AsyncGenerator<string> {
  for await (const { folders } of bucket.list(prefix, { folders: true })) {
    for (const folder of folders) yield folder.slice(prefix.length, -1);
  }
}

/** The manifest goes first: what is left, should this be cut short, is no result. */
async function removeBelow(bucket: Bucket, root: string): Promise<void> {
  await bucket.remove([root + MANIFEST_FILE]);
  for await (const { objects } of bucket.list(root)) await bucket.remove(objects.map(({ key }) => key));
}

async function readFile(bucket: Bucket, root: string, manifestKey: string, file: string): Promise<Buffer | null> {
  const found = await find(bucket, root, manifestKey, file, (key) => bucket.get(key));
  return found?.bytes ?? null;
}

/** A result that is replaced between the two requests is looked up once more. */
async function find<T>(
  bucket: Bucket,
  root: string,
  manifestKey: string,
  file: string,
  get: (key: string) => Promise<T | null>,
): Promise<T | null> {
  if (file === MANIFEST_FILE) return get(manifestKey);
  for (let attempt = 1; attempt <= 2; attempt++) {
    const manifest = await bucket.get(manifestKey);
    if (manifest === null) return null;
    const found = await get(root + filesBelow(manifest.bytes) + file);
    if (found !== null) return found;
  }
  return null;
}

async function listFiles(bucket: Bucket, root: string): Promise<readonly string[]> {
  const manifest = await bucket.get(root + MANIFEST_FILE);
  if (manifest === null) return [];
  const below = root + filesBelow(manifest.bytes);
  const files = new Set([MANIFEST_FILE]);
  for await (const { objects } of bucket.list(below)) for (const { key } of objects) files.add(key.slice(below.length));
  return [...files].sort();
}
