import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { makeClip, settings, source, X264 } from '../media/clips.ts';
import { runningPrograms } from '../media/processes.ts';
import { attempt } from './attempt.ts';
import { FileCanary, NetworkCanary } from './canary.ts';

const shared = resolve(process.env.FRAMESCRIBE_SHARED ?? join(import.meta.dirname, '../../../shared'));
const videos = join(shared, 'videos');
const manifest = join(videos, 'manifest.jsonl');

const row = z.object({
  path: z.string(),
  expect: z.enum(['accept', 'reject', 'accept-or-clear-reject', 'accept-partial-or-clear-reject']),
});

if (existsSync(manifest))
  describeCorpus(
    readFileSync(manifest, 'utf8')
      .trim()
      .split('\n')
      .map((line) => row.parse(JSON.parse(line))),
  );
else {
  console.warn(`Not run: the tests over the corpus of videos, as there is no ${manifest} (see FRAMESCRIBE_SHARED).`);
  test('the corpus of videos is not here, which is fine', () => expect(existsSync(videos)).toBe(false));
}

function describeCorpus(rows: readonly z.infer<typeof row>[]): void {
  describe('each file of the corpus that may be refused', () => {
    let canaries: readonly FileCanary[] = [];
    let network: NetworkCanary;

    /** What the hostile files point to. */
    beforeAll(async () => {
      network = await NetworkCanary.listen(18_099);
      const folder = mkdtempSync(join(tmpdir(), 'framescribe-corpus-'));
      const clip = readFileSync(
        makeClip(join(folder, 'victim.ts'), ...source('testsrc=size=64x64:duration=3'), ...X264),
      );
      rmSync(folder, { recursive: true });
      canaries = [
        new FileCanary('/tmp/vcap-canary-dev.txt', 'a secret that nobody may read\n'),
        new FileCanary('/tmp/vcap-canary-dev.ts', clip),
      ];
    });
    afterAll(async () => {
      for (const canary of canaries) canary.remove();
      await network.close();
    });

    // Whatever has to be accepted is described whole by test/integration/corpus.test.ts.
    const doubtful = rows.filter((row) => row.expect !== 'accept');
    test.each(doubtful)('$path: $expect', { timeout: 120_000 }, async ({ path, expect: expected }) => {
      const file = join(videos, path);
      const neighbours = readdirSync(dirname(file));
      const { error, shots, keyframes, durationMs, tookMs, litter } = await attempt(file);

      if (error) {
        expect(expected, `${error.code}: ${error.message}`).not.toBe('accept');
        expect(error.kind.exitCode, `${error.code}: ${error.message}`).toBe(3);
      } else {
        expect(expected, 'It was scanned').not.toBe('reject');
        expect(shots).toBeGreaterThan(0);
        expect(keyframes).toBeGreaterThan(0);
      }
      const { probeDeadlineMs, deadlineMs, deadlinePerVideoSecondMs } = settings.limits;
      expect(tookMs).toBeLessThan(probeDeadlineMs + deadlineMs + (deadlinePerVideoSecondMs * durationMs) / 1000);
      expect(litter).toEqual([]);
      expect(readdirSync(dirname(file))).toEqual(neighbours);
      expect(runningPrograms()).toEqual([]);
      expect(network.contacts).toBe(0);
      expect(canaries.map(({ wasRead }) => wasRead)).toEqual([false, false]);
    });
  });
}
