import type { Readable } from 'node:stream';

/** A frame's timestamp in ticks of the stream's time base; null where FFmpeg had none. */
export type Pts = number | null;

export interface TimedFrames {
  /** Settles when both pipes are at their end. Rejects with what a callback threw. */
  readonly ended: Promise<void>;
  /** Stops the frames, so that FFmpeg waits; timestamps are few bytes and go on. */
  pause(): void;
  resume(): void;
}

/**
 * Puts together what FFmpeg writes to two pipes: raw frames of a fixed size, and a line with the timestamp of each.
 * What `onTime` makes of a timestamp comes back with its frame. Every frame has a buffer of its own.
 */
export function readTimedFrames<Time>(
  pixels: Readable,
  times: Readable,
  frameBytes: number,
  onTime: (pts: Pts) => Time,
  onFrame: (time: Time, bytes: Uint8Array) => void,
): TimedFrames {
  const waitingTimes: Time[] = [];
  const waitingFrames: Uint8Array[] = [];
  const deliver = () => {
    while (waitingTimes.length > 0 && waitingFrames.length > 0) {
      onFrame(waitingTimes.shift() as Time, waitingFrames.shift() as Uint8Array);
    }
  };

  let frame = Buffer.allocUnsafeSlow(frameBytes);
  let filled = 0;
  const takePixels = (chunk: Buffer) => {
    for (let read = 0; read < chunk.length; ) {
      const copied = chunk.copy(frame, filled, read);
      read += copied;
      filled += copied;
      if (filled < frameBytes) continue;
      waitingFrames.push(frame);
      frame = Buffer.allocUnsafeSlow(frameBytes);
      filled = 0;
    }
    deliver();
  };

  let rest = '';
  const takeTimes = (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const told = /^frame:\d+ +pts:(\S+)/.exec(line)?.[1];
      if (told !== undefined) waitingTimes.push(onTime(told === 'NOPTS' ? null : Number(told)));
    }
    deliver();
  };

  times.setEncoding('latin1');
  const ended = Promise.all([readAll(pixels, takePixels), readAll(times, takeTimes)]).then(() => {});
  ended.catch(() => {}); // Looked at once FFmpeg is gone.
  return { ended, pause: () => void pixels.pause(), resume: () => void pixels.resume() };
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
