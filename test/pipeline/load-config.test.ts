import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
  await writeFile(join(folder, 'default.json'), JSON.stringify(defaults));
  await writeFile(
    join(folder, 'archive.json'),
    JSON.stringify({ keyframes: { windowMs: 60_000 }, caption: { batch: 16 } }),
  );
  await writeFile(join(folder, 'typo.json'), JSON.stringify({ keyframes: { windowMS: 60_000 } }));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the configuration', () => {
  test('is the defaults where nothing else is said, frozen through and through', async () => {
    const config = await loadConfig({});
    expect(config).toEqual({ ...defaults, tags: { ...defaults.tags, ...NO_VOCABULARY } });
    expect(() => Object.assign(config.limits, { maxBytes: 1 })).toThrow(TypeError);
  });

  test('takes the file of the environment over the defaults, and a variable over both', async () => {
    const env = { FRAMESCRIBE_ENV: 'archive', FRAMESCRIBE_CAPTION_BATCH: '4', FRAMESCRIBE_CAPTION_ATTENTION: 'true' };
    const config = await loadConfig(env, folder);
    expect(config.keyframes.windowMs).toBe(60_000);
    expect(config.caption).toMatchObject({ batch: 4, attention: true, nBest: defaults.caption.nBest });
  });

  test('reads the vocabulary beside it, or where a variable says, and refuses one that is none', async () => {
    const file = join(folder, 'house.json');
    await writeFile(file, JSON.stringify({ schema: 'framescribe/tags@1', synonyms: { dog: 'Hund' } }));
    const env = { FRAMESCRIBE_TAGS_FILE: file };
    expect((await loadConfig(env, folder)).tags).toEqual({ file, ...NO_VOCABULARY, synonyms: { dog: 'hund' } });
    expect((await loadConfig({}, folder)).tags).toEqual({ file: '', ...NO_VOCABULARY });
    for (const text of ['{', '{"schema":"framescribe/tags@1","synonyms":{"a":"b","b":"a"}}', '[]']) {
      await writeFile(file, text);
      await expect(loadConfig(env, folder)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
    const missing = loadConfig({ FRAMESCRIBE_TAGS_FILE: join(folder, 'missing.json') }, folder);
    await expect(missing).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('keeps a path of digits a string', async () => {
    expect((await loadConfig({ FRAMESCRIBE_TEMP_DIR: '123' })).tempDir).toBe('123');
  });

  test.each([
    [{ FRAMESCRIBE_CAPTION_BATCH: 'many' }, 'FRAMESCRIBE_CAPTION_BATCH'],
    [{ FRAMESCRIBE_CAPTION_BATCH: '1' }, 'caption.batch'],
    [{ FRAMESCRIBE_ENV: 'typo' }, 'windowMS'],
    [{ FRAMESCRIBE_ENV: '../default' }, 'FRAMESCRIBE_ENV'],
    [{ FRAMESCRIBE_ENV: 'absent' }, 'absent.json'],
  ])('refuses %j and names what is wrong', async (env, named) => {
    await expect(loadConfig(env, folder)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(named),
    });
  });
});
