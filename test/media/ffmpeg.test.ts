import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FramescribeError } from '../../src/domain/errors.ts';
import { type RunningProgram, startProgram } from '../../src/media/ffmpeg.ts';
import { source } from './clips.ts';
import { processesWith, untilGone } from './processes.ts';

const never = new AbortController().signal;

/** FFmpeg that draws without end, with a mark that tells its process from others. */
function endless(options: { readonly signal?: AbortSignal; readonly deadlineMs?: number | null }) {
  const mark = randomUUID();
  const picture = ['-metadata', `title=${mark}`, '-f', 'rawvideo', 'pipe:3'];
  const args = ['-nostdin', ...source('testsrc=size=320x240'), ...picture];
  const program = startProgram('ffmpeg', args, { signal: never, deadlineMs: null, pipes: 1, ...options });
  return { mark, program };
}

test('a program that is past its deadline is gone when the failure is told', async () => {
  const { mark, program } = endless({ deadlineMs: 300 });
  program.pipes[0]?.resume();
  await expect(program.gone).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(processesWith(mark)).toEqual([]);
});

test('a cancelled program is gone within a second, even when it waits for a reader', async () => {
  const controller = new AbortController();
  const { mark, program } = endless({ signal: controller.signal });
  await sleep(300);
  expect(processesWith(mark)).toHaveLength(1);
  const start = performance.now();
  controller.abort();
  await expect(program.gone).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(performance.now() - start).toBeLessThan(1000);
  expect(processesWith(mark)).toEqual([]);
});

test('a program that was cancelled before it started ends as well', async () => {
  const { mark, program } = endless({ signal: AbortSignal.abort() });
  await expect(program.gone).rejects.toMatchObject({ code: 'CANCELLED' });
  await untilGone(mark, 1000);
});

test('a program that ignores SIGTERM is killed', async () => {
  const mark = randomUUID();
  const script = `process.on('SIGTERM', () => {}); console.error('ready'); setInterval(() => {}, 1000); '${mark}'`;
  const { program } = await new Promise<{ program: RunningProgram }>((resolve) => {
    const started = startProgram(process.execPath, ['-e', script], {
      ...{ signal: never, deadlineMs: null, pipes: 0 },
      onLine: () => resolve({ program: started }),
    });
  });
  program.stop(new FramescribeError('CANCELLED', 'enough'));
  await expect(program.gone).rejects.toThrow('enough');
  expect(processesWith(mark)).toEqual([]);
});

test('a missing program is told as such', async () => {
  const program = startProgram('/no/such/ffmpeg', [], { signal: never, deadlineMs: 1000, pipes: 2 });
  await expect(program.gone).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
});

test('the exit tells errors and the processor time, and drops the rest of a long log', async () => {
  const log = ['-nostdin', '-hide_banner', '-loglevel', 'repeat+level+info', '-benchmark'];
  const program = startProgram('ffmpeg', [...log, ...source('testsrc=duration=1'), '-f', 'null', '-'], {
    ...{ signal: never, deadlineMs: 20_000, pipes: 0 },
  });
  const exit = await program.gone;
  expect(exit.exitCode).toBe(0);
  expect(exit.cpuSeconds).toBeGreaterThan(0);

  const noisy = `for (let i = 0; i < 20000; i++) console.error('[error] line ' + i + 'x'.repeat(2000))`;
  const loud = await startProgram(process.execPath, ['-e', noisy], {
    ...{ signal: never, deadlineMs: 20_000, pipes: 0 },
  }).gone;
  expect(loud.lastLines.length).toBeLessThan(20);
  expect(loud.lastLines.at(-1)).toMatch(/^\[error\] line 19999x+$/);
  expect(loud.lastLines.join('').length).toBeLessThan(10_000);

  const long = `console.error('[error] it begins' + 'x'.repeat(300_000))`; // no pipe holds that at once
  const told = await startProgram(process.execPath, ['-e', long], {
    ...{ signal: never, deadlineMs: 20_000, pipes: 0 },
  }).gone;
  expect(told.lastLines).toEqual([expect.stringMatching(/^\[error\] it beginsx+$/)]);
});
