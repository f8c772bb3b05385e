import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Config } from '../src/domain/config.ts';
import { FramescribeError } from '../src/domain/errors.ts';
import type { JobProgress } from '../src/queue/jobs.ts';
import type { JoinOutcome } from './describe-parts.ts';
import type { DescribeOutcome } from './describe-source.ts';
import { type FromDescriber, fromFailed, type SegmentTask, type Task, type ToDescriber } from './messages.ts';

const SCRIPT = new URL('./describer-process.js', import.meta.url);
/** What a process that was told to stop may take before it's ended. */
const STOP_MS = 5_000;
const FORGET_MS = 60_000;

/** What a process tells beside its answers. */
export type DescriberWord =
  | (Extract<FromDescriber, { kind: 'vitals' | 'measured' }> & { readonly pid: number })
  /** A line that isn't a message: a warning of Node.js, the trace of a crash. */
  | { readonly kind: 'said'; readonly line: string }
  | Extract<FromDescriber, { kind: 'trouble' }>
  | { readonly kind: 'ended'; readonly pid: number };

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onPreview: (jpeg: Buffer) => void;
}

/** A process that describes one video, or one segment, at a time. */
export class Describer {
  readonly #child: ChildProcess;
  /** As the process says it once it's ready. */
  readonly model: string;

  private constructor(child: ChildProcess, model: string) {
    this.#child = child;
    this.model = model;
  }

  /**
   * Starts the process and waits until its model, its store and its temporary folder are open.
   *
   * @throws {FramescribeError} why it can't be.
   */
  static async start(config: Config, onWord: (word: DescriberWord) => void): Promise<Describer> {
    // In a group of its own: it hears no Ctrl-C meant for the worker, and ends with all that it started.
    const child = fork(SCRIPT, { detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    const pid = child.pid ?? 0;
    if (child.stderr) createInterface(child.stderr).on('line', (line) => onWord({ kind: 'said', line }));
    child.on('message', (message: FromDescriber) => {
      if (message.kind === 'trouble') onWord(message);
      else if (message.kind === 'vitals' || message.kind === 'measured') onWord({ pid, ...message });
    });
    child.once('exit', () => onWord({ kind: 'ended', pid }));
    const answer = nextAnswer(child, { onProgress: () => {}, onPreview: () => {} });
    tell(child, { kind: 'open', config });
    try {
      const message = await answer;
      if (message.kind === 'ready') return new Describer(child, message.model);
      throw new FramescribeError('INTERNAL', `Expected a describer to be ready, it says: ${message.kind}`);
    } catch (error) {
      endGroup(child);
      throw error;
    }
  }

  get isAlive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Describes one video, or tells how it's to be cut.
   *
   * @throws {FramescribeError} WORKER_LOST: the process ended.
   */
  async describe(task: Task, options: AskOptions): Promise<DescribeOutcome> {
    const answer = await this.#ask({ kind: 'describe', task }, options);
    if (answer.kind === 'described' || answer.kind === 'cut') return answer;
    throw unexpected(answer);
  }

  /** Describes one segment of a video and keeps it in the store. Throws as `describe` does. */
  async describePart(task: SegmentTask, options: AskOptions): Promise<void> {
    const answer = await this.#ask({ kind: 'segment', task }, options);
    if (answer.kind !== 'kept') throw unexpected(answer);
  }

  /** Removes what `describePart` has kept. */
  async forgetPart(task: SegmentTask): Promise<void> {
    const options = { signal: AbortSignal.timeout(FORGET_MS), onProgress: () => {}, onPreview: () => {} };
    const answer = await this.#ask({ kind: 'forget', task }, options);
    if (answer.kind !== 'forgotten') throw unexpected(answer);
  }

  /** Joins the segments of a cut video. Throws as `describe` does. */
  async join(task: Task, options: AskOptions): Promise<JoinOutcome> {
    const answer = await this.#ask({ kind: 'join', task }, options);
    if (answer.kind === 'described' || answer.kind === 'missing' || answer.kind === 'unfit') return answer;
    throw unexpected(answer);
  }

  /** Once the signal aborts, the process is told to stop, and ended where it doesn't. */
  async #ask(message: ToDescriber, { signal, ...hears }: AskOptions): Promise<Answer> {
    signal.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      tell(this.#child, { kind: 'stop' });
      timer = setTimeout(() => endGroup(this.#child), STOP_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = nextAnswer(this.#child, hears);
      tell(this.#child, message);
      return await answer;
    } finally {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => endGroup(this.#child), STOP_MS);
    await gone;
    clearTimeout(timer);
  }
}

/** The processes of one worker: as many as it has videos at the same time, started when they're needed. */
export class Describers {
  readonly #config: Config;
  readonly #onWord: (word: DescriberWord) => void;
  readonly #idle: Describer[] = [];
  readonly #all = new Set<Describer>();
  #isClosed = false;

  constructor(config: Config, onWord: (word: DescriberWord) => void) {
    this.#config = config;
    this.#onWord = onWord;
  }

  /** Starts one ahead, so that what can't work is known before a job is taken. */
  async warm(): Promise<Describer> {
    const describer = await this.#take();
    this.#giveBack(describer);
    return describer;
  }

  async use<T>(work: (describer: Describer) => Promise<T>): Promise<T> {
    const describer = await this.#take();
    try {
      return await work(describer);
    } finally {
      this.#giveBack(describer);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((describer) => describer.close()));
  }

  async #take(): Promise<Describer> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
      this.#all.delete(idle);
    }
    const started = await Describer.start(this.#config, this.#onWord);
    this.#all.add(started);
    if (!this.#isClosed) return started;
    await started.close();
    throw new FramescribeError('CANCELLED', 'The worker has been closed.');
  }

  #giveBack(describer: Describer): void {
    if (describer.isAlive) this.#idle.push(describer);
    else this.#all.delete(describer);
  }
}

type Answer = Exclude<
  FromDescriber,
  { readonly kind: 'progress' | 'preview' | 'failed' | 'vitals' | 'measured' | 'trouble' }
>;

function unexpected({ kind }: Answer): FramescribeError {
  return new FramescribeError('INTERNAL', `Expected what was asked for, got: ${kind}`);
}

async function nextAnswer(child: ChildProcess, { onProgress, onPreview }: Omit<AskOptions, 'signal'>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromDescriber) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else if (message.kind === 'preview') onPreview(Buffer.from(message.jpeg, 'base64'));
      else if (message.kind === 'failed') settle(() => reject(fromFailed(message)));
      else if (!isByTheWay(message)) settle(() => resolve(message));
    };
    const onEnd = () => {
      const how = child.signalCode ?? (child.exitCode === null ? 'without a word' : `exit code ${child.exitCode}`);
      settle(() =>
        reject(new FramescribeError('WORKER_LOST', `Expected a description, but its process ended: ${how}`)),
      );
    };
    const settle = (outcome: () => void) => {
      child.off('message', onMessage).off('exit', onEnd).off('error', onEnd);
      outcome();
    };
    child.on('message', onMessage).on('exit', onEnd).on('error', onEnd);
  });
}

function isByTheWay(
  message: FromDescriber,
): message is Extract<FromDescriber, { kind: 'vitals' | 'measured' | 'trouble' }> {
  return message.kind === 'vitals' || message.kind === 'measured' || message.kind === 'trouble';
}

/** Whoever isn't there any more is heard of by its exit. */
function tell(child: ChildProcess, message: ToDescriber): void {
  if (child.connected) child.send(message, () => {});
}

/** The process and every program that it started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
