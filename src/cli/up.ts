import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../domain/config.ts';
import { secretsOf } from '../observe/secrets.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import { isLoopback } from '../server/loopback.ts';
import { uploadsFolder } from '../server/uploads-folder.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { startPrivateRedis } from './private-redis.ts';
import { startServerProcess } from './server-process.ts';

interface UpOptions {
  readonly out?: string;
  readonly folders: string;
  readonly port?: number;
}

/** `framescribe up`: all parts on this machine, until stopped. */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description('everything on this machine, until stopped: page, API, a worker, and a Redis where none is named')
    .option('--out <folder|s3://bucket/prefix>', 'where results go')
    .option('--folders <list>', 'folders that submitted files may lie in, with commas between', '.')
    .option('--port <n>', 'of the page and the API', wholeNumber(0, 65_535))
    .action(async (options: UpOptions) => {
      const config = withOptions(await loadConfig(context.env), options);
      if (config.queue.redisUrl !== '') return serveAndWork(config, context);
      await using redis = await startPrivateRedis();
      process.stderr.write(
        `In another terminal:\n  export REDIS_URL=${redis.url}\n  framescribe submit --wait <source…>\n`,
      );
      await serveAndWork({ ...config, queue: { ...config.queue, redisUrl: redis.url } }, context);
    });
}

async function serveAndWork(config: Config, context: CommandContext): Promise<void> {
  const { work } = await loadWork();
  await using server = await startServerProcess(config, secretsOf(config, context.env));
  process.stderr.write(`Open ${server.url}\n`);
  const uploads = uploadsFolder(config);
  const folders = [config.fetch.folders, ...(uploads === null ? [] : [uploads])].join(',');
  await work({ ...config, fetch: { ...config.fetch, folders } }, context);
}

// A function of its own: in one that has `await using`, the compiler leaves the name of the file as it is.
const loadWork = () => import('./work.ts');

/** Nobody but this machine can reach it, so nobody is asked for a token unless the settings say otherwise. */
function withOptions(config: Config, { out, folders, port }: UpOptions): Config {
  const { queue, fetch, server } = config;
  const allowed = folders.split(',').map((folder) => resolve(folder.trim()));
  return {
    ...config,
    queue: { ...queue, store: out ?? queue.store },
    fetch: { ...fetch, folders: fetch.folders || allowed.join(',') },
    server: { ...server, port: port ?? server.port, authentication: server.authentication && !isLoopback(server.host) },
  };
}
