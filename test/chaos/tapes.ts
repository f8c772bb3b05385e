import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** What lies in a bucket of tapes. */
export interface Tapes {
  /** Keys of videos that have a result in the end. */
  readonly good: readonly string[];
  /** Keys that are named like videos, and are none. */
  readonly bad: readonly string[];
}

const DRAWN = 25;
const BAD_EVERY = 20;
const AT_ONCE = 16;

/**
 * Puts so many tiny clips of half a second below `tapes/`, each with bytes of its own, some under odd keys; one in
 * twenty is no video.
 */
export async function putTapes(client: S3Client, Bucket: string, count: number): Promise<Tapes> {
  const drawn = await drawClips(Math.min(count, DRAWN));
  const tapes = Array.from({ length: count }, (_, number) => ({
    number,
    Key: keyOf(number),
    isBad: number % BAD_EVERY === 7,
  }));
  let next = 0;
  const put = async () => {
    for (let tape = tapes[next++]; tape; tape = tapes[next++]) {
      const clip = drawn[tape.number % drawn.length] ?? Buffer.alloc(0);
      const Body = tape.isBad ? Buffer.from(`no video, number ${tape.number}`) : withMark(clip, tape.number);
      await client.send(new PutObjectCommand({ Bucket, Key: tape.Key, Body }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
  const keys = (isBad: boolean) => tapes.filter((tape) => tape.isBad === isBad).map(({ Key }) => Key);
  return { good: keys(false), bad: keys(true) };
}

function keyOf(number: number): string {
  const odd = ['', ' ü 視頻', '+plus & co', '/../up', '\nline', '//double'][number % 20] ?? '';
  return `tapes/${String(number % 7)}${odd}/${String(number).padStart(6, '0')}.mp4`;
}

async function drawClips(count: number): Promise<readonly Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tapes-'));
  try {
    const files = Array.from({ length: count }, (_, index) => join(folder, `${index}.mp4`));
    for (const [index, file] of files.entries()) {
      const drawing = `testsrc2=size=64x48:rate=10:duration=0.5,hue=h=${index * 14}`;
      const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
      execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', drawing, ...codec, file]);
    }
    return await Promise.all(files.map((file) => readFile(file)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A box at the end that players pass over, so that no two clips have the same bytes. */
function withMark(clip: Buffer, number: number): Buffer {
  const box = Buffer.alloc(16);
  box.writeUInt32BE(box.length);
  box.write('free', 4, 'latin1');
  box.writeBigUInt64BE(BigInt(number), 8);
  return Buffer.concat([clip, box]);
}
