import { NO_EDITS } from '../domain/edits.ts';
import type { Result } from '../domain/result.ts';
import type { RunReport } from '../domain/run.ts';
import { type Format, renderAll } from '../render/render.ts';
import type { Publication, Revision, Store } from '../storage/store.ts';
import { jsonFile } from '../text/json-pieces.ts';
import type { Content } from '../text/pieces.ts';
import type { Description } from './compose.ts';
import { type Corrected, correct, EDITS_FILE, MACHINE_FILE, readEdits } from './corrected.ts';
import { versionIdOf } from './version-id.ts';

export interface PublishOptions {
  readonly formats: readonly Format[];
  readonly signal: AbortSignal;
  /** What it may replace, where that was decided before: see {@link Store.begin}. */
  readonly replaces?: Revision | null;
  readonly labels?: RunReport['labels'];
}

export interface Published {
  /** With what people have corrected. */
  readonly result: Result;
  /** Where it is, as a person names it. */
  readonly place: string;
}

/**
 * Renders a description and puts it into a store as one result: pictures, artifacts, `result.json`, `run.json` and
 * the manifest last. Nothing is visible before all of it is there. What people have corrected in a result that it
 * replaces is applied to this one too; a result of another model or other options is kept beside it.
 */
export async function publish(
  description: Omit<Description, keyof AsyncDisposable>,
  name: string,
  store: Store,
  { formats, signal, replaces, labels = {} }: PublishOptions,
): Promise<Published> {
  const { result: machine, vocabulary, meter, report, attention, readPicture } = description;
  const standing = replaces === undefined ? await store.revision(name) : replaces;
  // Whatever is edited from here on, this publication loses against.
  const edits = standing === null ? NO_EDITS : await readEdits(store, name);
  const corrected = correct(machine, edits, vocabulary);
  const publication = await store.begin(name, { signal, replaces: standing, version: versionIdOf(machine) });
  const put = async (file: string, content: Content) => {
    signal.throwIfAborted();
    await publication.put(file, content);
    meter.add({ bytesOut: content.byteLength });
  };
  try {
    await meter.stage('publish', async () => {
      await putResult(corrected, readPicture, formats, put);
      if (machine.options.attention) await put('attention.json', jsonFile(Object.fromEntries(attention)));
    });
    const said = Object.keys(labels).length > 0 ? { labels } : {};
    const run: RunReport = { ...report(), endedAt: new Date().toISOString(), ...said };
    await put('run.json', jsonFile(run));
    await publication.commit();
  } catch (error) {
    await publication.abort();
    throw error;
  }
  return { result: corrected.result, place: store.locate(name) };
}

/** Puts pictures, artifacts and documents of a result: all that follows from the model's result and the edits. */
export async function putResult(
  { result, machine, edits }: Corrected,
  readPicture: (keyframeId: string) => Promise<Buffer>,
  formats: readonly Format[],
  put: Publication['put'],
): Promise<void> {
  for (const { id, image } of result.keyframes) await put(image, await readPicture(id));
  for await (const { name: file, content } of renderAll(result, { read: readPicture }, formats))
    await put(file, content);
  await put('result.json', jsonFile(result));
  if (edits.edits.length === 0) return;
  await put(EDITS_FILE, jsonFile(edits));
  await put(MACHINE_FILE, jsonFile(machine));
}
