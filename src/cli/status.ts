import { Command } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { JobStatus } from '../queue/status.ts';
import { openResult } from '../storage/open-store.ts';
import type { FileLink } from '../storage/store.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { withOperator } from './operator.ts';
import { printStatus } from './print.ts';
import { printOverview } from './print-overview.ts';
import { withProducer } from './producer.ts';

interface StatusOptions {
  readonly json: boolean;
  readonly links: boolean;
  readonly expires: number;
}

const WEEK_S = 7 * 86_400;

/** `framescribe status [id]`: one job, or all queues and workers. */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('what has become of a submitted video, or what there is in the queues and who works')
    .argument('[id]', 'as `submit` printed it')
    .option('--links', 'print a URL for each file of its result, which whoever has it may read', false)
    .option('--expires <seconds>', 'how long the links are good for', wholeNumber(1, WEEK_S), 3600)
    .option('--json', 'print JSON', false)
    .action((id: string | undefined, options: StatusOptions) =>
      id === undefined ? showAll(context, options.json) : showOne(context, id, options),
    );
}

function showOne(context: CommandContext, id: string, { links, json, expires }: StatusOptions): Promise<void> {
  return withProducer(context, async (producer) => {
    const status = await producer.status(id);
    if (!links) return printStatus(status, json);
    const found = await linksOf(status, expires, context);
    if (json) process.stdout.write(`${JSON.stringify({ ...status, links: found })}\n`);
    else for (const { url } of found) process.stdout.write(`${url}\n`);
  });
}

function showAll(context: CommandContext, json: boolean): Promise<void> {
  return withOperator(context, async (operator) => {
    const overview = await operator.overview();
    if (json) process.stdout.write(`${JSON.stringify(overview)}\n`);
    else printOverview(overview, Date.now());
  });
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
