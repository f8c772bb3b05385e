/** An event as it came. */
export interface ReadEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** Reads a stream of events until it's disposed. */
export interface EventReader extends AsyncDisposable {
  readonly seen: readonly ReadEvent[];
  /** The id that the server begins with; null where it has none. */
  readonly startId: Promise<string | null>;
  /** The first event, of those that came and those to come, that is what is waited for. */
  until(isIt: (event: ReadEvent) => boolean, withinMs: number): Promise<ReadEvent>;
  /** Settles when the server ends the stream. */
  readonly ended: Promise<void>;
}

export function readEvents(url: string, token: string, lastEventId?: string): EventReader {
  const stop = new AbortController();
  const seen: ReadEvent[] = [];
  const waiting = new Set<() => void>();
  let begin: (id: string | null) => void = () => {};
  const startId = new Promise<string | null>((resolve) => {
    begin = resolve;
  });
  const ended = (async () => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    const { status, body } = await fetch(url, { headers, signal: stop.signal });
    if (status !== 200 || body === null) throw new Error(`Expected a stream of events, got ${status}`);
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s) as [string, string]));
        begin(fields.get('id') ?? null);
        const [event, data] = [fields.get('event'), fields.get('data')];
        if (event !== undefined) seen.push({ event, id: fields.get('id') ?? null, data: JSON.parse(data ?? 'null') });
      }
      for (const wake of waiting) wake();
    }
  })().catch((error) => {
    if (!stop.signal.aborted) throw error;
  });
  ended.catch(() => {});
  return {
    seen,
    startId,
    ended,
    until: async (isIt, withinMs) => {
      const over = AbortSignal.timeout(withinMs);
      for (;;) {
        const found = seen.find(isIt);
        if (found !== undefined) return found;
        if (over.aborted) throw new Error(`Not within ${withinMs} ms; seen: ${JSON.stringify(seen.slice(-3))}`);
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          over.addEventListener('abort', () => resolve(), { once: true });
          ended.then(resolve, resolve);
        });
        waiting.clear();
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}
