import type { Config } from '../domain/config.ts';
import { loadConfig } from '../pipeline/load-config.ts';
import type { Producer } from '../queue/producer.ts';
import type { CommandContext } from './context.ts';
import { traceWhereAsked } from './trace.ts';

/** Does something with the queue that the configuration names. */
export async function withProducer(
  context: CommandContext,
  work: (producer: Producer) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(context.env);
  await using _tracing = await traceWhereAsked(config, 'framescribe-cli');
  await using producer = await openProducer(config);
  await work(producer);
}

/** Whoever doesn't use the queue doesn't wait for BullMQ to load. */
async function openProducer({ queue, observe }: Config): Promise<Producer> {
  const [{ createProducer }, { redisUrl }] = await Promise.all([
    import('../queue/producer.ts'),
    import('../queue/redis.ts'),
  ]);
  const { prefix, answerMs, keepCompleted, keepFailed } = queue;
  return createProducer({
    redis: redisUrl(queue),
    prefix,
    answerMs,
    keepCompleted,
    keepFailed,
    tracing: observe.tracing,
  });
}
