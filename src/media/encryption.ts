import { type FileHandle, open } from 'node:fs/promises';

const MOOV_READ_BYTES = 16 * 1024 * 1024;
const BOXES_READ = 1000;

/**
 * Whether an MP4 file says that its video is encrypted (ISO/IEC 23001-7): a sample entry `encv`, or a `sinf` box with
 * the original format in it. FFmpeg hides this behind the original codec's name and then decodes nothing.
 */
export async function isEncryptedMp4(path: string): Promise<boolean> {
  await using file = await open(path);
  const moov = await readMoov(file);
  return (
    moov !== null &&
    (moov.includes('encv', 0, 'latin1') || /sinf.{4}frma.{4}(avc|hvc|hev|vp0|av01|mp4v)/s.test(moov.toString('latin1')))
  );
}

/** The `moov` box, or its first 16 MiB. */
async function readMoov(file: FileHandle): Promise<Buffer | null> {
  const header = Buffer.alloc(16);
  let offset = 0;
  for (let box = 0; box < BOXES_READ; box++) {
    const { bytesRead } = await file.read(header, 0, 16, offset);
    if (bytesRead < 16) return null;
    const short = header.readUInt32BE(0);
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (header.toString('latin1', 4, 8) === 'moov') {
      const length = Math.min(size || MOOV_READ_BYTES, MOOV_READ_BYTES);
      const { buffer, bytesRead: read } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, read);
    }
    if (size < 8) return null;
    offset += size;
  }
  return null;
}
