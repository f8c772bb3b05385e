/** Loaded before a program that is measured (`node --expose-gc --import …`): tells its parent what it holds, when asked. */
const held = async () => {
  const residentBytes = process.memoryUsage.rss();
  // What the first leaves to be finalised, the second frees.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ residentBytes, heapBytes: heapUsed, externalBytes: external } satisfies Held);
};

/** Memory of a process: resident as it ran, the rest after a whole collection. */
export interface Held {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Outside of the heap, but held by what is in it. */
  readonly externalBytes: number;
}

process.on('message', held);
// Nobody who listens keeps the program alive.
process.channel?.unref();
