import { FramescribeError } from '../domain/errors.ts';

/**
 * Stands between threads and native code. ONNX Runtime's binding aborts the whole process when its thread is ended
 * inside a call, so threads go in through a gate that can be shut, and nothing is ended before they are out again.
 * Shared memory: whether it's shut, and how many are inside.
 */
export type Gate = Int32Array<SharedArrayBuffer>;

/** Makes a call, now or never. */
export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

const SHUT = 0;
const INSIDE = 1;

export function createGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Lets calls through a gate while it's open; after that they fail with CANCELLED. */
export function guardOf(gate: Gate): Guard {
  return async (call) => {
    // Counted before it looks, so that whoever shuts the gate either is seen here or sees this one inside.
    Atomics.add(gate, INSIDE, 1);
    try {
      if (Atomics.load(gate, SHUT) === 1) throw new FramescribeError('CANCELLED', 'The captioner was closed.');
      return await call();
    } finally {
      Atomics.sub(gate, INSIDE, 1);
      Atomics.notify(gate, INSIDE);
    }
  };
}

export function shutGate(gate: Gate): void {
  Atomics.store(gate, SHUT, 1);
}

/** Blocks until nobody is inside, or for so long. For the very end of a process, when nothing else can wait. */
export function waitUntilOut(gate: Gate, deadlineMs: number): void {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const inside = Atomics.load(gate, INSIDE);
    const left = end - performance.now();
    if (inside === 0 || left <= 0) return;
    Atomics.wait(gate, INSIDE, inside, left);
  }
}
