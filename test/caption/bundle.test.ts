import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findBundle, listBundles, loadBundle } from '../../src/caption/bundle.ts';
import { readBundleFile } from '../../src/caption/bundle-file.ts';
import { verifyBundle } from '../../src/caption/verify.ts';
import { temporaryFolder, tinyBundle } from './temporary.ts';
import { CELLS, tinyFiles, tinyManifest, WORDS, writeBundle } from './tiny-bundle.ts';

const home = temporaryFolder();

type Change = (document: object) => void;

/** A tiny bundle whose manifest is changed as a plain document. */
function withManifest(...changes: readonly Change[]): string {
  const folder = tinyBundle(home);
  const path = join(folder, 'bundle.json');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  for (const change of changes) change(document);
  writeFileSync(path, JSON.stringify(document));
  return folder;
}

/** Sets a field such as `files.0.name`; undefined takes it out. */
function set(path: string, value: unknown): Change {
  return (document) => {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const parent = keys.reduce<object>((object, key) => Reflect.get(object, key), document);
    if (value !== undefined) Reflect.set(parent, last, value);
    else if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else Reflect.deleteProperty(parent, last);
  };
}

describe('loading a bundle', () => {
  test.each(CELLS)('reads a sound one (%s) with its words and its digest', async (cell) => {
    const folder = tinyBundle(home, cell);
    const bundle = await loadBundle(folder);
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, 'bundle.json')))
      .digest('hex');
    expect(bundle.digest).toBe(`sha256:${hash}`);
    expect(bundle.words).toEqual(WORDS);
    expect(bundle.manifest.decoder.states).toHaveLength(cell === 'lstm' ? 2 : 1);
  });

  test('misses a folder and a manifest', async () => {
    await expect(loadBundle(join(home, 'nowhere'))).rejects.toMatchObject({
      code: 'BUNDLE_NOT_FOUND',
      message: expect.stringContaining('nowhere'),
    });
    await expect(loadBundle(home)).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
  });

  test('tells of a flipped bit', async () => {
    const folder = tinyBundle(home);
    const path = join(folder, 'encoder.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    writeFileSync(path, bytes);
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringMatching(/Expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}: .*encoder\.onnx/),
    });
  });

  test('tells of a file cut short, and of one that is missing', async () => {
    const folder = tinyBundle(home);
    truncateSync(join(folder, 'decoder.onnx'), 100);
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringMatching(/Expected \d+ bytes, got 100/),
    });
    rmSync(join(folder, 'decoder.onnx'));
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringContaining('ENOENT'),
    });
  });

  test('reads again what it checked, and notices a change since', async () => {
    const folder = tinyBundle(home);
    const bundle = await loadBundle(folder);
    expect(await readBundleFile(bundle, 'encoder.onnx')).toEqual(tinyFiles('lstm')['encoder.onnx']);
    const other = tinyFiles('lstm')['encoder.onnx'];
    other[200] = (other[200] as number) ^ 255;
    writeFileSync(join(folder, 'encoder.onnx'), other);
    await expect(readBundleFile(bundle, 'encoder.onnx')).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
  });

  test('follows no link out of its folder', async () => {
    const folder = tinyBundle(home);
    const outside = join(mkdtempSync(join(home, 'outside-')), 'encoder.onnx');
    renameSync(join(folder, 'encoder.onnx'), outside);
    symlinkSync(outside, join(folder, 'encoder.onnx'));
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_DAMAGED',
      message: expect.stringContaining('inside'),
    });
  });

  test.each(['../encoder.onnx', '/etc/passwd', '..', '.hidden', 'a/b.onnx', 'a\\b.onnx', '', 'x\0y', 'x'.repeat(300)])(
    'refuses the file name %j',
    async (name) => {
      const folder = withManifest(set('encoder.file', name), set('files.0.name', name));
      await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    },
  );

  test.each([
    ['another schema', set('schema', 'framescribe/bundle@2'), /framescribe\/bundle@1/],
    ['an unknown field', set('extra', 1), /extra/],
    ['a huge picture', set('input.width', 1e12), /input\.width/],
    ['an infinite picture', set('input.height', '1e999'), /input\.height/],
    ['a beam of a million', set('decoding.beam', 1e6), /decoding\.beam/],
    ['captions without an end', set('decoding.maxLength', 1e9), /decoding\.maxLength/],
    ['a deviation of 0', set('input.std', [1, 0, 1]), /input\.std/],
    ['a grid that is not its regions', set('encoder.grid', [3, 2]), /3×2 to be 4 regions/],
    ['too few first states', set('encoder.states', ['h0']), /each of the decoder's 2 states, got 1/],
    ['two states of one name', set('decoder.states.1.input', 'h'), /different names/],
    ['special words that are the same', set('vocabulary.end', 1), /four different ids/],
    ['a special word outside', set('vocabulary.unknown', 16), /ids below 16/],
    ['confidence that falls', set('confidence.points.1.1', 0), /never fall/],
    [
      'confidence from right to left',
      set('confidence.points', [
        [-0.2, 0.1],
        [-3, 0.9],
      ]),
      /left to right/,
    ],
    ['a file without a hash', set('files.2', undefined), /vocabulary\.txt among them/],
    ['a file twice', set('files.2.name', 'encoder.onnx'), /each file once/],
  ])('refuses a manifest with %s', async (_, change, message) => {
    await expect(loadBundle(withManifest(change))).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['no JSON', '{"schema": '],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['two megabytes', ' '.repeat(2 * 1024 * 1024)],
  ])('refuses a manifest of %s', async (_, content) => {
    const folder = tinyBundle(home);
    writeFileSync(join(folder, 'bundle.json'), content);
    await expect(loadBundle(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  test.each([
    ['too few words', WORDS.slice(0, -1).join('\n'), /Expected 16 words in vocabulary.txt, got 15/],
    ['too many words', [...WORDS, 'more'].join('\n'), /got 17/],
    ['a word twice', WORDS.join('\n').replace('wall', 'sea'), /“sea” is in lines 12 and 14/],
    ['an empty line', WORDS.join('\n').replace('wall', ''), /one word in line 14/],
    ['two words in a line', WORDS.join('\n').replace('wall', 'a wall'), /one word in line 14/],
    ['an escape sequence', WORDS.join('\n').replace('wall', 'w\x1b[2Jall'), /one word in line 14/],
  ])('refuses a vocabulary with %s', async (_, content, message) => {
    const folder = mkdtempSync(join(home, 'words-'));
    const files = { ...tinyFiles('lstm'), 'vocabulary.txt': Buffer.from(content) };
    writeBundle(folder, files, tinyManifest('lstm', files));
    await expect(loadBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('finding a bundle', () => {
  const models = temporaryFolder();
  for (const cell of CELLS) {
    const files = tinyFiles(cell);
    writeBundle(join(models, `tiny-${cell}`), files, tinyManifest(cell, files));
  }
  mkdirSync(join(models, 'empty'));

  test('lists those there are, and none where there is no folder', async () => {
    expect(await listBundles(models)).toEqual(['tiny-gru', 'tiny-lstm', 'tiny-rnn']);
    expect(await listBundles(join(models, 'nowhere'))).toEqual([]);
  });

  test('goes by name or by folder', async () => {
    expect(await findBundle('tiny-gru', models)).toBe(join(models, 'tiny-gru'));
    expect(await findBundle(join(models, 'tiny-rnn'), '/nowhere')).toBe(join(models, 'tiny-rnn'));
  });

  test('names those there are when it finds none', async () => {
    await expect(findBundle('tiny-lstn', models)).rejects.toMatchObject({
      code: 'BUNDLE_NOT_FOUND',
      message: expect.stringContaining('tiny-gru, tiny-lstm, tiny-rnn'),
    });
  });

  test('takes no path for a name', async () => {
    await expect(findBundle('../tiny-gru', join(models, 'empty'))).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
  });
});

describe('verifying a bundle', () => {
  test.each(CELLS)('opens it and tells what it is (%s)', async (cell) => {
    const facts = await verifyBundle(tinyBundle(home, cell));
    expect(facts).toMatchObject({ name: `tiny-${cell}`, files: 3, words: 16, image: 'image [N,3,32,32]' });
    expect(facts.graphBytes).toBeGreaterThan(1000);
    expect(facts.loadMs).toBeGreaterThan(0);
  });

  test('refuses bytes that are no graph', async () => {
    const folder = mkdtempSync(join(home, 'graph-'));
    const files = { ...tinyFiles('lstm'), 'decoder.onnx': Buffer.from('hello') };
    writeBundle(folder, files, tinyManifest('lstm', files));
    await expect(verifyBundle(folder)).rejects.toMatchObject({
      code: 'BUNDLE_INVALID',
      message: expect.stringContaining('decoder.onnx'),
    });
  });

  test('refuses a graph whose weights lie in another file', async () => {
    writeFileSync(join(home, 'weights'), Buffer.alloc(4096));
    const folder = tinyBundle(home, 'lstm', {
      decoder: (graph) => ({
        ...graph,
        constants: graph.constants.map((constant) =>
          constant.name === 'embedding' ? { ...constant, elsewhere: '../weights' } : constant,
        ),
      }),
    });
    await expect(verifyBundle(folder)).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });

  test('names every tensor that differs from the manifest', async () => {
    const folder = withManifest(
      set('input.width', 48),
      set('encoder.featureSize', 9),
      set('decoder.attention', 'focus'),
      set('decoder.states.1.size', 17),
    );
    const failure = verifyBundle(folder);
    await expect(failure).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    for (const part of [
      'encoder.onnx: expected input image float32 [any,3,32,48], got image float32 [N,3,32,32]',
      'encoder.onnx: expected output features float32 [any,4,9], got features float32 [N,4,8]',
      'decoder.onnx: expected output focus float32 [any,4], got none',
      'decoder.onnx: expected input c float32 [any,17], got c float32 [B,16]',
    ]) {
      await expect(failure).rejects.toThrow(part);
    }
  });

  test('refuses a graph with an input more, and one for a single picture', async () => {
    const more = tinyBundle(home, 'gru', {
      decoder: (graph) => ({ ...graph, inputs: [...graph.inputs, { name: 'more', shape: [1] }] }),
    });
    await expect(verifyBundle(more)).rejects.toThrow('expected no input more');
    const single = tinyBundle(home, 'gru', {
      encoder: (graph) => ({ ...graph, inputs: [{ name: 'image', shape: [1, 3, 32, 32] }] }),
    });
    await expect(verifyBundle(single)).rejects.toThrow('got image float32 [1,3,32,32]');
  });

  test('refuses a decoder whose rows look at each other', async () => {
    const folder = tinyBundle(home, 'rnn', {
      decoder: (graph) => ({
        ...graph,
        nodes: graph.nodes.flatMap((node) =>
          node.op === 'LogSoftmax'
            ? [
                { op: 'ReduceMean', inputs: ['scores'], outputs: ['average'], attributes: { axes: [0], keepdims: 1 } },
                { op: 'Add', inputs: ['scores', 'average'], outputs: ['mixed'] },
                { ...node, inputs: ['mixed'] },
              ]
            : [node],
        ),
      }),
    });
    await expect(verifyBundle(folder)).rejects.toThrow('mixes its rows');
  });

  test('refuses a decoder that gives no numbers', async () => {
    const folder = tinyBundle(home, 'rnn', {
      decoder: (graph) => ({
        ...graph,
        constants: graph.constants.map((constant) =>
          constant.name === 'grammar'
            ? { ...constant, numbers: new Float32Array(constant.numbers.length).fill(Number.NaN) }
            : constant,
        ),
      }),
    });
    await expect(verifyBundle(folder)).rejects.toMatchObject({ code: 'INFERENCE_FAILED' });
  });
});
