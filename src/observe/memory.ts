import { readFileSync } from 'node:fs';

/** Resident memory of this process and of the programs that it has started and that run now. */
export function residentBytes(): { readonly own: number; readonly children: number } {
  const children = childrenOf(process.pid).reduce((sum, pid) => sum + (residentOf(pid) ?? 0), 0);
  return { own: residentOf(process.pid) ?? process.memoryUsage.rss(), children };
}

/** None where the system doesn't tell. */
function childrenOf(pid: number): readonly number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`) ?? '';
  return text.split(' ').filter(Boolean).map(Number);
}

/** Null for a process that has ended, and where there is no /proc. */
function residentOf(pid: number): number | null {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
