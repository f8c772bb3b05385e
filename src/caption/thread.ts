import { parentPort, workerData } from 'node:worker_threads';
import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Bundle } from './bundle.ts';
import { createDescriber, type DescriberSettings } from './describer.ts';
import { openNetwork } from './network.ts';
import type { SentError, ThreadMessage } from './pool.ts';

/** What a thread of the captioner is started with. */
export interface ThreadData {
  readonly bundle: Bundle;
  readonly settings: DescriberSettings;
}

// Inference blocks the thread that asks for it, so it lives here: one pair of sessions, opened once.
if (parentPort) {
  const send = (message: ThreadMessage<PictureCaptions>) => parentPort?.postMessage(message);
  try {
    const { bundle, settings } = workerData as ThreadData;
    const describe = createDescriber(bundle, await openNetwork(bundle), settings);
    parentPort.on('message', async (pictures: readonly (string | Uint8Array)[]) => {
      send({ kind: 'answers', answers: await answer(describe, pictures) });
    });
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'failed', error: toSent(error) });
  }
}

async function answer(describe: ReturnType<typeof createDescriber>, pictures: readonly (string | Uint8Array)[]) {
  try {
    const described = await describe(pictures);
    return described.map((one) => (one instanceof FramescribeError ? { error: toSent(one) } : { value: one }));
  } catch (error) {
    return pictures.map(() => ({ error: toSent(error) }));
  }
}

function toSent(error: unknown): SentError {
  const { code, message } = FramescribeError.from(error);
  return { code, message };
}
