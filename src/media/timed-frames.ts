import type { Readable } from 'node:stream';

/** A frame's timestamp in ticks of the stream's time base; null where FFmpeg had none. */
export type Pts = number | null;

export interface TimedFrames {
  /** Settles when all pipes are at their end. Rejects with what a callback threw. */
  readonly ended: Promise<void>;
  /** Stops the frames, so that FFmpeg waits; timestamps are few bytes and go on. */
  pause(): void;
  resume(): void;
}

/** The bytes of a frame, in as many parts as they came in: most are looked at and forgotten, so they aren't copied. */
export type Parts = readonly Uint8Array[];

/** Takes what comes through a pipe, piece by piece; tells the frames that are whole now. */
export type Splitter = (chunk: Buffer) => readonly Parts[];

/** Where frames come from, and where one ends. */
export interface FramePipe {
  readonly pipe: Readable;
  readonly split: Splitter;
}

/**
 * Puts together what FFmpeg writes to several pipes: frames, a line with the timestamp of each, and, where there are
 * more pipes with frames, the same frame in other forms. What `onTime` makes of a timestamp comes back with its frame.
 */
export function readTimedFrames<Time>(
  forms: readonly FramePipe[],
  times: Readable,
  onTime: (pts: Pts) => Time,
  onFrame: (time: Time, forms: readonly Parts[]) => void,
): TimedFrames {
  const waitingTimes: Time[] = [];
  const waitingFrames: Parts[][] = forms.map(() => []);
  const deliver = () => {
    while (waitingTimes.length > 0 && waitingFrames.every((frames) => frames.length > 0)) {
      onFrame(
        waitingTimes.shift() as Time,
        waitingFrames.map((frames) => frames.shift() as Parts),
      );
    }
  };
  const takeTime = (line: string) => {
    const told = /^frame:\d+ +pts:(\S+)/.exec(line)?.[1];
    if (told !== undefined) waitingTimes.push(onTime(told === 'NOPTS' ? null : Number(told)));
  };
  const ended = Promise.all([
    ...forms.map(({ pipe, split }, form) =>
      readAll(pipe, (chunk: Buffer) => {
        waitingFrames[form]?.push(...split(chunk));
        deliver();
      }),
    ),
    readLines(times, takeTime, deliver),
  ]).then(() => {});
  ended.catch(() => {}); // Looked at once FFmpeg is gone.
  return {
    ended,
    pause: () => forms.forEach(({ pipe }) => void pipe.pause()),
    resume: () => forms.forEach(({ pipe }) => void pipe.resume()),
  };
}

/** Frames of one size, of one part each. */
export function rawSplitter(frameBytes: number): Splitter {
  let begun: Buffer | null = null;
  let filled = 0;
  return (chunk) => {
    const whole: Parts[] = [];
    let read = 0;
    if (begun !== null) {
      read = chunk.copy(begun, filled);
      filled += read;
      if (filled < frameBytes) return whole;
      whole.push([begun]);
      begun = null;
    }
    for (; read + frameBytes <= chunk.length; read += frameBytes) whole.push([chunk.subarray(read, read + frameBytes)]);
    if (read < chunk.length) {
      begun = Buffer.allocUnsafe(frameBytes);
      filled = chunk.copy(begun, 0, read);
    }
    return whole;
  };
}

/** Reads a pipe line by line; `onChunk` is called after the lines of each piece. */
export function readLines(pipe: Readable, onLine: (line: string) => void, onChunk = () => {}): Promise<void> {
  let rest = '';
  pipe.setEncoding('latin1');
  return readAll(pipe, (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    onChunk();
  });
}

function readAll<Chunk>(pipe: Readable, take: (chunk: Chunk) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    pipe.once('close', resolve);
    pipe.on('data', (chunk: Chunk) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
        pipe.destroy();
      }
    });
  });
}
