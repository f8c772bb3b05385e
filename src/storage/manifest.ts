import { createHash } from 'node:crypto';
import { z } from 'zod';

export const MANIFEST_FILE = 'manifest.json';

/** A name inside a result: relative, no empty, `.` or `..` part, no backslash. */
export const resultFileName = z
  .string()
  .max(255)
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/);

const folderOfFiles = z.string().regex(/^files-[0-9a-f]{16}$/);

export const manifest = z.strictObject({
  schema: z.literal('framescribe/manifest@1'),
  /** The folder beside the manifest that holds the files; absent where they lie beside the manifest themselves. */
  folder: folderOfFiles.optional(),
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
export function encodeManifest(files: Iterable<ManifestEntry>, folder?: string): Buffer {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const document: Manifest = { schema: 'framescribe/manifest@1', ...(folder && { folder }), files: sorted };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
}

/** All files of a result by its manifest, which is one of them: name, and path below the manifest's folder. */
export function pathsOf(bytes: Buffer): readonly { readonly file: string; readonly path: string }[] {
  const below = filesBelow(bytes);
  const names = manifest.parse(JSON.parse(bytes.toString('utf8'))).files.map(({ name }) => name);
  return [{ file: MANIFEST_FILE, path: MANIFEST_FILE }, ...names.map((file) => ({ file, path: below + file }))];
}

/** Where a manifest says that its files are, such as `files-5f0e…/`: empty beside it, or where it can't be read as one. */
export function filesBelow(bytes: Buffer): string {
  try {
    const { folder } = manifest.parse(JSON.parse(bytes.toString('utf8')));
    return folder === undefined ? '' : `${folder}/`;
  } catch {
    return '';
  }
}

export function isFolderOfFiles(name: string): boolean {
  return folderOfFiles.safeParse(name).success;
}
