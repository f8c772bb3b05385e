import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { framescribe } from './framescribe.ts';

const videos = resolve(process.env.FRAMESCRIBE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'videos');
const manifest = join(videos, 'manifest.jsonl');

interface Row {
  readonly path: string;
  readonly sha256: string;
  readonly expect: string;
}

if (existsSync(manifest)) describeCorpus();
else {
  console.warn(
    `Not run: the command line over the corpus of videos, as there is no ${manifest} (see FRAMESCRIBE_SHARED).`,
  );
  test('the corpus of videos is not here, which is fine', () => expect(existsSync(videos)).toBe(false));
}

function describeCorpus(): void {
  describe('one run over the corpus', () => {
    test('leaves a sound result for each good video, a code for each bad one, and nothing else', async () => {
      const all: readonly Row[] = (await readFile(manifest, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      // On a slow machine all of them take minutes.
      const rows = process.env.CI ? all.filter((_, index) => index % 3 === 0) : all;
      const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
      const [out, temp] = [join(folder, 'out'), await mkdtemp(join(folder, 'temp-'))];
      const files = rows.map(({ path }) => join(videos, path));
      const run = await framescribe(['caption', '--json', '--beam', '1', '--out', out, '--', ...files], {
        FRAMESCRIBE_TEMP_DIR: temp,
      });

      expect(run.exitCode).toBe(3);
      const described = new Set(
        run.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).video.sha256),
      );
      const expected = (kind: string) => rows.filter((row) => row.expect === kind);
      const wronglyRefused = expected('accept').filter(({ sha256 }) => !described.has(sha256));
      const wronglyDescribed = expected('reject').filter(({ sha256 }) => described.has(sha256));
      expect(wronglyRefused.map(({ path }) => path)).toEqual([]);
      expect(wronglyDescribed.map(({ path }) => path)).toEqual([]);
      const refused = rows.filter(({ sha256 }) => !described.has(sha256));
      for (const { path } of refused) expect(run.stderr).toMatch(refusalOf(path));

      const places = (await readdir(out)).filter((name) => !name.startsWith('.')).map((name) => join(out, name));
      expect(places.length).toBe(rows.length - refused.length);
      expect(await framescribe(['verify', ...places])).toMatchObject({ exitCode: 0 });
      expect(await readdir(temp)).toEqual([]);
      await rm(folder, { recursive: true });
    }, 900_000);
  });
}

/** The line on stderr that names a file and why it has no result. */
function refusalOf(path: string): RegExp {
  const printed = join(videos, path).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${printed}: .+(?:\\n.+)*? \\[[A-Z_]+\\]$`, 'm');
}
