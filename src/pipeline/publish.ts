import type { Result } from '../domain/result.ts';
import { type Format, renderAll } from '../render/render.ts';
import type { Revision, Store } from '../storage/store.ts';
import type { Description } from './compose.ts';

/**
 * Renders a description and puts it into a store as one result: pictures, artifacts, `result.json`, `run.json` and
 * the manifest last. Nothing is visible before all of it is there.
 *
 * @param replaces what it may replace, where that was decided before: see {@link Store.begin}.
 * @returns where it is, as a person names it.
 */
export async function publish(
  description: Omit<Description, keyof AsyncDisposable>,
  name: string,
  store: Store,
  formats: readonly Format[],
  signal: AbortSignal,
  replaces?: Revision | null,
): Promise<string> {
  const { result, meter, report, attention, readPicture } = description;
  const publication = await store.begin(name, { signal, ...(replaces !== undefined && { replaces }) });
  const put = async (file: string, bytes: Uint8Array) => {
    signal.throwIfAborted();
    await publication.put(file, bytes);
    meter.add({ bytesOut: bytes.byteLength });
  };
  try {
    await meter.stage('publish', async () => {
      for (const { id, image } of result.keyframes) await put(image, await readPicture(id));
      for await (const { name: file, bytes } of renderAll(result, { read: readPicture }, formats))
        await put(file, bytes);
      if (result.options.attention) await put('attention.json', encode(Object.fromEntries(attention)));
      await put('result.json', encodeResult(result));
    });
    await put('run.json', encode(report()));
    await publication.commit();
  } catch (error) {
    await publication.abort();
    throw error;
  }
  return store.locate(name);
}

/** The bytes of `result.json`. */
export function encodeResult(result: Result): Buffer {
  return encode(result);
}

function encode(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
