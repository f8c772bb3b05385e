import { basename, dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { verifyResult } from '../pipeline/verify.ts';
import { folderStore } from '../storage/folder-store.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

/** `framescribe verify <folder…>`: whether results hold together, from summary to pixels. */
export function verifyCommand(context: CommandContext): Command {
  return new Command('verify')
    .description('check results: summary → captions → frames → hashes, and the manifest')
    .argument('<result...>', 'folders that `caption` wrote')
    .option('--json', 'print the checks as JSON', false)
    .action(async (folders: string[], { json }: { json: boolean }) => {
      for (const folder of folders) await verifyOne(folder, json, context);
    });
}

async function verifyOne(folder: string, json: boolean, context: CommandContext): Promise<void> {
  const path = resolve(folder);
  const checks = await verifyResult(basename(path), folderStore(dirname(path)));
  const sound = checks.every(({ faults }) => faults.length === 0);
  if (!sound) context.setExitCode(3);
  if (json) {
    process.stdout.write(`${JSON.stringify({ result: path, sound, checks })}\n`);
    return;
  }
  for (const { name, checked, faults } of checks) {
    process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${checked})\n`);
    for (const fault of faults) process.stdout.write(`      ${printable(fault)}\n`);
  }
  process.stdout.write(`${printable(path)}: ${sound ? 'sound' : 'does not hold together'}\n`);
}
