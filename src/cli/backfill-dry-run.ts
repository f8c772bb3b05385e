import type { DryRun } from '../backfill/dry-run.ts';
import type { Estimated } from '../backfill/estimate.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { type BackfillOptions, choicesOf } from './backfill-options.ts';
import { significant } from './backfill-view.ts';
import type { CommandContext } from './context.ts';
import { printable } from './print.ts';

const SEEN_EVERY_MS = 5_000;

/** `framescribe backfill --dry-run`: what there is to do, and what it would take. */
export async function showDryRun(
  source: string,
  options: BackfillOptions,
  { env, signal }: CommandContext,
): Promise<void> {
  const config = await loadConfig(env);
  const { dryRun } = await import('../backfill/dry-run.ts');
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  let saidMs = Date.now();
  const dry = await dryRun(source, choicesOf(options), config, {
    ...{ sample: options.sample, measure: options.measure, signal },
    onSeen: (videos) => {
      if (Date.now() - saidMs < SEEN_EVERY_MS) return;
      saidMs = Date.now();
      say(`${videos} videos to describe so far`);
    },
    onMeasured: ({ videoMs, cpuMs }) => {
      say(`described ${(videoMs / 1000).toFixed(1)} s of video with ${(cpuMs / 1000).toFixed(1)} s of a processor`);
    },
  });
  process.stdout.write(options.json ? `${JSON.stringify(dry)}\n` : `${linesOf(dry).map(printable).join('\n')}\n`);
}

function linesOf(dry: DryRun): readonly string[] {
  const { source, mode, model, videos, bytes, leftOut, refusedBy, looked, unreadable, costsFrom, measured } = dry;
  const others = leftOut.name + leftOut.age + leftOut.size;
  const basis = costsFrom === 'store' ? `by ${measured} results in the store` : `by ${measured} videos described here`;
  return [
    `dry run over ${source}  (${mode}, ${model})`,
    `  ${videos} videos to describe, ${(bytes / 1e9).toFixed(3)} GB; there already ${leftOut.present}, left out ${others}`,
    ...Object.entries(refusedBy).map(([code, number]) => `    ${String(number).padStart(6)}  ${code}`),
    `  ${shown(dry.videoHours)} h of video, by the length of ${looked}, of which ${unreadable} can't be read`,
    dry.cpuHours === null ? '  nothing tells what they would take' : `  ${shown(dry.cpuHours)} CPU h, ${basis}`,
    ...(dry.cost === null ? [] : [`  cost ${shown(dry.cost)}`]),
  ];
}

function shown({ value, low, high }: Estimated): string {
  return `${significant(value)} (${significant(low)} to ${significant(high)})`;
}
