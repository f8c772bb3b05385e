import type { ErrorCode } from '../domain/errors.ts';
import type { FileFacts } from './filters.ts';

/** Something that a source lists. */
export interface Entry {
  /** Where to go on after it; grows along the listing, and means something to its listing only. */
  readonly position: string;
  /** As workers take it. */
  readonly source: string;
  /** What filters look at: the path below the source, with `/`. */
  readonly path: string;
  /** Null where nobody has looked yet. */
  readonly facts: FileFacts | null;
  /** As a list says it, whatever else is known. */
  readonly version?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Why it can't be a video at all, such as a bad line of a list. */
  readonly problem?: { readonly code: ErrorCode; readonly message: string };
}

/**
 * Everything that a source holds, page by page, in an order that stays the same.
 *
 * @param after the position of the last entry that has been seen; null to begin at the start.
 */
export type Listing = (after: string | null) => AsyncIterable<readonly Entry[]>;
