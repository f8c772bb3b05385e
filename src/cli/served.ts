import { FramescribeError } from '../domain/errors.ts';
import { openLog } from '../observe/log.ts';
import { redactor } from '../observe/redact.ts';
import { startServer } from '../server/start.ts';
import type { FromServer, ToServer } from './server-process.ts';

/** The process of a server that `up` starts: it serves for as long as the one that started it is there. */
process.once('message', async ({ config, secrets }: ToServer) => {
  const gone = new Promise((resolve) => process.once('disconnect', resolve));
  const { isTTY: isTerminal = false, fd } = process.stderr;
  await using opened = openLog({
    settings: config.observe,
    redact: redactor(secrets),
    facts: { part: 'server' },
    isTerminal,
    fd,
  });
  try {
    await using server = await startServer(config, opened.log);
    say({ kind: 'serving', url: server.url });
    await gone;
  } catch (error) {
    const { code, message } = FramescribeError.from(error);
    say({ kind: 'failed', code, message });
    await gone;
  }
});

// Told by the channel when to end; a Ctrl-C in its terminal isn't for this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function say(message: FromServer): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
