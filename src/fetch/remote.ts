import type { Readable } from 'node:stream';

/** A file somewhere else, of which the rest can be asked for. */
export interface Remote {
  /** For messages: holds no credentials. */
  readonly label: string;
  /**
   * Opens it, at a position where that can be done, and from its start otherwise.
   *
   * @throws {FramescribeError} SOURCE_UNREACHABLE where another attempt may go better. Other errors are final.
   */
  open(from: Position | null, signal: AbortSignal): Promise<Opened>;
}

/** How much of which revision is there already. */
export interface Position {
  readonly bytes: number;
  readonly revision: string;
  /** Where what is wanted ends; without it, all of the rest is. */
  readonly endBytes?: number;
}

/** A position as HTTP has it. */
export function rangeHeader({ bytes, endBytes }: Position): string {
  return `bytes=${bytes}-${endBytes === undefined ? '' : endBytes - 1}`;
}

export interface Opened {
  readonly startBytes: number;
  /** Of the whole file; null where its server doesn't say. */
  readonly totalBytes: number | null;
  /** Tells one state of the file from another, byte for byte; null where nothing does. */
  readonly revision: string | null;
  readonly body: Readable;
}
