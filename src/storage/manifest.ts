import { createHash } from 'node:crypto';
import { z } from 'zod';

export const MANIFEST_FILE = 'manifest.json';

/** A name inside a result: relative, no empty, `.` or `..` part, no backslash. */
export const resultFileName = z
  .string()
  .max(255)
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/);

export const manifest = z.strictObject({
  schema: z.literal('framescribe/manifest@1'),
  files: z.array(
    z.strictObject({
      name: resultFileName,
      bytes: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

export type Manifest = Readonly<z.infer<typeof manifest>>;
export type ManifestEntry = Manifest['files'][number];

export function manifestEntry(name: string, bytes: Uint8Array): ManifestEntry {
  return { name, bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The manifest's bytes: entries sorted by name, so that the same files give the same manifest. */
export function encodeManifest(files: Iterable<ManifestEntry>): Buffer {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const document: Manifest = { schema: 'framescribe/manifest@1', files: sorted };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
}
