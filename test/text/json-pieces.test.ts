import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFile, jsonPieces } from '../../src/text/json-pieces.ts';
import { wholeOf } from '../../src/text/pieces.ts';

const documents = fc.dictionary(fc.string({ unit: 'binary' }), fc.option(fc.jsonValue(), { nil: undefined }));

test('pieces make the text of JSON.stringify, whatever it holds', () => {
  fc.assert(
    fc.property(documents, fc.nat({ max: 4 }), (value, indent) => {
      expect([...jsonPieces(value, indent)].join('')).toBe(JSON.stringify(value, null, indent));
      expect(String(wholeOf(jsonFile(value)))).toBe(Buffer.from(`${JSON.stringify(value, null, 2)}\n`).toString());
    }),
  );
});

test('no piece is longer than an item of a list', () => {
  const keyframes = Array.from({ length: 1000 }, (_, index) => ({
    id: index,
    captions: ['a dog', 'a "cat"\nand more'],
  }));
  const longest = Math.max(...Array.from(jsonPieces({ keyframes }, 2), ({ length }) => length));
  expect(longest).toBeLessThan(200);
});
