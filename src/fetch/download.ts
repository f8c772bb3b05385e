import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { FramescribeError } from '../domain/errors.ts';
import type { Extent } from '../domain/extent.ts';
import { connectionFault } from '../network/request.ts';
import type { Opened, Position, Remote } from './remote.ts';

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
  /** The longest time for `LEAST_BYTES` of news. */
  readonly stallTimeoutMs: number;
  /** Attempts in a row that bring nothing new. */
  readonly maxAttempts: number;
  /** Asks for room for so many bytes more, before they're written. Throws where there is none. */
  readonly claim: (bytes: number) => Promise<void>;
  readonly onProgress: (bytes: number, totalBytes: number | null) => void;
  /** Only so much of it, into its place in a file that is there. */
  readonly part?: Part;
  /** So much is in the file already, of this revision. */
  readonly had?: Position;
  /** Hears which revision comes, before its bytes do. */
  readonly onRevision?: (revision: string) => Promise<void>;
}

/** Some bytes of one revision. */
export interface Part extends Extent {
  readonly revision: string;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  /** By which its server tells these bytes from others; null where it doesn't. */
  readonly revision: string | null;
}

/** A server that sends less than this within the stall time-out counts as gone, be it for a byte now and then. */
const LEAST_BYTES = 16 * 1024;
/** News that makes up for failed attempts. */
const PROGRESS_BYTES = 1 << 20;
const CLAIM_BYTES = 64 << 20;
const MOST_CHANGES = 2;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 30_000];

/**
 * Writes a remote file to a path, hashed on its way. After a lost connection it goes on where it was, if the file is
 * still the same, and from the start otherwise: what is written comes from one revision.
 *
 * @throws {FramescribeError} SOURCE_TOO_LARGE, SOURCE_EMPTY, SOURCE_CHANGED, SOURCE_UNREACHABLE, DISK_FULL …
 */
export async function download(remote: Remote, path: string, options: DownloadOptions): Promise<Downloaded> {
  const { part, had } = options;
  await using file = await open(path, part || had ? 'r+' : 'w', 0o600);
  const target = new Target(remote.label, file, options);
  if (had) await target.readBack(path, had);
  let [failures, mark] = [0, 0];
  for (;;) {
    try {
      await pull(remote, target, options);
      return target.whole();
    } catch (error) {
      const isPassing = error instanceof FramescribeError && error.code === 'SOURCE_UNREACHABLE';
      if (options.signal.aborted || !isPassing) throw error;
      if (target.furthest >= mark + PROGRESS_BYTES) [failures, mark] = [0, target.furthest];
      if (++failures >= options.maxAttempts) throw error;
    }
    await wait(pauseMs(failures), undefined, { signal: options.signal });
  }
}

function pauseMs(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/** One attempt: asks for what is missing and writes what comes. */
async function pull(remote: Remote, target: Target, { signal, stallTimeoutMs }: DownloadOptions): Promise<void> {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallTimeoutMs);
  const either = AbortSignal.any([signal, stall.signal]);
  let body: Readable | null = null;
  let news = 0;
  try {
    const opened = await remote.open(target.position, either);
    body = addAbortSignal(either, opened.body);
    await target.begin(opened);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      await target.write(chunk);
      if (target.isFull) break;
      news += chunk.length;
      if (news < LEAST_BYTES) continue;
      news = 0;
      timer.refresh();
    }
    target.checkEnd();
  } catch (error) {
    if (signal.aborted || (error instanceof FramescribeError && !stall.signal.aborted)) throw error;
    const fault = stall.signal.aborted ? `too little for ${stallTimeoutMs} ms` : connectionFault(error);
    throw new FramescribeError('SOURCE_UNREACHABLE', `Expected more of ${remote.label}, got ${fault}`);
  } finally {
    clearTimeout(timer);
    body?.destroy();
  }
}

/** The file that grows, and what is known of it. */
class Target {
  readonly #label: string;
  readonly #file: FileHandle;
  readonly #options: DownloadOptions;
  #hash = createHash('sha256');
  #bytes = 0;
  #totalBytes: number | null = null;
  #revision: string | null = null;
  #changes = 0;
  #claimed = 0;
  furthest = 0;

  constructor(label: string, file: FileHandle, options: DownloadOptions) {
    this.#label = label;
    this.#file = file;
    this.#options = options;
    this.#bytes = options.part?.startBytes ?? 0;
  }

  /** What comes after doesn't belong to the part that is wanted. */
  get isFull(): boolean {
    return this.#bytes === this.#options.part?.endBytes;
  }

  get position(): Position | null {
    const { part } = this.#options;
    if (part) return { bytes: this.#bytes, revision: part.revision, endBytes: part.endBytes };
    const isPart = this.#bytes > 0 && (this.#totalBytes === null || this.#bytes < this.#totalBytes);
    return isPart && this.#revision !== null ? { bytes: this.#bytes, revision: this.#revision } : null;
  }

  /** Takes up what an earlier process has written. */
  async readBack(path: string, { bytes, revision }: Position): Promise<void> {
    for await (const chunk of createReadStream(path, { end: bytes - 1, highWaterMark: 1 << 20 }))
      this.#hash.update(chunk);
    await this.#file.truncate(bytes);
    [this.#bytes, this.furthest, this.#revision] = [bytes, bytes, revision];
  }

  async begin({ startBytes, totalBytes, revision }: Opened): Promise<void> {
    const { part, onRevision } = this.#options;
    if (part) return this.#beginPart(part, startBytes, revision);
    if (startBytes !== this.#bytes || startBytes === 0) {
      if (startBytes !== 0) throw this.#unreachable(`byte ${this.#bytes}`, `byte ${startBytes}`);
      if (this.#bytes > 0 && this.#revision !== null && revision !== this.#revision) this.#countChange();
      await this.#startAgain();
    }
    this.#totalBytes = totalBytes;
    this.#revision = revision;
    if (totalBytes === 0) throw this.#empty();
    if (totalBytes !== null) this.#checkSize(totalBytes);
    if (totalBytes !== null) await this.#claim(totalBytes);
    if (revision !== null) await onRevision?.(revision);
  }

  async write(piece: Buffer): Promise<void> {
    const chunk = piece.subarray(0, (this.#options.part?.endBytes ?? Number.POSITIVE_INFINITY) - this.#bytes);
    const bytes = this.#bytes + chunk.length;
    this.#checkSize(bytes);
    if (bytes - this.#start > this.#claimed) await this.#claim(bytes + CLAIM_BYTES);
    await writeAll(this.#file, chunk, this.#bytes);
    this.#hash.update(chunk);
    this.#bytes = bytes;
    this.furthest = Math.max(this.furthest, bytes);
    this.#options.onProgress(bytes, this.#totalBytes);
  }

  checkEnd(): void {
    if (this.#bytes === 0) throw this.#empty();
    const endBytes = this.#options.part?.endBytes ?? this.#totalBytes;
    if (endBytes === null || this.#bytes === endBytes) return;
    throw this.#unreachable(`${endBytes} bytes`, `${this.#bytes}`);
  }

  whole(): Downloaded {
    return { bytes: this.#bytes - this.#start, sha256: this.#hash.digest('hex'), revision: this.#revision };
  }

  get #start(): number {
    return this.#options.part?.startBytes ?? 0;
  }

  async #beginPart({ endBytes, revision }: Part, startBytes: number, got: string | null): Promise<void> {
    if (startBytes !== this.#bytes || got !== revision) {
      throw new FramescribeError(
        'SOURCE_CHANGED',
        `Expected byte ${this.#bytes} of ${this.#label} as it was, got others`,
      );
    }
    await this.#claim(endBytes - this.#start);
  }

  async #startAgain(): Promise<void> {
    if (this.#bytes > 0) await this.#file.truncate(0);
    this.#hash = createHash('sha256');
    this.#bytes = 0;
  }

  async #claim(bytes: number): Promise<void> {
    if (bytes <= this.#claimed) return;
    await this.#options.claim(bytes - this.#claimed);
    this.#claimed = bytes;
  }

  #checkSize(bytes: number): void {
    const { maxBytes } = this.#options;
    if (bytes <= maxBytes) return;
    throw new FramescribeError('SOURCE_TOO_LARGE', `Expected at most ${maxBytes} bytes, got ${bytes}: ${this.#label}`);
  }

  #countChange(): void {
    if (++this.#changes < MOST_CHANGES) return;
    throw new FramescribeError(
      'SOURCE_CHANGED',
      `Expected ${this.#label} to stay as it is, but it changes all the time`,
    );
  }

  #empty(): FramescribeError {
    return new FramescribeError('SOURCE_EMPTY', `Expected a video, got a file of 0 bytes: ${this.#label}`);
  }

  #unreachable(expected: string, got: string): FramescribeError {
    return new FramescribeError('SOURCE_UNREACHABLE', `Expected ${expected} of ${this.#label}, got ${got}`);
  }
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  try {
    for (let done = 0; done < chunk.length; ) {
      done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
    }
  } catch (error) {
    throw FramescribeError.from(error);
  }
}
