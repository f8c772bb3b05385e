import { expect, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { startChain } from '../../src/media/chain.ts';
import { runningPrograms } from './processes.ts';

const { execPath } = process;
const options = { signal: new AbortController().signal, deadlineMs: null };
const link = (script: string) => ({ args: ['-e', script], pipes: 2 });
const SAYS = "const { writeSync } = require('node:fs'); writeSync(3, 'frames'); writeSync(4, 'packets');";
const READS = `process.stdin.on('data', (text) => require('node:fs').writeSync(3, text + ' read'));`;
const ENDLESS =
  "const pipe = require('node:fs').createWriteStream('', { fd: 3 }); setInterval(() => pipe.write('x'), 1);";
const running = () => runningPrograms().length;

async function textOf(pipe: NodeJS.ReadableStream | undefined): Promise<string> {
  let text = '';
  for await (const chunk of pipe ?? []) text += chunk;
  return text;
}

test('a program reads what another writes, and both tell the rest on pipes of their own', async () => {
  const chain = startChain(execPath, link(SAYS), link(READS), options);
  const texts = await Promise.all(chain.pipes.map(textOf));
  expect(texts).toEqual(['frames read', '', 'packets']);
  expect(await chain.gone).toMatchObject({ exitCode: 0 });
});

test.each([
  ['the first', `${SAYS} console.error('[error] first'); process.exitCode = 3`, READS, 3],
  ['the second', ENDLESS, "console.error('[error] second'); process.exitCode = 4", 4],
])('a chain fails where %s fails, and the other one ends', async (which, before, after, exitCode) => {
  const exit = await startChain(execPath, link(before), link(after), options).gone;
  expect(exit).toMatchObject({ exitCode, lastLines: [`[error] ${which.slice(4)}`] });
});

test('a chain whose second ends well without reading on ends as well', async () => {
  const few = "const { writeSync } = require('node:fs'); for (let i = 0; i < 999; i++) writeSync(3, 'x'.repeat(1e5));";
  const chain = startChain(execPath, link(few), link('process.stdin.destroy()'), options);
  expect(await chain.gone).toMatchObject({ exitCode: 0 });
});

test('a stopped chain is gone, with the reason', async () => {
  const chain = startChain(execPath, link(ENDLESS), link(READS), options);
  chain.stop(new FramescribeError('CANCELLED', 'enough'));
  await expect(chain.gone).rejects.toThrow('enough');
  expect(running()).toBe(0);
});

test('a missing program is told as such', async () => {
  const chain = startChain('/no/such/ffmpeg', link(SAYS), link(READS), options);
  await expect(chain.gone).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
});
