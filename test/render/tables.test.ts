import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shotsCsv } from '../../src/render/csv.ts';
import { summaryMarkdown } from '../../src/render/markdown.ts';
import { exampleResult } from './example-result.ts';

describe('shots.csv', () => {
  it('has a row for each shot below its header', () => {
    const rows = parse(shotsCsv(exampleResult()), { columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(9);
    expect(rows[0]).toEqual({
      shot: 's0001',
      start_ms: '0',
      end_ms: '9500',
      start: '00:00:00.000',
      end: '00:00:09.500',
      transition: 'start',
      chapter: 'A brown dog running through the grass',
      keyframes: 'k0001',
      caption: 'two dogs are running through the grass',
      confidence: '0.81',
      uncertain: 'false',
      edited: 'false',
    });
  });

  it('reads back as it was, whatever the text, with formulas made text', () => {
    const { shots, keyframes, chapters } = exampleResult();
    fc.assert(
      fc.property(hostile(), (title) => {
        const renamed = chapters.map((chapter) => ({ ...chapter, title }));
        const rows = parse(shotsCsv({ shots, keyframes, chapters: renamed }), {
          columns: true,
          record_delimiter: '\r\n',
        });
        const [first] = rows as Record<string, string>[];
        expect(first?.chapter).toBe(/^[=+\-@\t\r]/.test(title) ? `'${title}` : title);
        expect(first?.chapter).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

describe('summary.md', () => {
  it('links each sentence to its frames', () => {
    expect(summaryMarkdown(exampleResult())).toContain(
      '- A brown dog is running through the grass. [0:13](keyframes/k0002.jpg) [0:31](keyframes/k0004.jpg)',
    );
  });

  it('leaves no HTML, link, heading or table cell to a hostile name', () => {
    const result = exampleResult();
    const lines = (source: string) => summaryMarkdown({ ...result, video: { ...result.video, source } }).split('\n');
    fc.assert(
      fc.property(hostile(), (source) => {
        const heading = lines(source)[0] ?? '';
        expect(lines(source)).toHaveLength(lines('plain').length);
        expect(heading).not.toMatch(/[<>]|(?<!\\)(?:\\\\)*[[\]|`*_~]/);
      }),
    );
  });
});

function hostile(): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom('=', '+', '-', '@', '"', ',', '\r', '\n', '\t', "'", '|', '[', ']', '<', '>', '*', '\\', 'x'),
    minLength: 1,
  });
}
