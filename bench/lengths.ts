import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ScanMode } from '../src/domain/scan-plan.ts';
import type { Film } from './film.ts';
import { timeWhole } from './whole.ts';

export interface LengthRow {
  readonly seconds: number;
  readonly mode: ScanMode;
  readonly cpu: number;
  readonly wall: number;
  readonly peakMemoryMiB: number;
  readonly keyframes: number;
}

/** What videos of these lengths cost: one film, cut or joined to itself without encoding. */
export async function lengthRows(film: Film, lengths: readonly number[], mode: ScanMode, folder: string) {
  const rows: LengthRow[] = [];
  for (const seconds of lengths) {
    const { cpu, wall, report, result } = await timeWhole(joined(film, seconds, folder), mode);
    const peakMemoryMiB = report.peakMemoryBytes / 2 ** 20;
    rows.push({ seconds, mode, cpu, wall, peakMemoryMiB, keyframes: result.keyframes.length });
  }
  return rows;
}

function joined({ file, seconds }: Film, length: number, folder: string): string {
  const out = join(folder, `length-${length}.mp4`);
  if (existsSync(out)) return out;
  const list = join(folder, `length-${length}.txt`);
  writeFileSync(list, `file '${resolve(file)}'\n`.repeat(Math.ceil(length / seconds)));
  const input = ['-f', 'concat', '-safe', '0', '-i', list, '-t', String(length)];
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...input, '-c', 'copy', out]);
  return out;
}
