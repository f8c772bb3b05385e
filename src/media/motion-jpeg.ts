import type { Splitter } from './timed-frames.ts';

/**
 * Cuts FFmpeg's `mpjpeg` into its pictures: before each stands a short header in text with its length in bytes.
 * Every picture has a buffer of its own.
 */
export function jpegSplitter(): Splitter {
  let header = '';
  let picture: Buffer | null = null;
  let filled = 0;
  return (chunk) => {
    const whole: Buffer[] = [];
    for (let read = 0; read < chunk.length; ) {
      if (picture === null) {
        const before = header.length;
        header += chunk.toString('latin1', read, read + LONGEST_HEADER);
        const told = /Content-length: *(\d+)\r\n\r\n/i.exec(header);
        if (told === null) {
          if (header.length >= LONGEST_HEADER) throw new Error(`Expected the length of a picture, got ${header}`);
          return whole;
        }
        read += told.index + told[0].length - before;
        picture = Buffer.allocUnsafeSlow(Number(told[1]));
        header = '';
        filled = 0;
      }
      const copied = chunk.copy(picture, filled, read);
      read += copied;
      filled += copied;
      if (filled < picture.length) continue;
      whole.push(picture);
      picture = null;
    }
    return whole;
  };
}

/** The boundary, the type and the length take 71 bytes and the digits. */
const LONGEST_HEADER = 256;
