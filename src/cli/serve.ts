import { Command } from 'commander';
import type { Config } from '../domain/config.ts';
import { openLog } from '../observe/log.ts';
import { redactor } from '../observe/redact.ts';
import { secretsOf } from '../observe/secrets.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { traceWhereAsked } from './trace.ts';

interface ServeOptions {
  readonly out?: string;
  readonly host?: string;
  readonly port?: number;
}

/** `framescribe serve`: the API and the page, until it's told to stop. */
export function serveCommand(context: CommandContext): Command {
  return new Command('serve')
    .description('serve the API and the page, until stopped')
    .option('--out <folder|s3://bucket/prefix>', 'where results are')
    .option('--host <address>', 'listen there')
    .option('--port <n>', 'listen there', wholeNumber(0, 65_535))
    .action(async ({ out, host, port }: ServeOptions) => {
      const config = await loadConfig(context.env);
      const { queue, server } = config;
      await serve(
        {
          ...config,
          queue: { ...queue, store: out ?? queue.store },
          server: { ...server, host: host ?? server.host, port: port ?? server.port },
        },
        context,
      );
    });
}

async function serve(config: Config, { env, signal, endsByStop }: CommandContext): Promise<void> {
  endsByStop();
  const { isTTY: isTerminal = false, fd } = process.stderr;
  const redact = redactor(secretsOf(config, env));
  await using opened = openLog({ settings: config.observe, redact, facts: { part: 'server' }, isTerminal, fd });
  await using _tracing = await traceWhereAsked(config, 'framescribe-server');
  const { startServer } = await loadServer();
  await using server = await startServer(config, opened.log);
  opened.log.info({ event: 'ready' }, `serving: ${server.url}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  opened.log.info({ event: 'stopping' }, 'stopping: answering what is at hand');
}

// A function of its own: in one that has `await using`, the compiler leaves the name of the file as it is.
const loadServer = () => import('../server/start.ts');
