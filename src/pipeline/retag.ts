import { FramescribeError } from '../domain/errors.ts';
import { scenesOf } from '../domain/scene.ts';
import type { Store } from '../storage/store.ts';
import { withVocabulary } from '../summary/apply-edits.ts';
import { tagsOf } from '../summary/tags.ts';
import { sign } from './assemble.ts';
import { correct, readCorrected } from './corrected.ts';
import type { EditOptions } from './edit-result.ts';
import { republish } from './republish.ts';
import { versionIdOf } from './version-id.ts';

/**
 * Names the tags of a result by another vocabulary, from the captions that are there: the same bytes as describing the video
 * again. What the older one made isn't kept.
 *
 * @returns whether anything is named otherwise.
 * @throws {FramescribeError} RESULT_NOT_FOUND, RESULT_INVALID; EDIT_CONFLICT: somebody changed the result meanwhile.
 */
export async function retag(
  store: Store,
  name: string,
  { vocabulary, tempDir, signal }: Pick<EditOptions, 'vocabulary' | 'tempDir' | 'signal'>,
): Promise<boolean> {
  const replaces = await store.revision(name);
  if (replaces === null) throw new FramescribeError('RESULT_NOT_FOUND', `Expected a result at ${store.locate(name)}`);
  const { machine, edits, result } = await readCorrected(store, name);
  const { digest: _, ...unsigned } = machine;
  const options = withVocabulary(machine.options, vocabulary);
  const tags = [...tagsOf(scenesOf(machine.shots, machine.keyframes), vocabulary)];
  const renamed = correct(sign({ ...unsigned, options, tags }), edits, vocabulary);
  if (renamed.result.digest === result.digest) return false;
  const as = versionIdOf(renamed.machine);
  const before = versionIdOf(machine);
  await republish(store, name, renamed, { replaces, as, tempDir, signal }).catch((error) => {
    if (FramescribeError.from(error).code !== 'RESULT_CONFLICT') throw error;
    throw new FramescribeError('EDIT_CONFLICT', `Expected ${store.locate(name)} as it was`, { cause: error });
  });
  if (as !== before) await store.forget(name, before);
  return true;
}
