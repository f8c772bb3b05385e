import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Cell, tinyFiles, tinyManifest, writeBundle } from './tiny-bundle.ts';

/** A folder that is gone once the tests of the file are through. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'framescribe-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes the tiny bundle of a cell, changed or not, into a new folder. */
export function tinyBundle(parent: string, cell: Cell = 'lstm', change: Parameters<typeof tinyFiles>[1] = {}): string {
  return writtenBundle(parent, cell, tinyFiles(cell, change));
}

/** Writes a tiny bundle of such files into a new folder. */
export function writtenBundle(parent: string, cell: Cell, files: Readonly<Record<string, Buffer>>): string {
  const folder = mkdtempSync(join(parent, `${cell}-`));
  writeBundle(folder, files, tinyManifest(cell, files));
  return folder;
}
