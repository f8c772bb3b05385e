import type { Caption, SeenWord } from './result.ts';

/** Captions of one picture, best first, with the attention of each word where it was asked for. */
export interface PictureCaptions {
  readonly captions: readonly Caption[];
  /** For the best caption: one grid a token (end token left out), `rows × columns` weights that sum to 1. */
  readonly attention: readonly AttentionGrid[] | null;
  /** Words that the model sees named in the picture beside its captions, surest first; null where it looks for none. */
  readonly words: readonly SeenWord[] | null;
}

export interface AttentionGrid {
  readonly word: string;
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly weights: readonly number[];
}
