import { resolve } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { CommandContext } from './context.ts';
import { startPrivateRedis } from './private-redis.ts';

interface UpOptions {
  readonly out?: string;
  readonly folders: string;
}

/** `framescribe up`: all parts on this machine, until stopped. */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description('everything on this machine, until stopped: a worker, and a private Redis where none is named')
    .option('--out <folder|s3://bucket/prefix>', 'where results go')
    .option('--folders <list>', 'folders that submitted files may lie in, with commas between', '.')
    .action(async ({ out, folders }: UpOptions) => {
      const { work } = await loadWork();
      const config = withOptions(await loadConfig(context.env), out, folders);
      if (config.queue.redisUrl !== '') return work(config, context);
      await using redis = await startPrivateRedis();
      process.stderr.write(
        `In another terminal:\n  export REDIS_URL=${redis.url}\n  framescribe submit --wait <source…>\n`,
      );
      await work({ ...config, queue: { ...config.queue, redisUrl: redis.url } }, context);
    });
}

// A function of its own: in one that has `await using`, the compiler leaves the name of the file as it is.
const loadWork = () => import('./work.ts');

function withOptions(config: Config, out: string | undefined, folders: string): Config {
  const { queue, fetch } = config;
  const allowed = folders.split(',').map((folder) => resolve(folder.trim()));
  return {
    ...config,
    queue: { ...queue, store: out ?? queue.store },
    fetch: { ...fetch, folders: fetch.folders || allowed.join(',') },
  };
}
