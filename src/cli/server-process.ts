import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';

/** A server in a process of its own, beside a worker: whoever holds the locks of jobs is not to wait for a search. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
}

/** What the process is told, and what it says. */
export type ToServer = { readonly kind: 'serve'; readonly config: Config; readonly secrets: readonly string[] };
export type FromServer =
  | { readonly kind: 'serving'; readonly url: string }
  | { readonly kind: 'failed'; readonly code: FramescribeError['code']; readonly message: string };

/**
 * @param secrets what its log may not hold.
 * @throws {FramescribeError} why it can't serve.
 */
export async function startServerProcess(config: Config, secrets: readonly string[]): Promise<ServerProcess> {
  const script = new URL('./served.js', import.meta.url);
  // In a group of its own: a Ctrl-C is told to it by us.
  const child = fork(script, { detached: true, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const gone = once(child, 'exit');
  const stop = async () => {
    if (child.connected) child.disconnect();
    await gone;
  };
  child.send({ kind: 'serve', config, secrets } satisfies ToServer);
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as FromServer),
    gone.then(
      (): FromServer => ({ kind: 'failed', code: 'INTERNAL', message: 'Expected the server to start, but it ended' }),
    ),
  ]);
  if (answer.kind === 'serving') return { url: answer.url, [Symbol.asyncDispose]: stop };
  await stop();
  throw new FramescribeError(answer.code, answer.message);
}
