import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import { openCaptioner } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { fetchSource } from '../fetch/fetch-source.ts';
import { type DescribeContext, describe } from '../pipeline/describe.ts';
import { Meter } from '../pipeline/meter.ts';
import { planSource } from '../pipeline/plan-source.ts';
import { publish } from '../pipeline/publish.ts';
import { bundleFolder, captionerSettings } from '../pipeline/settings.ts';
import { temporaryFolder } from '../pipeline/temporary-folder.ts';
import { testClip } from '../pipeline/test-clip.ts';
import { FORMATS } from '../render/render.ts';
import { folderStore } from '../storage/folder-store.ts';
import type { Cost } from './standing.ts';

const WARM_UP = 2;

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
  await using captioner = await openCaptioner(bundle, captionerSettings(config, bundle));
  // Whoever may read a file here may measure it.
  const open = { ...config, fetch: { ...config.fetch, folders: '/' } };
  const context = { config: open, bundle, captioner, signal };
  const costs: Cost[] = [];
  // A worker that has just started is slower than one that works for days.
  await inFolder(config, async (folder) => {
    const clip = join(folder, 'clip.y4m');
    await writeFile(clip, testClip());
    for (let time = 0; time < WARM_UP; time++) await describeAway(clip, context);
  });
  for (const source of sources) {
    const cost = await describeAway(source, context).catch(passOver);
    if (cost === null) continue;
    costs.push(cost);
    onMeasured(cost);
  }
  return costs;
}

/** All that a worker does for a video. */
async function describeAway(source: string, context: DescribeContext): Promise<Cost> {
  const { config, signal } = context;
  return inFolder(config, async (folder) => {
    using meter = new Meter();
    const fetched = await fetchSource(source, config, { folder, signal });
    await planSource(fetched, config, signal);
    await using description = await describe(fetched.path, { ...context, meter });
    const store = folderStore(join(folder, 'results'));
    await publish(description, 'measured', store, { formats: FORMATS, signal });
    const { cpuMs, ffmpegCpuMs } = description.report();
    return { videoMs: description.result.video.durationMs, cpuMs: cpuMs + (ffmpegCpuMs ?? 0) };
  });
}

/** A file that can't be described costs nothing to speak of. */
function passOver(error: unknown): null {
  const known = FramescribeError.from(error);
  if (known.kind.exitCode === 3) return null;
  throw known;
}

async function inFolder<T>(config: Config, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder(config.tempDir);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
