import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import { openCaptioner } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { fetchSource } from '../fetch/fetch-source.ts';
import { readReference } from '../fetch/source-reference.ts';
import { type DescribeContext, describe } from '../pipeline/describe.ts';
import { publish } from '../pipeline/publish.ts';
import { bundleFolder, captionerSettings } from '../pipeline/settings.ts';
import { testClip } from '../pipeline/test-clip.ts';
import { FORMATS } from '../render/render.ts';
import { folderStore } from '../storage/folder-store.ts';
import type { Cost } from './standing.ts';

/**
 * Describes some videos here, as a worker does, and throws the results away: what each took.
 *
 * @throws {FramescribeError} what keeps any video from being described
 */
export async function measure(
  sources: readonly string[],
  config: Config,
  signal: AbortSignal,
  onMeasured: (cost: Cost) => void = () => {},
): Promise<readonly Cost[]> {
  const bundle = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
  await using captioner = await openCaptioner(bundle, captionerSettings(config));
  const context = { config, bundle, captioner, signal };
  const costs: Cost[] = [];
  // A worker that has just started is slower than one that works for days.
  await inFolder(config, async (folder) => {
    const clip = join(folder, 'clip.y4m');
    await writeFile(clip, testClip());
    await describeAway(clip, folder, context);
  });
  for (const source of sources) {
    const cost = await inFolder(config, async (folder) => {
      const { kind } = readReference(source);
      const path = kind === 'local' ? source : (await fetchSource(source, config, { folder, signal })).path;
      return describeAway(path, folder, context);
    }).catch(passOver);
    if (cost === null) continue;
    costs.push(cost);
    onMeasured(cost);
  }
  return costs;
}

async function describeAway(path: string, folder: string, context: DescribeContext): Promise<Cost> {
  await using description = await describe(path, context);
  const store = folderStore(join(folder, 'results'));
  await publish(description, 'measured', store, { formats: FORMATS, signal: context.signal });
  const { cpuMs, ffmpegCpuMs } = description.report();
  return { videoMs: description.result.video.durationMs, cpuMs: cpuMs + (ffmpegCpuMs ?? 0) };
}

/** A file that can't be described costs nothing to speak of. */
function passOver(error: unknown): null {
  const known = FramescribeError.from(error);
  if (known.kind.exitCode === 3) return null;
  throw known;
}

async function inFolder<T>(config: Config, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(config.tempDir || tmpdir(), 'framescribe-measure-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
