/** Some bytes of a file. */
export interface Extent {
  readonly startBytes: number;
  /** The first one that doesn't belong to it any more. */
  readonly endBytes: number;
}
