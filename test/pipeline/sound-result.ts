import { createHash } from 'node:crypto';
import { NO_EDITS } from '../../src/domain/edits.ts';
import type { Result } from '../../src/domain/result.ts';
import { NO_VOCABULARY } from '../../src/domain/vocabulary.ts';
import { sign } from '../../src/pipeline/assemble.ts';
import { type Corrected, correct } from '../../src/pipeline/corrected.ts';
import { putResult } from '../../src/pipeline/publish.ts';
import { versionIdOf } from '../../src/pipeline/version-id.ts';
import { FORMATS } from '../../src/render/render.ts';
import type { Store } from '../../src/storage/store.ts';
import { examplePictures, exampleResult } from '../render/example-result.ts';

/** The example as `verify` wants it: with the hashes of its pictures, and its digest. */
export async function soundResult(overrides: Partial<Result> = {}): Promise<Result> {
  const { digest: _, ...example } = exampleResult(overrides);
  const keyframes = await Promise.all(
    example.keyframes.map(async (keyframe) => {
      const jpeg = await examplePictures.read(keyframe.id);
      return { ...keyframe, sha256: createHash('sha256').update(jpeg).digest('hex') };
    }),
  );
  return sign({ ...example, keyframes });
}

/** What another model made of the same video. */
export async function resultOfAnotherModel(overrides: Partial<Result> = {}): Promise<Result> {
  const { model } = exampleResult();
  return soundResult({ model: { ...model, name: 'example-gru', digest: `sha256:${'e'.repeat(64)}` }, ...overrides });
}

/** Puts a result into a store as a description is put there, with a file that nobody renders. */
export async function putSoundResult(
  store: Store,
  name: string,
  result: Result,
  corrected: Corrected = correct(result, NO_EDITS, NO_VOCABULARY),
): Promise<void> {
  const publication = await store.begin(name, { version: versionIdOf(result) });
  await putResult(corrected, examplePictures.read, FORMATS, (file, bytes) => publication.put(file, bytes));
  await publication.put('attention.json', Buffer.from('{}'));
  await publication.commit();
}
