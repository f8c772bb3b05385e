import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonFile } from '../text/json-pieces.ts';
import { type Content, piecesOf, wholeOf } from '../text/pieces.ts';

export const MANIFEST_FILE = 'manifest.json';

/** A name inside a result: relative, no empty, `.` or `..` part, no backslash. */
export const resultFileName = z
  .string()
  .max(255)
  .regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/);

/** What made a result, as an id: what differs in it doesn't replace each other without a trace. */
export const versionId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

const folderOfFiles = z.string().regex(/^files-[0-9a-f]{16}$/);

export const manifest = z.strictObject({
  schema: z.literal('framescribe/manifest@1'),
  /** The folder beside the manifest that holds the files; absent where they lie beside the manifest themselves. */
  folder: folderOfFiles.optional(),
  /** Of the result; absent where its writer didn't tell. */
  version: versionId.optional(),
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

export function manifestEntry(name: string, content: Content): ManifestEntry {
  const hash = createHash('sha256');
  for (const piece of piecesOf(content)) hash.update(piece);
  return { name, bytes: content.byteLength, sha256: hash.digest('hex') };
}

/** The manifest's bytes: entries sorted by name, so that the same files give the same manifest. */
export function encodeManifest(
  files: Iterable<ManifestEntry>,
  { folder, version }: { readonly folder?: string; readonly version?: string | undefined } = {},
): Buffer {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const document: Manifest = {
    schema: 'framescribe/manifest@1',
    ...(folder && { folder }),
    ...(version && { version }),
    files: sorted,
  };
  return wholeOf(jsonFile(document));
}

/** The files of a result by its manifest, which is one of them: name, and path below the manifest's folder. */
export function pathsOf(
  bytes: Buffer,
  only?: readonly string[],
): readonly { readonly file: string; readonly path: string }[] {
  const below = filesBelow(bytes);
  const names = manifest.parse(JSON.parse(bytes.toString('utf8'))).files.map(({ name }) => name);
  const all = [{ file: MANIFEST_FILE, path: MANIFEST_FILE }, ...names.map((file) => ({ file, path: below + file }))];
  return only === undefined ? all : all.filter(({ file }) => only.includes(file));
}

/** Where a manifest says that its files are, such as `files-5f0e…/`: empty beside it, or where it can't be read as one. */
export function filesBelow(bytes: Buffer): string {
  const folder = readManifest(bytes)?.folder;
  return folder === undefined ? '' : `${folder}/`;
}

/** Which version a manifest says that its result is; null where it doesn't say, or can't be read as one. */
export function versionIn(bytes: Buffer): string | null {
  return readManifest(bytes)?.version ?? null;
}

/** The version of results whose writers told none. */
export const UNTOLD = 'earlier';

/**
 * Whether a result is to be kept when another takes its place, and under which id: where that one is another version
 * (`instead`). One that doesn't say its version replaces without a trace.
 */
export function keptAs(older: Buffer, newer: Buffer): { readonly as: string; readonly instead: string } | null {
  const instead = versionIn(newer);
  const as = versionIn(older) ?? UNTOLD;
  return instead === null || as === instead || readManifest(older) === null ? null : { as, instead };
}

function readManifest(bytes: Buffer): Manifest | null {
  try {
    return manifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

export function isFolderOfFiles(name: string): boolean {
  return folderOfFiles.safeParse(name).success;
}
