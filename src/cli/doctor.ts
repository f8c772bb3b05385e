import { Command } from 'commander';
import { examine } from '../pipeline/doctor.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

const MARKS = { ok: 'ok     ', missing: 'MISSING', optional: 'without' } as const;

/** `framescribe doctor`: what is installed, what is missing and how to get it, and a short self-test. */
export function doctorCommand(context: CommandContext): Command {
  return new Command('doctor')
    .description('look at what is installed, and test FFmpeg and the model')
    .option('--json', 'print the findings as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const config = await loadConfig(context.env);
      const findings = [];
      for await (const finding of examine(config, context.env.PATH ?? '', context.signal)) {
        findings.push(finding);
        if (finding.state === 'missing') context.setExitCode(2);
        if (json) continue;
        process.stdout.write(`${MARKS[finding.state]}  ${finding.name}: ${printable(finding.detail)}\n`);
        if (finding.advice) process.stdout.write(`         ${finding.advice}\n`);
      }
      if (json) process.stdout.write(`${JSON.stringify(findings)}\n`);
    });
}
