import { FramescribeError } from '../domain/errors.ts';
import type { Manifest } from './manifest.ts';

/**
 * The words of a vocabulary file: one a line, line n (from 0) is the word with id n.
 *
 * @throws {FramescribeError} BUNDLE_INVALID where the size differs, or a word is empty, has spaces or comes twice.
 */
export function parseVocabulary(bytes: Uint8Array, { file, size }: Manifest['vocabulary']): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== size) {
    throw new FramescribeError('BUNDLE_INVALID', `Expected ${size} words in ${file}, got ${lines.length}`);
  }
  const seen = new Map<string, number>();
  lines.forEach((word, line) => {
    if (!/^[^\s\p{Cc}]+$/u.test(word)) {
      throw new FramescribeError(
        'BUNDLE_INVALID',
        `Expected one word in line ${line} of ${file}, got ${JSON.stringify(word)}`,
      );
    }
    const before = seen.get(word);
    if (before !== undefined) {
      throw new FramescribeError(
        'BUNDLE_INVALID',
        `Expected each word once in ${file}, “${word}” is in lines ${before} and ${line}`,
      );
    }
    seen.set(word, line);
  });
  return lines;
}
