/** Where results go: a folder, or something that behaves like one. Names inside a result are relative, with `/`. */
export interface Store {
  /** Starts a new result. Readers see nothing of it before `commit`. */
  begin(name: string): Promise<Publication>;
  /**
   * Reads one file of a result.
   *
   * @throws {FramescribeError} RESULT_NOT_FOUND
   */
  read(name: string, file: string): Promise<Buffer>;
  /** The files of a result, sorted; empty where there is none. */
  list(name: string): Promise<readonly string[]>;
  /** How a person names a result, such as its folder. */
  locate(name: string): string;
}

/** A result that is being written. */
export interface Publication {
  put(file: string, bytes: Uint8Array): Promise<void>;
  /** Writes the manifest last and makes the result visible in the place of an older one. */
  commit(): Promise<void>;
  /** Leaves nothing behind. Harmless after `commit`. */
  abort(): Promise<void>;
}
