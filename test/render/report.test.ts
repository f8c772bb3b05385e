import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/domain/result.ts';
import { FORMATS, type Pictures, renderAll } from '../../src/render/render.ts';
import { reportPage } from '../../src/render/report/page.ts';
import { SmallPictures } from '../../src/render/small-pictures.ts';
import { wholeOf } from '../../src/text/pieces.ts';
import { exampleResult, longResult } from './example-result.ts';

const jpeg = sharp({ create: { width: 64, height: 36, channels: 3, background: '#456' } })
  .jpeg()
  .toBuffer();
const pictures = { read: () => jpeg };

async function pageOf(result: Result, shown: Pictures): Promise<string> {
  return String(wholeOf(await reportPage(result, new SmallPictures(shown))));
}

describe('the report', () => {
  it('links each sentence to a frame that is on the page', async () => {
    const result = exampleResult();
    const elements = [...walk(parse(await pageOf(result, pictures)))];
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
    const targets = elements.flatMap((element) => attribute(element, 'href') ?? []);
    for (const { keyframes } of result.summary.sentences) {
      for (const id of keyframes) expect(targets).toContain(`#${id}`);
    }
    expect(targets.filter((href) => !href.startsWith('#') || !ids.includes(href.slice(1)))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('loads nothing and runs nothing', async () => {
    const elements = [...walk(parse(await pageOf(exampleResult(), pictures)))];
    expect(elements.filter(({ tagName }) => ['script', 'link', 'iframe', 'object', 'form'].includes(tagName))).toEqual(
      [],
    );
    for (const element of elements)
      expect(attribute(element, 'src') ?? 'data:image/jpeg;').toMatch(/^data:image\/jpeg;/);
    const policy = elements.find((element) => attribute(element, 'http-equiv') === 'Content-Security-Policy');
    expect(policy && attribute(policy, 'content')).toMatch(/^default-src 'none'; img-src data:;/);
  });

  it('keeps its elements and attributes whatever names and captions say', async () => {
    const plain = outline(await pageOf(withText(exampleResult(), 'plain'), pictures));
    await fc.assert(
      fc.asyncProperty(hostile(), async (text) => {
        expect(outline(await pageOf(withText(exampleResult(), text), pictures))).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });

  it('shows hostile text as it is', async () => {
    const text = "<script>alert(1)</script>\"onload='x' &amp;";
    const page = parse(await pageOf(withText(exampleResult(), text), pictures));
    const headings = [...walk(page)].filter(({ tagName }) => tagName === 'bdi');
    expect(headings.map(textOf)).toEqual([text, text]);
  });

  it('stays below 15 MB for a ten-hour video, with the rest of the pictures linked', async () => {
    const noise = sharp({
      create: {
        width: 640,
        height: 360,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .jpeg()
      .toBuffer();
    const page = await pageOf(longResult(4000), { read: () => noise });
    expect(Buffer.byteLength(page)).toBeLessThan(15e6);
    const linked = page.match(/<p class="linked"><a href="keyframes\/k\d{4}\.jpg">/g)?.length ?? 0;
    expect(linked).toBeGreaterThan(2900);
    expect(linked).toBeLessThan(4000);
    expect(page.match(/<article/g)).toHaveLength(4000);
  });

  it.each([
    { keyframe: 'of a preview', size: { width: 512, height: 288 }, sigma: 0, shown: 512 },
    {
      keyframe: 'of a preview that takes more than its share of the room',
      size: { width: 512, height: 288 },
      sigma: 60,
      shown: 360,
    },
    { keyframe: 'of 1,280 pixels', size: { width: 1280, height: 720 }, sigma: 0, shown: 360 },
  ])('shows a keyframe $keyframe with $shown pixels', async ({ size, sigma, shown }) => {
    const noise = { type: 'gaussian', mean: 128, sigma } as const;
    const picture = await sharp({ create: { ...size, channels: 3, background: '#456', noise } })
      .jpeg()
      .toBuffer();
    const example = exampleResult();
    const result = { ...example, keyframes: example.keyframes.map((keyframe) => ({ ...keyframe, ...size })) };
    const page = await pageOf(result, { read: async () => picture });
    const elements = [...walk(parse(page))].filter((element) => attribute(element, 'class') === 'frame');
    const sources = elements.flatMap((frame) => [...walk(frame)]).flatMap((element) => attribute(element, 'src') ?? []);
    expect(sources).toHaveLength(result.keyframes.length);
    for (const source of sources) {
      const bytes = Buffer.from(source.split(',')[1] ?? '', 'base64');
      expect((await sharp(bytes).metadata()).width).toBe(shown);
      expect(bytes.equals(picture)).toBe(shown === size.width);
    }
  });

  it('is the same bytes each time', async () => {
    expect(await pageOf(exampleResult(), pictures)).toBe(await pageOf(exampleResult(), pictures));
  });

  it('says so where there is nothing to tell', async () => {
    const text = 'Nothing in it could be named with confidence.';
    const bare = exampleResult({ summary: { text, sentences: [] }, tags: [], warnings: [] });
    expect(await pageOf(bare, pictures)).toContain(`<p class="lead">${text}</p>`);
  });
});

it('renders the formats that are asked for, each file once, with its type', async () => {
  const made: string[] = [];
  for await (const { name, contentType, content } of renderAll(exampleResult(), pictures, FORMATS)) {
    made.push(`${name} ${contentType.split(';')[0]}`);
    expect(content.byteLength).toBeGreaterThan(0);
  }
  expect(made).toEqual([
    'captions.vtt text/vtt',
    'chapters.vtt text/vtt',
    'summary.md text/markdown',
    'shots.csv text/csv',
    'storyboard.jpg image/jpeg',
    'storyboard.vtt text/vtt',
    'report.html text/html',
  ]);
  const csv: string[] = [];
  for await (const { name } of renderAll(exampleResult(), pictures, ['csv'])) csv.push(name);
  expect(csv).toEqual(['shots.csv']);
});

it('reads a picture once for the storyboard and the page together', async () => {
  const read: string[] = [];
  const counted = {
    read: (id: string) => {
      read.push(id);
      return pictures.read();
    },
  };
  for await (const { content } of renderAll(exampleResult(), counted, FORMATS))
    expect(content.byteLength).toBeGreaterThan(0);
  expect(read.sort()).toEqual(exampleResult().keyframes.map(({ id }) => id));
});

/** The example with one text in every place that comes from outside. */
function withText(result: Result, text: string): Result {
  const { video, model, keyframes, chapters, tags, summary } = result;
  return {
    ...result,
    video: { ...video, source: text, codec: text, container: text, pixelFormat: text },
    model: { ...model, name: text, version: text, licence: text },
    keyframes: keyframes.map((keyframe) => ({
      ...keyframe,
      captions: keyframe.captions.map((caption) => ({
        ...caption,
        text,
        tokens: caption.tokens.map((token) => ({ ...token, word: text })),
      })),
    })),
    chapters: chapters.map((chapter) => ({ ...chapter, title: text })),
    tags: tags.map((tag) => ({ ...tag, name: text })),
    summary: { text, sentences: summary.sentences.map((sentence) => ({ ...sentence, text })) },
    warnings: [{ code: text, message: text }],
  };
}

function hostile(): fc.Arbitrary<string> {
  const pieces = [
    '<script>',
    '</script>',
    '<img src=x onerror=alert(1)>',
    '"',
    "'",
    '`',
    '>',
    '<',
    '&',
    '&lt;',
    '-->',
    '<!--',
  ];
  const more = [
    ']]>',
    '</style>',
    '</title>',
    ' onload=',
    'javascript:',
    '\u0000',
    '\u202e',
    '\ud800',
    '\n',
    '${',
    'é',
    '😀',
  ];
  return fc
    .array(fc.oneof(fc.constantFrom(...pieces, ...more), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(''));
}

type Element = DefaultTreeAdapterTypes.Element;

function* walk(node: DefaultTreeAdapterTypes.Node): Generator<Element> {
  if ('tagName' in node) yield node;
  if ('childNodes' in node) for (const child of node.childNodes) yield* walk(child);
}

/** Names of all elements and their attributes, in order. */
function outline(page: string): readonly string[] {
  return [...walk(parse(page))].map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(' ')}`);
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((one) => one.name === name)?.value;
}

function textOf({ childNodes }: Element): string {
  return childNodes.map((child) => ('value' in child ? child.value : '')).join('');
}
