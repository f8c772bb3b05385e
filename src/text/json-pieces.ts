import { encodedPieces, type Pieces } from './pieces.ts';

/**
 * The text of `JSON.stringify(value, null, indent)` in pieces, one for each item of a field that is a list: no string is as
 * long as the whole, which for a result grows with its video.
 *
 * @param value of what JSON knows alone
 * @param indent spaces a level; 0 for one line
 */
export function* jsonPieces(value: object, indent = 0): Generator<string> {
  const line = (level: number) => (indent === 0 ? '' : `\n${' '.repeat(indent * level)}`);
  const textOf = (item: unknown, level: number) => JSON.stringify(item, null, indent).replaceAll('\n', line(level));
  let before = '{';
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const head = `${before}${line(1)}${JSON.stringify(name)}:${indent === 0 ? '' : ' '}`;
    before = ',';
    if (!Array.isArray(field) || field.length === 0) yield head + textOf(field, 1);
    else {
      yield `${head}[`;
      for (const [index, item] of field.entries()) yield `${index === 0 ? '' : ','}${line(2)}${textOf(item, 2)}`;
      yield `${line(1)}]`;
    }
  }
  yield before === '{' ? '{}' : `${line(0)}}`;
}

/** The text and a line's end, as a file. */
export function jsonFile(value: object): Pieces {
  return encodedPieces(function* () {
    yield* jsonPieces(value, 2);
    yield '\n';
  });
}
