import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mulberry } from './random.ts';

const RATE = 25;

/** A film that was cut together from clips of one shot each, and what is known of it. */
export interface Film {
  readonly file: string;
  readonly seconds: number;
  readonly cuts: readonly FilmCut[];
}

export interface FilmCut {
  readonly seconds: number;
  /** One of a row of shots of 0.2 s. */
  readonly rapid: boolean;
}

export interface Clip {
  readonly file: string;
  readonly seconds: number;
}

/** How quickly a film is cut; see {@link PACES}. */
export type Pace = keyof typeof PACES;

/** The length of the next shot in seconds, or that ten shots of 0.2 s come next. */
type DrawLength = (random: () => number) => number | 'rapid';

/**
 * `fast`: shots of 0.6 to 6 s, and now and then ten of 0.2 s, to try a detector. `feature`: about as feature films are cut
 * now, 4 s on average (Cutting, DeLong and Nothelfer 2010), log-normal (Salt 2006), a median of 3 s.
 */
export const PACES = {
  fast: (random) => (random() < 0.08 ? 'rapid' : 0.6 + 5.4 * random() ** 2),
  feature: (random) => Math.min(20, Math.max(0.6, 3 * Math.exp(0.75 * gaussian(random)))),
} satisfies Record<string, DrawLength>;

/**
 * Cuts a film of this length together from pieces of clips, 25 frames a second, without loss. The same seed, clips, pace
 * and size give the same film; one that is there already is taken.
 */
export function buildFilm(
  clips: readonly Clip[],
  { seconds, size, seed, pace }: { seconds: number; size: string; seed: number; pace: Pace },
  folder: string,
): Film {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `film-${pace}-${seed}-${seconds}-${size}.mkv`);
  const shots = drawShots(clips, seconds, PACES[pace], mulberry(seed));
  const ends = shots.map((_, index) => shots.slice(0, index + 1).reduce((sum, { frames }) => sum + frames, 0));
  if (!existsSync(file)) {
    const [width, height] = size.split('x');
    const fit = `scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1,setsar=1`;
    const pieces = shots.map(({ clip, from, frames }, index) => {
      const piece = join(folder, `piece-${pace}-${seed}-${index}.mkv`);
      const input = ['-ss', String(from), '-i', clip.file, '-map', '0:v:0'];
      runFfmpeg([
        ...input,
        '-vf',
        `${fit},fps=${RATE}:start_time=0,setpts=N/${RATE}/TB,tpad=stop=-1:stop_mode=clone`,
        '-frames:v',
        String(frames),
        ...LOSSLESS,
        piece,
      ]);
      return piece;
    });
    joinPieces(pieces, file);
  }
  const cuts = shots.slice(1).map(({ rapid }, index) => ({ seconds: (ends[index] ?? 0) / RATE, rapid }));
  return { file, seconds: (ends.at(-1) ?? 0) / RATE, cuts };
}

/** Puts pieces of a film one after the other, and removes them. */
export function joinPieces(pieces: readonly string[], file: string): void {
  const list = `${file}.txt`;
  writeFileSync(list, pieces.map((piece) => `file '${resolve(piece)}'\n`).join(''));
  runFfmpeg(['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', file]);
  for (const done of [...pieces, list]) rmSync(done);
}

/** Encodes a film by other means; its cuts stay where they are. */
export function encodeFilm(film: Film, name: string, args: readonly string[]): Film {
  const file = film.file.replace(/\.mkv$/, `-${name}`);
  if (!existsSync(file)) runFfmpeg(['-i', film.file, ...args, file]);
  return { ...film, file };
}

/**
 * The clips of one shot in a folder: those whose list of cuts is empty in its `manifest.jsonl` (and no second copies of the
 * same footage); without a manifest, all of its videos.
 */
export function clipsOf(folder: string): readonly Clip[] {
  return namesOfClips(folder)
    .map((path) => ({ file: join(folder, path), seconds: secondsOf(join(folder, path)) }))
    .filter(({ seconds }) => seconds > 1);
}

function namesOfClips(folder: string): readonly string[] {
  const manifest = join(folder, 'manifest.jsonl');
  if (!existsSync(manifest))
    return readdirSync(folder).filter((name) => /\.(mp4|mov|mkv|webm|avi|ts|mpg)$/i.test(name));
  return readFileSync(manifest, 'utf8')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as { path: string; cuts: unknown[] | null })
    .filter(({ path, cuts }) => cuts?.length === 0 && !/flower-fragmented|\.webm$/.test(path))
    .map(({ path }) => path);
}

export const LOSSLESS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p', '-an'];

interface FilmShot {
  readonly clip: Clip;
  readonly from: number;
  readonly frames: number;
  readonly rapid: boolean;
}

function drawShots(
  clips: readonly Clip[],
  seconds: number,
  drawLength: DrawLength,
  random: () => number,
): readonly FilmShot[] {
  const shots: FilmShot[] = [];
  const longest = Math.max(...clips.map((clip) => clip.seconds));
  let last: Clip | undefined;
  const draw = (wanted: number, rapid: boolean) => {
    const long = Math.min(wanted, longest / 2);
    const others = clips.filter((clip) => clip !== last && clip.seconds > Math.max(0.6, long + 0.2));
    last = others[Math.floor(random() * others.length)] as Clip;
    const frames = Math.round(long * RATE);
    shots.push({ clip: last, from: random() * (last.seconds - frames / RATE - 0.1), frames, rapid });
    return frames / RATE;
  };
  for (let total = 0; total < seconds; ) {
    const length = drawLength(random);
    if (length === 'rapid') for (let shot = 0; shot < 10; shot++) total += draw(0.2, shot > 0);
    else total += draw(length, false);
  }
  return shots;
}

/** Of mean 0 and deviation 1 (Box and Muller 1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function secondsOf(file: string): number {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'format=duration', '-of', 'csv=p=0', file];
  return Number(execFileSync('ffprobe', args, { encoding: 'utf8' })) || 0;
}

export function runFfmpeg(args: readonly string[]): void {
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}
