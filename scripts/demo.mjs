#!/usr/bin/env node
/**
 * `npm run demo [-- <video…>]`: describes the given videos, or a sample reel that it draws itself. The results lie in
 * `framescribe-out/`. Run scripts/setup.mjs first; `npm run demo` does.
 */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, stop } from './terminal.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist', 'src', 'cli');
const OUT = join(ROOT, 'framescribe-out');

const words = process.argv.slice(2);
process.exitCode = await describe(words.length > 0 ? words : [await drawSample()]);

async function drawSample() {
  const file = join(OUT, 'sample-reel.mp4');
  say('No video was given: drawing a sample reel of 69 seconds (about 15 seconds of work)');
  await mkdir(OUT, { recursive: true });
  const { drawReel } = await import(join(DIST, 'reel', 'reel.js'));
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopped.abort());
  try {
    await drawReel(file, { ffmpeg: process.env.FRAMESCRIBE_FFMPEG_PATH ?? 'ffmpeg', signal: stopped.signal });
  } catch (error) {
    if (stopped.signal.aborted) process.exit(130);
    stop(`The sample reel was not drawn: ${error.message}`);
  }
  say('Drawings are not photos: for a fair look, run `npm run demo -- your-video.mp4`');
  return file;
}

/** Runs the command line as a person would. Ctrl-C reaches it too, so here it is only waited for. */
function describe(sources) {
  const command = spawn(process.execPath, [join(DIST, 'main.js'), 'caption', '--out', OUT, ...sources], {
    stdio: 'inherit',
    // Somebody waits for this one video: all processors decode it.
    env: { FRAMESCRIBE_FFMPEG_THREADS: '0', ...process.env },
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => command.kill());
  return new Promise((resolve) => command.once('exit', (code) => resolve(code ?? 130)));
}
