import { FramescribeError } from '../domain/errors.ts';
import { resultFileName, versionId } from './manifest.ts';
import { STAGING_FOLDER } from './staging.ts';

/** Beside the results of a folder, for the versions that are kept; no result may have its name. */
export const VERSIONS_FOLDER = '.versions';
const LONGEST_NAME_BYTES = 255;
const LONGEST_LINK_S = 7 * 86_400;

/**
 * A result's name as one part of a path or key, or an error where it isn't one.
 *
 * @throws {FramescribeError} USAGE
 */
export function nameOfResult(name: string): string {
  const isOnePart =
    !['', '.', '..', STAGING_FOLDER, VERSIONS_FOLDER].includes(name) && !/[/\\\p{Cc}\p{Cs}]/u.test(name);
  if (isOnePart && Buffer.byteLength(name) <= LONGEST_NAME_BYTES) return name;
  throw new FramescribeError('USAGE', `Expected the name of a result, got ${JSON.stringify(name)}`);
}

/**
 * The name of a file inside a result.
 *
 * @throws {FramescribeError} RESULT_INVALID
 */
export function fileOfResult(file: string): string {
  const name = resultFileName.safeParse(file);
  if (name.success) return name.data;
  throw new FramescribeError('RESULT_INVALID', `Expected a file name inside the result, got ${JSON.stringify(file)}`);
}

/**
 * The id of a version as one part of a path or key.
 *
 * @throws {FramescribeError} VERSION_NOT_FOUND
 */
export function idOfVersion(version: string): string {
  const id = versionId.safeParse(version);
  if (id.success) return id.data;
  throw new FramescribeError('VERSION_NOT_FOUND', `Expected the id of a version, got ${JSON.stringify(version)}`);
}

/**
 * How long a link may be good for: what S3 allows.
 *
 * @throws {FramescribeError} USAGE
 */
export function lifeOfLink(expiresS: number): number {
  if (Number.isInteger(expiresS) && expiresS >= 1 && expiresS <= LONGEST_LINK_S) return expiresS;
  throw new FramescribeError('USAGE', `Expected links for 1 to ${LONGEST_LINK_S} seconds, got ${expiresS}`);
}
