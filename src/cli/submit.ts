import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import type { ScanMode } from '../domain/scan-plan.ts';
import type { JobEvent, JobStatus, Priority, Producer } from '../queue/index.ts';
import { PRIORITIES } from '../queue/jobs.ts';
import type { CommandContext } from './context.ts';
import { type Labels, labelOption } from './label-option.ts';
import { printError, printStatus } from './print.ts';
import { withProducer } from './producer.ts';
import { ProgressLine } from './progress.ts';
import { scanOption } from './scan-option.ts';
import { expandSources } from './sources.ts';

interface SubmitOptions {
  readonly wait: boolean;
  readonly priority: Priority;
  readonly model?: string;
  readonly scan?: ScanMode;
  readonly label: Labels;
  readonly json: boolean;
}

/** `framescribe submit <source…>`: gives videos to the workers. */
export function submitCommand(context: CommandContext): Command {
  const priority = new Option('--priority <name>', 'what goes first').choices(Object.keys(PRIORITIES));
  return new Command('submit')
    .description('give videos to the workers: files, folders, https:// or s3://bucket/key')
    .argument('<source...>', 'as the workers see them')
    .option('--wait', 'stay until all have ended', false)
    .addOption(priority.default('upload' satisfies Priority))
    .option('--model <name>', 'captioning model')
    .addOption(scanOption())
    .addOption(labelOption())
    .option('--json', 'print one line of JSON a video', false)
    .action((sources: string[], options: SubmitOptions) =>
      withProducer(context, (producer) => submitAll(sources, options, producer, context)),
    );
}

async function submitAll(
  words: readonly string[],
  { wait, priority, model, scan, label: labels, json }: SubmitOptions,
  producer: Producer,
  context: CommandContext,
): Promise<void> {
  const options = { ...(model !== undefined && { model }), ...(scan !== undefined && { scan }) };
  const submitted: JobStatus[] = [];
  for (const candidate of await sourcesOf(words)) {
    await attempt(candidate.source, context, async () => {
      if ('error' in candidate) throw candidate.error;
      const { source, version } = candidate;
      const status = await producer.describe({ source, priority, options, labels, ...(version && { version }) });
      submitted.push(status);
      if (!wait) printStatus(status, json);
    });
  }
  if (!wait) return;
  for (const { id, source } of submitted) {
    await attempt(source, context, async () => {
      const status = await untilEnd(id, source, producer, context);
      printStatus(status, json);
      if (status.state !== 'completed') context.setExitCode(3);
    });
  }
}

/** What fails for one source is told, and the others go on; without a queue there is nothing to go on with. */
async function attempt(source: string, context: CommandContext, work: () => Promise<void>): Promise<void> {
  if (context.signal.aborted) return;
  try {
    await work();
  } catch (error) {
    const known = FramescribeError.from(error);
    if (context.signal.aborted) return;
    if (known.code === 'QUEUE_UNAVAILABLE') throw error;
    printError(known, source);
    context.setExitCode(known.kind.exitCode);
  }
}

/** A source as it's submitted, or why it can't be. */
type Candidate =
  | { readonly source: string; readonly version?: string }
  | { readonly source: string; readonly error: FramescribeError };

/** A file that can be seen here has a version, so that another one of the same name is another job. */
async function sourcesOf(words: readonly string[]): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for (const word of words) {
    if (word.includes('://')) found.push({ source: word });
    else {
      for (const candidate of await expandSources([word])) {
        found.push('error' in candidate ? candidate : await versioned(resolve(candidate.source)));
      }
    }
  }
  return found;
}

async function versioned(source: string): Promise<Candidate> {
  const facts = await stat(source).catch(() => null);
  return facts === null ? { source } : { source, version: `${facts.size} ${facts.mtimeMs}` };
}

async function untilEnd(
  id: string,
  source: string,
  producer: Producer,
  { signal }: CommandContext,
): Promise<JobStatus> {
  const line = new ProgressLine(source, process.stderr);
  try {
    for await (const event of producer.events(id, signal)) show(line, event);
  } finally {
    line.clear();
  }
  return producer.status(id);
}

function show(line: ProgressLine, event: JobEvent): void {
  if (event.kind !== 'progress' || event.progress.stage === 'fetch') return;
  line.update({ ...event.progress, stage: event.progress.stage });
}
