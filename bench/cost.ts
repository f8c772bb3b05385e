import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Wall and CPU seconds of a program and all that it starts, by way of the kernel's count of ended children. */
export async function timeProgram(
  program: string,
  args: readonly string[],
): Promise<Cost & { readonly stderr: string }> {
  const before = childCpuSeconds();
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`${program} ended with exit code ${exitCode}:\n${stderr}`);
  return { wall: (performance.now() - start) / 1000, cpu: childCpuSeconds() - before, stderr };
}

/** Decoding alone, with FFmpeg's own number of threads: what all else is measured by. */
export function timeDecode(ffmpeg: string, file: string): Promise<Cost> {
  return timeProgram(ffmpeg, ['-v', 'error', '-i', `file:${file}`, '-map', '0:v:0', '-f', 'null', '-']);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function childCpuSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
