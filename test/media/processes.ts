import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Command lines of running processes that contain a text. */
export function processesWith(text: string): readonly string[] {
  const all = execFileSync('ps', ['-eww', '-o', 'stat=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(text) && !line.startsWith('Z') && !line.includes('ps -eww'));
}

/** How long it took until no process with this text was left. */
export async function untilGone(text: string, withinMs: number): Promise<number> {
  const start = performance.now();
  for (;;) {
    const left = processesWith(text);
    const passed = performance.now() - start;
    if (left.length === 0) return passed;
    if (passed > withinMs) throw new Error(`Still running after ${withinMs} ms: ${left.join('\n')}`);
    await sleep(50);
  }
}

/** Command lines of FFmpeg and ffprobe that this process started and that still run. */
export function runningPrograms(): readonly string[] {
  const all = execFileSync('ps', ['-eww', '-o', 'ppid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  const own = new RegExp(`^\\s*${process.pid}\\s+[^Z]\\S*\\s+\\S*ff(mpeg|probe)\\b`);
  return all.filter((line) => own.test(line));
}
