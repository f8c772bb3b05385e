import type { Config } from '../domain/config.ts';
import { FramescribeError } from '../domain/errors.ts';
import { startProgram } from './ffmpeg.ts';

/** The oldest FFmpeg that has all that a scan asks for. */
const OLDEST = [5, 1] as const;

/** The versions of FFmpeg and ffprobe, as their banners tell. */
export interface Versions {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

/**
 * Asks both programs for their version.
 *
 * @throws {FramescribeError} FFMPEG_MISSING: one isn't there, doesn't answer, or is older than 5.1.
 */
export async function programVersions({ ffmpeg }: Pick<Config, 'ffmpeg'>, signal: AbortSignal): Promise<Versions> {
  const [first, second] = await Promise.all([versionOf(ffmpeg.path, signal), versionOf(ffmpeg.ffprobePath, signal)]);
  return { ffmpeg: first, ffprobe: second };
}

async function versionOf(program: string, signal: AbortSignal): Promise<string> {
  let version: string | undefined;
  const onLine = (line: string) => {
    version ??= /^(?:ffmpeg|ffprobe) version (\S+)/.exec(line)?.[1];
  };
  await startProgram(program, [], { signal, deadlineMs: 10_000, pipes: 0, onLine }).gone;
  if (version === undefined) {
    throw new FramescribeError('FFMPEG_MISSING', `Expected ${program} to tell its version, but it told none`);
  }
  // A build from FFmpeg's own repository has a name such as N-109468: it's newer than any release it could be mistaken for.
  const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major !== undefined && isOlder(Number(major), Number(minor))) {
    throw new FramescribeError('FFMPEG_MISSING', `Expected ${program} 5.1 or newer, got ${version}`);
  }
  return version;
}

function isOlder(major: number, minor: number): boolean {
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}
