import { z } from 'zod';
import { FramescribeError } from '../../domain/errors.ts';

/** Where a page ends: the last row's sorted value and id, or, of a ranking, how many rows came before. */
export type Cursor = readonly [value: string | number, id: string] | number;

const cursor = z.union([
  z.tuple([z.union([z.string().max(300), z.number()]), z.string().max(40)]),
  z.int().min(0).max(1_000_000),
]);

export function writeCursor(place: Cursor): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** @throws {FramescribeError} REQUEST_INVALID */
export function readCursor(text: string): Cursor {
  try {
    return cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new FramescribeError('REQUEST_INVALID', 'Expected `cursor` to be the `next` of a page before', { cause });
  }
}
