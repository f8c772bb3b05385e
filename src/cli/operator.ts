import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { Operator } from '../queue/overview.ts';
import type { CommandContext } from './context.ts';

/** Does something with all queues and workers that the configuration names. */
export async function withOperator(
  context: CommandContext,
  work: (operator: Operator) => Promise<void>,
): Promise<void> {
  await using operator = await openOperator(await loadConfig(context.env));
  await work(operator);
}

/** Whoever doesn't use the queue doesn't wait for BullMQ to load. */
async function openOperator({ queue }: Config): Promise<Operator> {
  const [{ createOperator }, { redisUrl }] = await Promise.all([
    import('../queue/overview.ts'),
    import('../queue/redis.ts'),
  ]);
  const { prefix, answerMs } = queue;
  return createOperator({ redis: redisUrl(queue), prefix, answerMs });
}
