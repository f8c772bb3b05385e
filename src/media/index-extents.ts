import { type FileHandle, open } from 'node:fs/promises';
import type { Extent } from '../domain/extent.ts';

/** What a demuxer reads of a box or an element that it skips. */
const HEADER_BYTES = 16;
const MOST_ELEMENTS = 100_000;

/**
 * Where in a file everything is but the media itself: headers and indexes, by which a demuxer finds a point in time
 * without reading what lies before it. Null where there is no such index, or it's all over the file.
 */
export async function indexExtents(path: string, container: string): Promise<readonly Extent[] | null> {
  await using file = await open(path);
  const { size } = await file.stat();
  if (container === 'mov') return await boxes(file, size);
  return container === 'matroska' ? await elements(file, size) : null;
}

/** The boxes of an MP4 or QuickTime file (ISO/IEC 14496-12). One in fragments has its index all over the file. */
async function boxes(file: FileHandle, size: number): Promise<readonly Extent[] | null> {
  const extents: Extent[] = [];
  for (let at = 0; at + 8 <= size; ) {
    const header = await read(file, at);
    const short = header.readUInt32BE(0);
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short || size - at;
    const type = header.toString('latin1', 4, 8);
    if (length < 8 || type === 'moof' || extents.length > MOST_ELEMENTS) return null;
    const isSkipped = ['mdat', 'free', 'skip', 'wide'].includes(type);
    extents.push({ startBytes: at, endBytes: Math.min(size, at + (isSkipped ? HEADER_BYTES : length)) });
    at += length;
  }
  return extents;
}

const [SEGMENT, CLUSTER, CUES, VOID] = [0x18538067, 0x1f43b675, 0x1c53bb6b, 0xec];

/** The elements of a Matroska or WebM file (RFC 9559). Without cues a demuxer has to read its way to any point. */
async function elements(file: FileHandle, size: number): Promise<readonly Extent[] | null> {
  const extents: Extent[] = [];
  let [hasCues, count] = [false, 0];
  for (let at = 0; at + 2 <= size; ) {
    const element = readElement(await read(file, at));
    if (element === null || ++count > MOST_ELEMENTS) return null;
    const { id, headerBytes, length } = element;
    hasCues ||= id === CUES;
    const isOpened = id === SEGMENT;
    if (length === null && !isOpened) return null;
    const to = at + headerBytes + (isOpened ? 0 : (length ?? 0));
    if (id !== CLUSTER && id !== VOID) extents.push({ startBytes: at, endBytes: Math.min(size, to) });
    at = to;
  }
  return hasCues ? extents : null;
}

/** The head of an EBML element (RFC 8794); a length of null isn't known. */
function readElement(bytes: Buffer): { id: number; headerBytes: number; length: number | null } | null {
  const idBytes = Math.clz32(bytes[0] ?? 0) - 23;
  const lengthBytes = Math.clz32(bytes[idBytes] ?? 0) - 23;
  if (idBytes > 4 || lengthBytes > 8) return null;
  const id = bytes.readUIntBE(0, idBytes);
  let length = (bytes[idBytes] ?? 0) & (0xff >> lengthBytes);
  let isUnknown = length === 0xff >> lengthBytes;
  for (const byte of bytes.subarray(idBytes + 1, idBytes + lengthBytes)) {
    length = length * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { id, headerBytes: idBytes + lengthBytes, length: isUnknown ? null : length };
}

/** As many bytes as the longest header has; zeros after the end. */
async function read(file: FileHandle, at: number): Promise<Buffer> {
  const header = Buffer.alloc(HEADER_BYTES);
  await file.read(header, 0, HEADER_BYTES, at);
  return header;
}
