import { createHash } from 'node:crypto';
import type { DescribeOptions, Result } from '../domain/result.ts';

/** What a result is made with. */
export type MadeWith = Pick<Result, 'options'> & { readonly model: Pick<Result['model'], 'digest'> };

/** The id of a result's version among those of one video: it begins with the model's digest. */
export function versionIdOf({ model, options }: MadeWith): string {
  const chosen = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify(chosen satisfies [string, DescribeOptions[keyof DescribeOptions]][]))
    .digest('hex');
  return `${model.digest.replace('sha256:', '').slice(0, 16)}-${hash.slice(0, 8)}`;
}
