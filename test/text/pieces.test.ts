import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedPieces, keptPieces, type Pieces, piecesOf, wholeOf } from '../../src/text/pieces.ts';

describe.each([
  ['made anew', (texts: readonly string[]): Pieces => encodedPieces(() => texts.values())],
  ['kept', (texts: readonly string[]): Pieces => keptPieces(texts.values())],
])('pieces that are %s', (_, make) => {
  test('are the same bytes each time, and as many as they say', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const pieces = make(texts);
        const expected = Buffer.from(texts.join(''));
        expect(pieces.byteLength).toBe(expected.length);
        for (const _ of [1, 2]) expect(wholeOf(pieces).equals(expected)).toBe(true);
      }),
    );
  });

  test('are neither as long as the whole nor as many as the texts', () => {
    const lengths = [...make(new Array(100_000).fill('ten bytes '))].map(({ byteLength }) => byteLength);
    expect(Math.max(...lengths)).toBeLessThan(70_000);
    expect(lengths.length).toBeLessThan(20);
  });
});

test('what is whole is one piece', () => {
  const whole = Buffer.from('whole');
  expect([...piecesOf(whole)]).toEqual([whole]);
});
