import type { Readable } from 'node:stream';
import { FramescribeError } from '../domain/errors.ts';
import { type ProgramExit, type ProgramOptions, type RunningProgram, startProgram } from './ffmpeg.ts';

export interface ChainLink {
  readonly args: readonly string[];
  readonly pipes: number;
}

/**
 * Starts a program twice, as one: the second reads what the first writes to its first pipe, and where it waits, the first
 * one waits. Both start, stop and end together. The pipes are those of the second, then what else the first has.
 */
export function startChain(
  program: string,
  before: ChainLink,
  after: ChainLink,
  options: Omit<ProgramOptions, 'pipes' | 'input'>,
): RunningProgram {
  const first = startProgram(program, before.args, { ...options, pipes: before.pipes });
  const [link, ...rest] = first.pipes as [Readable, ...Readable[]];
  const second = startProgram(program, after.args, { ...options, pipes: after.pipes, input: link });
  const gone = bothGone(first, link, second);
  gone.catch(() => {}); // The caller may look at the pipes first.
  return {
    pipes: [...second.pipes, ...rest],
    gone,
    stop: (reason) => {
      first.stop(reason);
      second.stop(reason);
    },
  };
}

/** The exit of the second, or of the first where only that one failed. Rejects with why either was stopped. */
async function bothGone(first: RunningProgram, link: Readable, second: RunningProgram): Promise<ProgramExit> {
  first.gone.catch((error) => second.stop(error));
  second.gone.then(
    // The first may have more to say on its other pipes, and would wait for somebody to read this one.
    ({ exitCode }) => (exitCode === 0 ? link.resume() : first.stop(new FramescribeError('CANCELLED', 'Nobody reads.'))),
    (error) => first.stop(error),
  );
  const [before, after] = await Promise.allSettled([first.gone, second.gone]);
  link.destroy();
  if (after.status === 'rejected') throw after.reason;
  if (before.status === 'rejected') {
    if (after.value.exitCode === 0) throw before.reason;
    return after.value;
  }
  const { exitCode } = after.value.exitCode === 0 ? before.value : after.value;
  return {
    exitCode,
    lastLines: [...before.value.lastLines, ...after.value.lastLines],
    cpuSeconds: sum(before.value.cpuSeconds, after.value.cpuSeconds),
  };
}

function sum(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}
