import { access, constants, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findBundle, loadBundle } from '../caption/bundle.ts';
import { openCaptioner } from '../caption/captioner.ts';
import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { programVersions } from '../media/version.ts';
import { describe } from './describe.ts';
import { bundleFolder, captionerSettings } from './settings.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { TEST_CLIP_SECONDS, testClip } from './test-clip.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  /** `optional`: it's missing, but only some commands need it. */
  readonly state: 'ok' | 'missing' | 'optional';
  readonly detail: string;
  /** What to do where it isn't ok. */
  readonly advice: string;
}

/** Looks at what Framescribe needs on this machine, and describes a clip of one second made for the purpose. */
export async function* examine(config: Config, searchPath: string, signal: AbortSignal): AsyncGenerator<Finding> {
  yield ok(
    'Node.js',
    `${process.versions.node} on ${process.platform}-${process.arch}, ${availableParallelism()} processors`,
  );
  const programs = await look('FFmpeg', async () => {
    const { ffmpeg, ffprobe } = await programVersions(config, signal);
    return ffmpeg === ffprobe ? ffmpeg : `${ffmpeg}, ffprobe ${ffprobe}`;
  });
  yield programs;
  yield await lookForRedis(searchPath);
  yield await look('temporary folder', async () => {
    const folder = await temporaryFolder(config.tempDir);
    await rm(folder, { recursive: true });
    return config.tempDir || tmpdir();
  });
  const model = await look('model', async () => {
    const { manifest, digest } = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
    return `${manifest.name} ${manifest.version} (${manifest.cell}, ${digest.slice(0, 19)}…), licence: ${manifest.licence}`;
  });
  yield model;
  if (programs.state === 'ok' && model.state === 'ok') yield await look('self-test', () => selfTest(config, signal));
}

async function selfTest(config: Config, signal: AbortSignal): Promise<string> {
  const start = Date.now();
  const folder = await temporaryFolder(config.tempDir);
  try {
    const clip = join(folder, 'self-test.y4m');
    await writeFile(clip, testClip());
    const bundle = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
    await using captioner = await openCaptioner(bundle, captionerSettings(config, bundle));
    await using description = await describe(clip, { config, bundle, captioner, signal });
    const { shots, keyframes } = description.result;
    if (shots.length !== 2 || keyframes.length !== 2) {
      const got = `${shots.length} and ${keyframes.length}`;
      throw new FramescribeError('INTERNAL', `Expected 2 shots and 2 keyframes in the test clip, got ${got}`);
    }
    return `a clip of ${TEST_CLIP_SECONDS} s with one cut described in ${((Date.now() - start) / 1000).toFixed(1)} s`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lookForRedis(searchPath: string): Promise<Finding> {
  const name = 'redis-server';
  for (const folder of searchPath.split(delimiter)) {
    const found = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return ok(name, join(folder, name));
  }
  const advice =
    'Install it where a queue is wanted (apt install redis-server, brew install redis); `caption` needs none.';
  return { name, state: 'optional', detail: 'not found', advice };
}

async function look(name: string, find: () => Promise<string>): Promise<Finding> {
  try {
    return ok(name, await find());
  } catch (error) {
    const { message, kind, code } = FramescribeError.from(error);
    return { name, state: 'missing', detail: `${message} [${code}]`, advice: kind.advice };
  }
}

function ok(name: string, detail: string): Finding {
  return { name, state: 'ok', detail, advice: '' };
}
