import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { result as resultSchema } from '../../src/domain/result.ts';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { framescribe, start } from './framescribe.ts';

const FILES = [
  'captions.vtt',
  'chapters.vtt',
  'keyframes/k0001.jpg',
  'keyframes/k0002.jpg',
  'manifest.json',
  'report.html',
  'result.json',
  'run.json',
  'shots.csv',
  'storyboard.jpg',
  'storyboard.vtt',
  'summary.md',
];

let folder = '';
let clip = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caption-test-'));
  clip = join(folder, 'clip.y4m');
  await writeFile(clip, testClip());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function newOut(): Promise<string> {
  return mkdtemp(join(folder, 'out-'));
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

describe('framescribe caption', () => {
  test('leaves every file of a result, which verifies', async () => {
    const out = await newOut();
    const run = await framescribe(['caption', clip, '--out', out]);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(await filesBelow(join(out, 'clip'))).toEqual(FILES);
    const result = resultSchema.parse(JSON.parse(await readFile(join(out, 'clip', 'result.json'), 'utf8')));
    expect(result.shots.map(({ startMs, endMs, transition }) => [startMs, endMs, transition])).toEqual([
      [0, 1000, 'start'],
      [1000, 2000, 'cut'],
    ]);
    expect(result.keyframes).toHaveLength(2);
    expect(result.keyframes[0]?.captions[0]?.text).toMatch(/^\w+/);
    expect(run.stdout).toContain('clip.y4m (0:02, 2 shots, 2 keyframes)');
    expect(await framescribe(['verify', join(out, 'clip')])).toMatchObject({ exitCode: 0 });
  });

  test('writes the same result.json for any number of threads and any batch', async () => {
    const hashes = [];
    for (const [threads, batch] of [
      ['1', '2'],
      ['2', '16'],
      ['2', '2'],
    ] as const) {
      const out = await newOut();
      await framescribe(['caption', clip, '--out', out, '--threads', threads, '--batch', batch, '--formats', 'md']);
      hashes.push(
        createHash('sha256')
          .update(await readFile(join(out, 'clip', 'result.json')))
          .digest('hex'),
      );
    }
    expect(new Set(hashes).size).toBe(1);
  });

  test('with --json prints one line a result on stdout and nothing else, and goes on past a bad source', async () => {
    const empty = join(folder, 'empty.mp4');
    await writeFile(empty, '');
    const run = await framescribe([
      'caption',
      empty,
      clip,
      join(folder, 'absent.mp4'),
      '--json',
      '--out',
      await newOut(),
    ]);
    expect(run.exitCode).toBe(3);
    const lines = run.stdout.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(resultSchema.parse(JSON.parse(lines[0] ?? '')).video.source).toBe('clip.y4m');
    expect(run.stderr).toContain('[SOURCE_EMPTY]');
    expect(run.stderr).toContain('[SOURCE_NOT_FOUND]');
  });

  test('describes the videos of a folder, and gives two of the same name their own places', async () => {
    const tapes = await mkdtemp(join(folder, 'tapes-'));
    for (const side of ['a', 'b']) {
      await mkdir(join(tapes, side));
      await copyFile(clip, join(tapes, side, 'tape.y4m'));
    }
    await writeFile(join(tapes, 'notes.txt'), 'not a video');
    const out = await newOut();
    const stats = join(out, 'stats');
    const args = ['caption', tapes, '--out', out, '--formats', 'md', '--stats', stats];
    expect(await framescribe(args)).toMatchObject({ exitCode: 0 });
    expect((await readdir(out)).sort()).toEqual(['stats', 'tape', 'tape-2']);
    expect((await readdir(stats)).sort()).toEqual(['tape.y4m-2.csv', 'tape.y4m.csv']);
    const lines = (await readFile(join(stats, 'tape.y4m.csv'), 'utf8')).trim().split('\n');
    expect(lines[0]).toContain('cut_probability');
    expect(lines.length).toBeGreaterThan(20);
  });

  test('keeps what stands in the place of a result but is none of the same video', async () => {
    const out = await newOut();
    await mkdir(join(out, 'clip'));
    await writeFile(join(out, 'clip', 'diary.txt'), 'mine');
    await framescribe(['caption', clip, '--out', out, '--formats', 'md']);
    await framescribe(['caption', clip, '--out', out, '--formats', 'md']);
    expect((await readdir(out)).sort()).toEqual(['clip', 'clip-2']);
    expect(await readFile(join(out, 'clip', 'diary.txt'), 'utf8')).toBe('mine');
  });

  test.each([
    [['caption'], {}, 2],
    [['caption', 'CLIP', '--formats', 'pdf'], {}, 2],
    [['caption', 'CLIP', '--threads', 'many'], {}, 2],
    [['caption', 'CLIP', '--model', 'absent'], {}, 2],
    [['caption', 'CLIP'], { FRAMESCRIBE_CAPTION_BATCH: 'x' }, 2],
    [['caption', 'https://example.com/video.mp4'], {}, 3],
    [['caption', 'CLIP', '--out', 'CLIP/below'], {}, 4],
    [['caption', 'CLIP', '--stats', 'CLIP/below'], {}, 4],
    [['caption', 'CLIP'], { FRAMESCRIBE_FFMPEG_PATH: '/absent/ffmpeg' }, 2],
    [['verify', '/absent'], {}, 3],
  ])('%j with %j ends with exit code %i and says why', async (args, env, exitCode) => {
    const words = args.map((word) => word.replace('CLIP', clip));
    const out = words.includes('--out') || words[0] !== 'caption' ? [] : ['--out', await newOut()];
    const run = await framescribe([...words, ...out], env);
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toMatch(/\S/);
    expect(run.stdout).toBe('');
  });

  test('stops at once on SIGINT and leaves nothing behind', async () => {
    const long = join(folder, 'long.y4m');
    const [header = '', frame = ''] = [testClip().subarray(0, 200), testClip()].map((bytes) =>
      bytes.toString('latin1'),
    );
    const frames = frame.slice(header.indexOf('\n') + 1);
    await writeFile(long, header.slice(0, header.indexOf('\n') + 1) + frames.repeat(400), 'latin1');
    const temp = await mkdtemp(join(folder, 'temp-'));
    const out = await newOut();
    const run = start(['caption', long, '--out', out, '--json'], { FRAMESCRIBE_TEMP_DIR: temp });
    await until(async () => (await readdir(temp)).length > 0 && (await filesBelow(temp)).length > 0);
    const stopped = Date.now();
    run.child.kill('SIGINT');
    expect((await run.ended).exitCode).toBe(130);
    expect(Date.now() - stopped).toBeLessThan(3000);
    expect(await readdir(temp)).toEqual([]);
    expect(await readdir(out)).toEqual([]);
  });
});

describe('framescribe verify', () => {
  test.each([
    ['a picture that was changed', 'keyframes/k0001.jpg'],
    ['a report that was cut', 'report.html'],
  ])('finds %s', async (_, file) => {
    const out = await newOut();
    await framescribe(['caption', clip, '--out', out]);
    await truncate(join(out, 'clip', file), 100);
    const run = await framescribe(['verify', join(out, 'clip')]);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toContain(`${file}: expected`);
  });

  test('finds a sentence that was put in by hand, though the manifest was made to fit', async () => {
    const out = await newOut();
    await framescribe(['caption', clip, '--out', out, '--formats', 'md']);
    const place = join(out, 'clip');
    const document = JSON.parse(await readFile(join(place, 'result.json'), 'utf8'));
    document.summary = { text: 'Zebras juggle.', sentences: [{ text: 'Zebras juggle.', keyframes: ['k0001'] }] };
    const bytes = Buffer.from(JSON.stringify(document));
    await writeFile(join(place, 'result.json'), bytes);
    const manifest = JSON.parse(await readFile(join(place, 'manifest.json'), 'utf8'));
    const entry = manifest.files.find(({ name }: { name: string }) => name === 'result.json');
    Object.assign(entry, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await writeFile(join(place, 'manifest.json'), JSON.stringify(manifest));
    const run = await framescribe(['verify', place]);
    expect(run.exitCode).toBe(3);
    expect(run.stdout).toContain('no caption of k0001 says so');
    expect(run.stdout).toContain('FAIL  result.json has the digest it names');
  });
});

describe('framescribe doctor', () => {
  test('finds all that is needed and describes its test clip', async () => {
    const run = await framescribe(['doctor']);
    expect(run.stdout).toMatch(/ok {7}self-test: a clip of 2 s/);
    expect(run.exitCode).toBe(0);
  });

  test('says what is missing and what to do', async () => {
    const run = await framescribe(['doctor'], { FRAMESCRIBE_FFMPEG_PATH: '/absent/ffmpeg' });
    expect(run.stdout).toMatch(/MISSING {2}FFmpeg: .*\n +Install FFmpeg/);
    expect(run.exitCode).toBe(2);
  });
});

/** Asks again and again, without a pause longer than the question takes, until the answer is yes. */
async function until(question: () => Promise<boolean>): Promise<void> {
  while (!(await question())) await new Promise(setImmediate);
}
