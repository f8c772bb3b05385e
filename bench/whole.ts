import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../src/domain/result.ts';
import type { RunReport } from '../src/domain/run.ts';
import type { ScanMode } from '../src/domain/scan-plan.ts';
import { type Cost, timeProgram } from './cost.ts';

const COMMAND = 'dist/src/cli/main.js';

/** What one run of the whole command took and found. */
export interface WholeRun extends Cost {
  readonly report: RunReport;
  readonly result: Result;
}

/** Runs `framescribe caption` as a user would; `look` may see the folder of the result before it goes. */
export async function timeWhole(
  video: string,
  mode: ScanMode,
  look: (folder: string) => Promise<void> = async () => {},
): Promise<WholeRun> {
  const out = mkdtempSync(join(tmpdir(), 'framescribe-bench-'));
  try {
    const args = [COMMAND, 'caption', video, '--scan', mode, '--out', out, '--json'];
    const { wall, cpu } = await timeProgram(process.execPath, args);
    const [name = ''] = readdirSync(out);
    const read = (file: string) => JSON.parse(readFileSync(join(out, name, file), 'utf8'));
    await look(join(out, name));
    return { wall, cpu, report: read('run.json'), result: read('result.json') };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
