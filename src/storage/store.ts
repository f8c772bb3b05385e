import type { Readable } from 'node:stream';
import type { Content } from '../text/pieces.ts';

/** Where results go: a folder, or something that behaves like one. Names inside a result are relative, with `/`. */
export interface Store {
  /**
   * Fails where no result could be put, so that this is known before one is made.
   *
   * @throws {FramescribeError} OUTPUT_NOT_WRITABLE, BUCKET_NOT_FOUND, STORE_…
   */
  check(): Promise<void>;
  /** Starts a new result. Readers see nothing of it before `commit`. */
  begin(name: string, options?: BeginOptions): Promise<Publication>;
  /** What stands under a name now, for `begin` to replace: null where there is no result. */
  revision(name: string): Promise<Revision | null>;
  /**
   * Reads one file of a result, or of a version of it that is kept.
   *
   * @throws {FramescribeError} RESULT_NOT_FOUND
   */
  read(name: string, file: string, version?: string): Promise<Buffer>;
  /** Which version stands there, as its writer told `begin`, `earlier` where it told none; null where there is no result. */
  version(name: string): Promise<string | null>;
  /** Ids of the versions that are kept since others took their place, sorted. */
  kept(name: string): Promise<readonly string[]>;
  /** Removes a kept version. Harmless where there is none; what stands there stays. */
  forget(name: string, version: string): Promise<void>;
  /**
   * Opens one file of a result, or a part of it, for a reader who takes it as it comes. Links are not followed out of the
   * store.
   *
   * @throws {FramescribeError} RESULT_NOT_FOUND
   */
  open(name: string, file: string, range?: ByteRange): Promise<OpenFile>;
  /**
   * When something under a name was last written, by the store's clock, in milliseconds since 1970; also of a result that was
   * begun and isn't whole. Null where there is nothing.
   */
  modifiedMs(name: string): Promise<number | null>;
  /** The files of a result, sorted; empty where there is none. */
  list(name: string): Promise<readonly string[]>;
  /** The names of all results, in no particular order. One that is begun, or isn't ours, has no revision. */
  names(): AsyncIterable<string>;
  /** Removes a result with the versions that were kept: nothing of it is read any more once this has begun. Harmless where there is none. */
  remove(name: string): Promise<void>;
  /**
   * For each file of a result a URL that whoever has it may read the file by, for so many seconds, without credentials.
   * In a folder a `file:` URL, which doesn't expire.
   *
   * @param only these files.
   * @throws {FramescribeError} RESULT_NOT_FOUND; USAGE: `expiresS` isn't from 1 second to 7 days.
   */
  links(name: string, expiresS: number, only?: readonly string[]): Promise<readonly FileLink[]>;
  /** How a person names a result, such as its folder. */
  locate(name: string): string;
}

/** Part of a file, both ends included, as HTTP counts. */
export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

export interface OpenFile {
  /** To be read to its end, or destroyed. */
  readonly body: Readable;
  /** Of the whole file. */
  readonly bytes: number;
}

export interface FileLink {
  readonly file: string;
  readonly url: string;
}

/** Tells one state of a result from another; means something to its store only. */
export type Revision = string;

export interface BeginOptions {
  /**
   * What `commit` may replace: it fails where another writer has put something else there since. Default: what stands
   * there at `begin`. Work that may have been given to somebody else asks for the revision when it takes the work.
   */
  readonly replaces?: Revision | null;
  /**
   * Which version it is, such as an id of the model and the choices behind it. Where another one stands there, `commit`
   * switches over in one step and keeps that one until it's forgotten; of one version there is never more than one.
   */
  readonly version?: string;
  /** Ends a `put` that is under way. */
  readonly signal?: AbortSignal;
}

/** A result that is being written. */
export interface Publication {
  /** May return before the file is stored; a failure is then thrown by a later `put` or by `commit`. */
  put(file: string, content: Content): Promise<void>;
  /**
   * Writes the manifest last and makes the result visible in the place of an older one.
   *
   * @throws {FramescribeError} RESULT_CONFLICT: another writer was faster; its result stands, whole.
   */
  commit(): Promise<void>;
  /** Leaves nothing behind. Harmless after `commit`. Doesn't throw: what made the caller give up is worth more. */
  abort(): Promise<void>;
}
