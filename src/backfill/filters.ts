import picomatch from 'picomatch';
import { isNamedLikeVideo } from '../media/video-names.ts';
import type { Filters } from './run-spec.ts';

/** Why a file is left out: its name, the time of its last change, or its size. */
export type LeftOut = 'name' | 'age' | 'size';

/** What is known of a file without reading it. */
export interface FileFacts {
  readonly bytes: number;
  /** Tells it from what lay at the same address before, such as an ETag. */
  readonly version: string;
  /** Of the last change, since 1970. */
  readonly modifiedMs: number;
}

export interface FileFilter {
  /** @param path below the source, with `/`. */
  byName(path: string): LeftOut | null;
  byFacts(facts: FileFacts): LeftOut | null;
}

/** @param isNamed whether somebody has named each file, so that its extension doesn't matter. */
export function fileFilter({ include, exclude, sinceMs, maxBytes, anyName }: Filters, isNamed: boolean): FileFilter {
  const [included, excluded] = [matcher(include), matcher(exclude)];
  return {
    byName: (path) => {
      const isVideo = anyName || isNamed || isNamedLikeVideo(path);
      const isWanted = isVideo && (include.length === 0 || included(path)) && !excluded(path);
      return isWanted ? null : 'name';
    },
    byFacts: ({ bytes, modifiedMs }) => {
      if (sinceMs !== null && modifiedMs < sinceMs) return 'age';
      return maxBytes !== null && bytes > maxBytes ? 'size' : null;
    },
  };
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map((pattern) => {
    const test = picomatch(pattern, { dot: true, basename: !pattern.includes('/'), strictSlashes: true });
    return (path: string) => test(path);
  });
  return (path) => tests.some((test) => test(path));
}
