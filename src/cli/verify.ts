import { Command } from 'commander';
import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { verifyResult } from '../pipeline/verify.ts';
import { openResult } from '../storage/open-store.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

/** `framescribe verify <result…>`: whether results hold together, from summary to pixels. */
export function verifyCommand(context: CommandContext): Command {
  return new Command('verify')
    .description('check results: summary → captions → frames → hashes, and the manifest')
    .argument('<result...>', 'what `caption` wrote: folder/name or s3://bucket/prefix/name')
    .option('--json', 'print the checks as JSON', false)
    .action(async (places: string[], { json }: { json: boolean }) => {
      const config = await loadConfig(context.env);
      for (const place of places) await verifyOne(place, config, json, context);
    });
}

async function verifyOne(words: string, config: Config, json: boolean, context: CommandContext): Promise<void> {
  const { store, name } = await openResult(words, config.storage);
  const place = store.locate(name);
  const checks = await verifyResult(name, store);
  const sound = checks.every(({ faults }) => faults.length === 0);
  if (!sound) context.setExitCode(3);
  if (json) {
    process.stdout.write(`${JSON.stringify({ result: place, sound, checks })}\n`);
    return;
  }
  for (const { name, checked, faults } of checks) {
    process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${checked})\n`);
    for (const fault of faults) process.stdout.write(`      ${printable(fault)}\n`);
  }
  process.stdout.write(`${printable(place)}: ${sound ? 'sound' : 'does not hold together'}\n`);
}
