import type { Parts, Splitter } from './timed-frames.ts';

/** Cuts FFmpeg's `mpjpeg` into its pictures: before each stands a short header in text with its length in bytes. */
export function jpegSplitter(): Splitter {
  let header = '';
  let parts: Buffer[] = [];
  /** Bytes of the picture that are yet to come; null where its header is. */
  let missing: number | null = null;
  return (chunk) => {
    const whole: Parts[] = [];
    for (let read = 0; read < chunk.length; ) {
      if (missing === null) {
        const before = header.length;
        header += chunk.toString('latin1', read, read + LONGEST_HEADER);
        const told = /Content-length: *(\d+)\r\n\r\n/i.exec(header);
        if (told === null) {
          if (header.length >= LONGEST_HEADER) throw new Error(`Expected the length of a picture, got ${header}`);
          return whole;
        }
        read += told.index + told[0].length - before;
        missing = Number(told[1]);
        header = '';
      }
      const part = chunk.subarray(read, read + missing);
      parts.push(part);
      read += part.length;
      missing -= part.length;
      if (missing > 0) continue;
      whole.push(parts);
      parts = [];
      missing = null;
    }
    return whole;
  };
}

/** The boundary, the type and the length take 71 bytes and the digits. */
const LONGEST_HEADER = 256;
