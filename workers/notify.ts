import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import { sendWebhook } from '../src/notify/send-webhook.ts';
import type { Handler } from './processor.ts';

/** Calls the application that submitted a video, signed with the secret that both know. */
export function notifyHandler(config: Config): Handler<'notify'> {
  return async ({ id, payload, signal }) => {
    const secret = config.queue.webhookSecret;
    if (secret === '') {
      throw new FramescribeError('CONFIG_INVALID', 'Expected queue.webhookSecret to sign a callback with, got none');
    }
    const { url, job, source, labels, endedMs, outcome } = payload;
    const { kind, ...rest } = outcome;
    const event = {
      id,
      type: `video.${kind === 'completed' ? 'described' : 'failed'}`,
      timestamp: new Date(endedMs).toISOString(),
      data: { job, source, labels, ...rest },
    };
    await sendWebhook({ url, secret, event }, config, signal);
    return { url };
  };
}
