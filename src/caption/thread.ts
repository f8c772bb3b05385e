import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { PictureCaptions } from '../domain/captioning.ts';
import { FramescribeError } from '../domain/errors.ts';
import type { Bundle } from './bundle.ts';
import { createDescriber, type DescriberSettings } from './describer.ts';
import { guardOf } from './gate.ts';
import { openNetwork } from './network.ts';
import type { PoolMessage, SentError, ThreadAnswer, ThreadMessage, ThreadStart } from './pool.ts';

/** What a thread of the captioner is started with. */
export interface ThreadData {
  readonly bundle: Bundle;
  readonly settings: DescriberSettings;
}

type Picture = string | Uint8Array;

// Inference blocks the thread that asks for it, so it lives here: one pair of sessions, opened once.
if (parentPort) await serve(parentPort, workerData as ThreadStart<ThreadData>);

async function serve(port: MessagePort, { data, gate }: ThreadStart<ThreadData>): Promise<void> {
  const send = (message: ThreadMessage) => port.postMessage(message);
  try {
    const describe = createDescriber(data.bundle, await openNetwork(data.bundle, guardOf(gate)), data.settings);
    port.on('message', async (message: PoolMessage<Picture>) => {
      // Without the port, nothing keeps the thread alive, and it ends once its last call is out.
      if (message.kind === 'close') port.close();
      else send({ kind: 'answers', json: JSON.stringify(await answer(describe, message.items)) });
    });
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'failed', error: toSent(error) });
  }
}

async function answer(
  describe: ReturnType<typeof createDescriber>,
  pictures: readonly Picture[],
): Promise<readonly ThreadAnswer<PictureCaptions>[]> {
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
