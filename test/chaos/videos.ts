import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { framescribe } from '../integration/framescribe.ts';
import type { Random } from './random.ts';

/** A video, and what describing it in one undisturbed process gives. */
export interface ChaosVideo {
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: Buffer;
}

const [WIDTH, HEIGHT] = [320, 180];
const FRAMES_PER_SECOND = 25;
const [SHORTEST_SHOT_S, LONGEST_SHOT_S] = [1, 5];

/** Draws a video of still shots in other colours and patterns, and describes it by `framescribe caption`. */
export async function makeVideo(
  name: string,
  seconds: number,
  random: Random,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<ChaosVideo> {
  const file = join(folder, name);
  const shots: string[] = [];
  for (let left = seconds; left > 0; ) {
    const length = Math.min(left, random.whole(SHORTEST_SHOT_S, LONGEST_SHOT_S));
    shots.push(shot(length, random));
    left -= length;
  }
  const inputs = shots.flatMap((description) => ['-f', 'lavfi', '-i', description]);
  const joined = `${shots.map((_, index) => `[${index}:v]`).join('')}concat=n=${shots.length}[out]`;
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
  const args = [...inputs, '-filter_complex', joined, '-map', '[out]', ...codec, file];
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args]);

  const out = join(folder, 'expected', name);
  const run = await framescribe(['caption', file, '--out', out], env);
  if (run.exitCode !== 0) throw new Error(`Expected a description of ${name}:\n${run.stderr}`);
  return { name, bytes: await readFile(file), expected: await readFile(join(out, parse(name).name, 'result.json')) };
}

function shot(seconds: number, random: Random): string {
  const wave = () => `${random.whole(40, 200)}+50*sin(X/${random.whole(4, 40)}+Y/${random.whole(4, 40)})`;
  const plain = `color=c=gray:size=${WIDTH}x${HEIGHT}:rate=1:duration=1`;
  const drawn = `geq=lum='${wave()}':cb='${wave()}':cr='${wave()}'`;
  return `${plain},${drawn},loop=-1:1:0,fps=${FRAMES_PER_SECOND},trim=duration=${seconds},setpts=N/${FRAMES_PER_SECOND}/TB`;
}
