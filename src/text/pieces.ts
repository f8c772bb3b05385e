/** Bytes in pieces that can be had again and again, the same each time: a large file needn't be in memory as a whole. */
export interface Pieces extends Iterable<Uint8Array> {
  /** Of all pieces together. */
  readonly byteLength: number;
}

/** What a file holds. */
export type Content = Uint8Array | Pieces;

const ENCODED_AT_ONCE = 1 << 16;

/** The pieces of a file's content: one where it's whole. */
export function piecesOf(content: Content): Iterable<Uint8Array> {
  return content instanceof Uint8Array ? [content] : content;
}

/** The bytes of a content as one. */
export function wholeOf(content: Content): Buffer {
  return Buffer.concat([...piecesOf(content)], content.byteLength);
}

/** Texts, of whole characters each, as one file in UTF-8. They're made anew each time that the bytes are asked for. */
export function encodedPieces(texts: () => Iterable<string>): Pieces {
  let byteLength = 0;
  for (const text of texts()) byteLength += Buffer.byteLength(text);
  return { byteLength, [Symbol.iterator]: () => encoded(texts()) };
}

/** As {@link encodedPieces}, of texts that are made once: the bytes are kept. */
export function keptPieces(texts: Iterable<string>): Pieces {
  const pieces = [...encoded(texts)];
  const byteLength = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  return { byteLength, [Symbol.iterator]: () => pieces[Symbol.iterator]() };
}

function* encoded(texts: Iterable<string>): Generator<Uint8Array> {
  let waiting = '';
  for (const text of texts) {
    waiting += text;
    if (waiting.length < ENCODED_AT_ONCE) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  if (waiting !== '') yield Buffer.from(waiting);
}
