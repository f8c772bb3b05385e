import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { modelsEvalCommand } from '../../src/cli/models-eval.ts';
import { plain } from '../caption/pictures.ts';
import { temporaryFolder, writtenBundle } from '../caption/temporary.ts';
import { tinyFilesWithWords } from '../caption/tiny-bundle.ts';

const home = temporaryFolder();
const bundle = writtenBundle(home, 'lstm', tinyFilesWithWords('lstm'));
writeFileSync(join(home, 'red.jpg'), await plain('#f00'));
writeFileSync(join(home, 'captions.csv'), 'image,caption\nred.jpg,a fire\nred.jpg,a red fire\n');
const basics = [bundle, '--images', home, '--captions', join(home, 'captions.csv')];

afterEach(() => vi.restoreAllMocks());

/** What the command prints on stdout. */
async function output(...args: readonly string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const context = {
    env: {},
    version: '0',
    signal: new AbortController().signal,
    endsByStop: () => {},
    setExitCode: () => {},
  };
  await modelsEvalCommand(context)
    .exitOverride()
    .parseAsync([...args], { from: 'user' });
  vi.restoreAllMocks();
  return printed;
}

test('models eval prints scores, tables and what a caption costs beside ONNX Runtime alone', async () => {
  const text = await output(...basics, '--nouns', 'fire,sea');
  for (const line of [
    /^pictures +1$/m,
    /^ciderD /m,
    /^invented +0$/m,
    /^ {2}fire +1 {3}named 1 {3}both 1 {3}precision 1 {3}recall 1 {3}F1 1$/m,
    /^class words$/m,
    /^tags by confidence/m,
    /^one thread, beam 3, batches of 1/m,
    /ONNX Runtime alone: [\d.]+ pictures a second, [\d.]+ a CPU second/,
  ]) {
    expect(text).toMatch(line);
  }
});

test('models eval prints one line of JSON with all of it, and writes the captions', async () => {
  const file = join(home, 'captions.jsonl');
  const printed = await output(...basics, '--json', '--captions-out', file);
  expect(printed.trimEnd().split('\n')).toHaveLength(1);
  const document = JSON.parse(printed);
  expect(document).toMatchObject({ model: 'tiny-lstm', pictures: 1, invented: 0, nouns: [] });
  expect(document.classWordsTogether).toMatchObject({ precision: 1 });
  expect(document.speed[0].rawEncode.cpuMs).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ image: 'red.jpg', caption: 'a red fire' });
  expect(JSON.parse(await output(...basics, '--json', '--no-speed')).speed).toEqual([]);
});

test.each([
  [['--nouns', 'fire,,sea'], /nouns with commas between/],
  [['--nouns', ''], /nouns with commas between/],
  [['--captions-out', '/nowhere/captions.jsonl'], /Expected to be able to write \/nowhere/],
])('models eval refuses %j', async (args, message) => {
  await expect(output(...basics, ...args)).rejects.toThrow(message);
});
