import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import defaults from '../../config/default.json' with { type: 'json' };
import { type Config, config } from '../../src/domain/config.ts';

export const settings: Config = config.parse(defaults);

/** A folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'framescribe-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs FFmpeg to make a clip. */
export function makeClip(file: string, ...args: readonly string[]): string {
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args, file]);
  return file;
}

/** A source of FFmpeg's virtual input device, as arguments. */
export function source(description: string): readonly string[] {
  return ['-f', 'lavfi', '-i', description];
}

export const X264: readonly string[] = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** Writes a display matrix into an MP4 that brings its picture upright by this clockwise turn, or by a reflection. */
export function turn(file: string, clockwise: keyof typeof MATRICES): string {
  const bytes = readFileSync(file);
  const matrix = bytes.indexOf('tkhd') + 44;
  for (const [index, value] of MATRICES[clockwise].entries()) bytes.writeInt32BE(value * 65_536, matrix + index * 4);
  writeFileSync(file, bytes);
  return file;
}

const MATRICES = {
  90: [0, 1, 0, -1, 0],
  180: [-1, 0, 0, 0, -1],
  270: [0, -1, 0, 1, 0],
  'top to bottom': [1, 0, 0, 0, -1],
  'left to right': [-1, 0, 0, 0, 1],
  'over the diagonal': [0, 1, 0, 1, 0],
  'over the other diagonal': [0, -1, 0, -1, 0],
} as const;
