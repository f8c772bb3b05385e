import { contentTypeOf } from './content-type.ts';
import { filesBelow, MANIFEST_FILE } from './manifest.ts';
import type { Bucket, ObjectFacts } from './s3-bucket.ts';

/** How manifests are stored, whichever. */
export const MANIFEST_FACTS: ObjectFacts = {
  contentType: contentTypeOf(MANIFEST_FILE),
  cacheControl: 'no-cache',
  metadata: { 'framescribe-schema': 'framescribe/manifest@1' },
};

/** Where the manifest of a kept version lies: beside the one that stands; the files stay where they are. */
export function keyOfVersion(root: string, version: string): string {
  return `${versionsBelow(root)}${version}.json`;
}

/** Keeps a version: its files stay in sight, and are swept no more. */
export async function keepVersion(bucket: Bucket, root: string, version: string, manifest: Buffer): Promise<void> {
  await bucket.put(keyOfVersion(root, version), manifest, MANIFEST_FACTS);
}

/** Ids of the versions that are kept. */
export async function versionsIn(bucket: Bucket, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { objects } of bucket.list(versionsBelow(root))) {
    for (const { key } of objects) found.push(key.slice(versionsBelow(root).length).replace(/\.json$/, ''));
  }
  return found.sort();
}

/** Folders of files that kept versions name. */
export async function foldersOfVersions(bucket: Bucket, root: string, versions: readonly string[]) {
  const manifests = await Promise.all(versions.map((version) => bucket.get(keyOfVersion(root, version))));
  return new Set(manifests.flatMap((found) => (found === null ? [] : [root + filesBelow(found.bytes)])));
}

/** The manifest goes first: what is left, should this be cut short, is swept with the next publication. */
export async function forgetVersion(bucket: Bucket, root: string, version: string): Promise<void> {
  const manifest = await bucket.get(keyOfVersion(root, version));
  if (manifest === null) return;
  await bucket.remove([keyOfVersion(root, version)]);
  const folder = filesBelow(manifest.bytes);
  const standing = await bucket.get(root + MANIFEST_FILE);
  // A writer that kept it, and then lost or died, has left the mark on what still stands.
  if (folder !== '' && (standing === null || filesBelow(standing.bytes) !== folder))
    await bucket.removeBelow(root + folder);
}

function versionsBelow(root: string): string {
  return `${root}versions/`;
}
