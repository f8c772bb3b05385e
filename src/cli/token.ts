import { Command, InvalidArgumentError } from 'commander';
import { FramescribeError } from '../domain/errors.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { Scope, TokenFacts, TokenStore } from '../queue/tokens.ts';
import type { CommandContext } from './context.ts';
import { wholeNumber } from './numbers.ts';
import { printable } from './print.ts';

interface CreateOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days?: number;
}

const SCOPES: readonly Scope[] = ['read', 'submit', 'admin'];
const DAY_MS = 86_400_000;
const MOST_DAYS = 3_650;

/** `framescribe token create|list|revoke`: who may use the API. */
export function tokenCommand(context: CommandContext): Command {
  const command = new Command('token').description('who may use the API: tokens are kept as hashes, in Redis');
  command
    .command('create')
    .description('make a token, and print it: this once')
    .requiredOption('--name <name>', 'whom or what it is for')
    .option('--scopes <list>', 'of read, submit and admin, with commas between', scopes, ['read'] as readonly Scope[])
    .option('--days <n>', 'it expires after so many', wholeNumber(1, MOST_DAYS))
    .action(({ name, scopes, days }: CreateOptions) =>
      withTokens(context, async (tokens) => {
        const { token } = await tokens.create(name.slice(0, 100), scopes, days === undefined ? null : days * DAY_MS);
        process.stdout.write(`${token}\n`);
      }),
    );
  command
    .command('list')
    .description('all tokens, without their secrets')
    .option('--json', 'print JSON', false)
    .action(({ json }: { json: boolean }) =>
      withTokens(context, async (tokens) => {
        const facts = (await tokens.list()).map(({ hash: _, ...token }): TokenFacts => token);
        process.stdout.write(json ? `${JSON.stringify(facts)}\n` : facts.map(lineOf).join(''));
      }),
    );
  command
    .command('revoke')
    .description('a token is good for nothing from now on')
    .argument('<id...>', 'as `token list` prints it')
    .action((ids: string[]) =>
      withTokens(context, async (tokens) => {
        for (const id of ids) {
          if (await tokens.revoke(id)) continue;
          throw new FramescribeError('USAGE', `Expected the id of a token, see \`framescribe token list\`, got ${id}`);
        }
      }),
    );
  return command;
}

/** Whoever doesn't use the queue doesn't wait for BullMQ to load. */
async function withTokens({ env }: CommandContext, work: (tokens: TokenStore) => Promise<void>): Promise<void> {
  const { queue } = await loadConfig(env);
  await using tokens = await openTokenStore(queue);
  await work(tokens);
}

async function openTokenStore(queue: Awaited<ReturnType<typeof loadConfig>>['queue']): Promise<TokenStore> {
  const [{ openTokens }, { redisUrl }] = await Promise.all([import('../queue/tokens.ts'), import('../queue/redis.ts')]);
  return openTokens(redisUrl(queue), queue.prefix, queue.answerMs);
}

function lineOf({ id, name, scopes, createdMs, expiresMs }: TokenFacts): string {
  const [made, ends] = [createdMs, expiresMs].map((ms) => (ms === null ? 'never' : new Date(ms).toISOString()));
  return `${id}  ${scopes.join(',')}  made ${made}, expires ${ends}  ${printable(name)}\n`;
}

function scopes(text: string): readonly Scope[] {
  const words = text.split(',').map((word) => word.trim());
  const known = SCOPES.filter((scope) => words.includes(scope));
  if (known.length === words.length) return known;
  throw new InvalidArgumentError(`Expected some of ${SCOPES.join(', ')}.`);
}
