import { Worker } from 'node:worker_threads';
import { type ErrorCode, FramescribeError } from '../domain/errors.ts';
import { createGate, type Gate, shutGate, waitUntilOut } from './gate.ts';

export interface PoolSettings {
  /** Module that each thread runs. Its `workerData` is a {@link ThreadStart}. */
  readonly script: URL;
  readonly data: unknown;
  readonly threads: number;
  /** Items that a thread takes at once. */
  readonly batch: number;
}

/** What a thread is started with. */
export interface ThreadStart<Data> {
  readonly data: Data;
  /** It goes through here into native code. */
  readonly gate: Gate;
}

/** What a thread is told: items to answer, or to end. */
export type PoolMessage<Item> =
  | { readonly kind: 'items'; readonly items: readonly Item[] }
  | { readonly kind: 'close' };

/** An error on its way between threads. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What a thread says: that it's ready, that it can't start, or the JSON of one {@link ThreadAnswer} for each item that it was
 * given. What JSON makes takes two thirds of the memory of a structured clone, in which a word that comes again is a string again.
 */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: SentError }
  | { readonly kind: 'answers'; readonly json: string };

export type ThreadAnswer<Answer> = { readonly value: Answer } | { readonly error: SentError };

interface Call<Answer> {
  readonly answers: Answer[];
  left: number;
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Entry<Item, Answer> {
  readonly call: Call<Answer>;
  readonly index: number;
  readonly item: Item;
}

interface Thread<Item, Answer> {
  readonly worker: Worker;
  isReady: boolean;
  /** What it works on; nothing while it's idle. */
  task: readonly Entry<Item, Answer>[];
}

/** A thread that was told to end gets this long; one that is in an endless loop is ended then. */
const GRACE_MS = 2000;
/** The longest that one native call may take when the process ends. */
const LAST_CALL_MS = 5000;

/**
 * Threads that answer items in batches. A thread that is idle takes the next items from one queue, whichever calls
 * they belong to. A thread that dies fails the calls it worked for, and another takes its place.
 */
export class ThreadPool<Item, Answer> implements AsyncDisposable {
  readonly #settings: PoolSettings;
  readonly #threads = new Set<Thread<Item, Answer>>();
  readonly #calls = new Set<Call<Answer>>();
  readonly #gate = createGate();
  #queue: Entry<Item, Answer>[] = [];
  #isScheduled = false;
  #isClosed = false;

  private constructor(settings: PoolSettings) {
    this.#settings = settings;
    process.once('exit', this.#leave);
  }

  /** Starts the threads; fails with what the first one says that can't. */
  static async open<Item, Answer>(settings: PoolSettings): Promise<ThreadPool<Item, Answer>> {
    const pool = new ThreadPool<Item, Answer>(settings);
    try {
      await Promise.all(Array.from({ length: settings.threads }, () => pool.#start()));
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /**
   * Answers in the order of the items. Fails as a whole with the first item's error.
   *
   * @throws {FramescribeError} CANCELLED once the signal aborts or the pool closes; INFERENCE_FAILED where a thread dies.
   */
  async run(items: readonly Item[], signal?: AbortSignal): Promise<readonly Answer[]> {
    if (this.#isClosed || signal?.aborted) throw cancelled(this.#isClosed);
    if (items.length === 0) return [];
    const { promise, resolve, reject } = withResolvers<readonly Answer[]>();
    const call: Call<Answer> = { answers: new Array(items.length), left: items.length, resolve, reject };
    const abort = () => this.#fail(call, cancelled(false));
    signal?.addEventListener('abort', abort, { once: true });
    this.#calls.add(call);
    this.#queue.push(...items.map((item, index) => ({ call, index, item })));
    this.#schedule();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Ends the threads, also in the middle of their work; calls that wait fail with CANCELLED. */
  async close(): Promise<void> {
    this.#isClosed = true;
    shutGate(this.#gate);
    this.#failAll(cancelled(true));
    await Promise.all([...this.#threads].map(({ worker }) => end(worker)));
    process.off('exit', this.#leave);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The process ends with threads at work: lets them out of native code first. */
  readonly #leave = () => {
    shutGate(this.#gate);
    waitUntilOut(this.#gate, LAST_CALL_MS);
  };

  /** Starts one thread; settles when it's ready or can't be. */
  #start(): Promise<void> {
    const { script, data } = this.#settings;
    const { promise, resolve, reject } = withResolvers<void>();
    const worker = new Worker(script, {
      workerData: { data, gate: this.#gate } satisfies ThreadStart<unknown>,
      execArgv: [],
    });
    const thread: Thread<Item, Answer> = { worker, isReady: false, task: [] };
    let reason: unknown;
    this.#threads.add(thread);
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'answers') this.#finish(thread, JSON.parse(message.json) as readonly ThreadAnswer<Answer>[]);
      else if (message.kind === 'failed') reject(fromSent(message.error));
      else {
        thread.isReady = true;
        resolve();
        this.#schedule();
      }
    });
    worker.on('error', (error) => {
      reason = error;
    });
    worker.on('exit', (exitCode) => {
      const why = reason instanceof Error ? reason.message : `exit code ${exitCode}`;
      const error = new FramescribeError('INFERENCE_FAILED', `A thread of the captioner ended: ${why}`, {
        cause: reason,
      });
      reject(error);
      this.#bury(thread, error);
    });
    return promise;
  }

  #bury(thread: Thread<Item, Answer>, error: FramescribeError): void {
    this.#threads.delete(thread);
    for (const { call } of thread.task) this.#fail(call, error);
    if (this.#isClosed) return;
    // One that never got ready would only fail again.
    if (thread.isReady) this.#start().catch(() => {});
    else if (this.#threads.size === 0) this.#failAll(error);
  }

  /** Hands out the queue after the calls of this turn of the event loop have all added to it. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    const idle = [...this.#threads].filter(({ isReady, task }) => isReady && task.length === 0);
    idle.forEach((thread, index) => {
      const share = Math.ceil(this.#queue.length / (idle.length - index));
      const task = this.#queue.splice(0, Math.min(share, this.#settings.batch));
      if (task.length === 0) return;
      thread.task = task;
      thread.worker.postMessage({ kind: 'items', items: task.map(({ item }) => item) } satisfies PoolMessage<Item>);
    });
    if (this.#threads.size === 0) {
      this.#failAll(new FramescribeError('INFERENCE_FAILED', 'Expected a thread to caption with, but all have ended'));
    }
  }

  #finish(thread: Thread<Item, Answer>, answers: readonly ThreadAnswer<Answer>[]): void {
    const { task } = thread;
    thread.task = [];
    for (const [position, entry] of task.entries()) this.#settle(entry, answers[position]);
    this.#schedule();
  }

  #settle({ call, index }: Entry<Item, Answer>, answer: ThreadAnswer<Answer> | undefined): void {
    if (!this.#calls.has(call)) return;
    if (answer === undefined || 'error' in answer) {
      this.#fail(
        call,
        answer ? fromSent(answer.error) : new FramescribeError('INTERNAL', 'Expected an answer, got none'),
      );
      return;
    }
    call.answers[index] = answer.value;
    call.left--;
    if (call.left > 0) return;
    this.#calls.delete(call);
    call.resolve(call.answers);
  }

  #failAll(error: FramescribeError): void {
    for (const call of this.#calls) this.#fail(call, error);
  }

  #fail(call: Call<Answer>, error: FramescribeError): void {
    this.#calls.delete(call);
    this.#queue = this.#queue.filter((entry) => entry.call !== call);
    call.reject(error);
  }
}

async function end(worker: Worker): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ kind: 'close' } satisfies PoolMessage<never>);
  const timer = setTimeout(() => worker.terminate(), GRACE_MS);
  await ended;
  clearTimeout(timer);
}

function cancelled(isClosed: boolean): FramescribeError {
  return new FramescribeError(
    'CANCELLED',
    isClosed ? 'The captioner was closed.' : 'Captioning was stopped on request.',
  );
}

function fromSent({ code, message }: SentError): FramescribeError {
  return new FramescribeError(code, message);
}

/** A promise with its ends outside (Node 20 has no Promise.withResolvers). */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
