import { Command } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { JobStatus } from '../queue/status.ts';
import { openResult } from '../storage/open-store.ts';
import type { FileLink } from '../storage/store.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { printStatus } from './print.ts';
import { withProducer } from './producer.ts';

interface StatusOptions {
  readonly json: boolean;
  readonly links: boolean;
  readonly expires: number;
}

const WEEK_S = 7 * 86_400;

/** `framescribe status [id]`: one job, or how many there are. */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('what has become of a submitted video, or how many there are in each state')
    .argument('[id]', 'as `submit` printed it')
    .option('--links', 'print a URL for each file of its result, which whoever has it may read', false)
    .option('--expires <seconds>', 'how long the links are good for', wholeNumber(1, WEEK_S), 3600)
    .option('--json', 'print JSON', false)
    .action((id: string | undefined, options: StatusOptions) =>
      withProducer(context, async (producer) => {
        if (id === undefined) return printCounts(await producer.counts(), options.json);
        const status = await producer.status(id);
        if (!options.links) return printStatus(status, options.json);
        const links = await linksOf(status, options.expires, context);
        if (options.json) process.stdout.write(`${JSON.stringify({ ...status, links })}\n`);
        else for (const { url } of links) process.stdout.write(`${url}\n`);
      }),
    );
}

function printCounts(counts: Readonly<Record<string, number>>, json: boolean): void {
  const lines = Object.entries(counts).map(([state, count]) => `${state.padEnd(10)} ${count}`);
  process.stdout.write(`${json ? JSON.stringify(counts) : lines.join('\n')}\n`);
}

async function linksOf(
  { state, result }: JobStatus,
  expiresS: number,
  { env }: CommandContext,
): Promise<readonly FileLink[]> {
  if (result === null) throw new FramescribeError('RESULT_NOT_FOUND', `Expected a video with a result, it is ${state}`);
  const { store, name } = await openResult(result.place, (await loadConfig(env)).storage);
  return store.links(name, expiresS);
}
