import { describe, expect, test } from 'vitest';
import { parseReferences } from '../../src/text/references.ts';

describe('reference captions', () => {
  test('are read from COCO JSON', () => {
    const images = [
      { id: 7, file_name: 'a.jpg', width: 640 },
      { id: 8, file_name: 'b.jpg' },
    ];
    const annotations = [
      { image_id: 8, id: 1, caption: 'A cat .' },
      { image_id: 7, id: 2, caption: 'A dog .' },
      { image_id: 8, id: 3, caption: 'A kitten' },
    ];
    expect(Object.fromEntries(parseReferences(JSON.stringify({ images, annotations }), 'x'))).toEqual({
      'a.jpg': ['A dog .'],
      'b.jpg': ['A cat .', 'A kitten'],
    });
  });

  test('are read from CSV with quoted commas and line ends, columns in any order', () => {
    const text = '\ufeffcaption,image\r\n"A dog, and\na ball",a.jpg\r\nA cat,b.jpg\r\n';
    expect([...parseReferences(text, 'x')]).toEqual([
      ['a.jpg', ['A dog, and\na ball']],
      ['b.jpg', ['A cat']],
    ]);
  });

  test('are read from lines of name#n', () => {
    expect([...parseReferences('a.jpg#0\tA dog .\na.jpg#1\tThe dog runs\n', 'x')]).toEqual([
      ['a.jpg', ['A dog .', 'The dog runs']],
    ]);
  });

  test.each([
    ['', 'no caption'],
    ['image,text\na.jpg,A dog', 'caption'],
    ['{"images": []}', 'annotations'],
    ['{"images": [], "annotations": [{"image_id": 1, "caption": "x"}]}', "isn't among"],
    ['{"images": [', 'JSON'],
    ['a.jpg#0\tA dog\nnonsense', 'line 2'],
    ['a,b,c\n1,2\n', 'Invalid Record Length'],
  ])('%j is refused', (text, why) => {
    expect(() => parseReferences(text, 'captions.csv')).toThrow(
      expect.objectContaining({ code: 'CAPTIONS_INVALID', message: expect.stringContaining(why) }),
    );
  });
});
