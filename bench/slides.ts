/**
 * Whether captions suffer from what a scan leaves out: `npx tsx bench/slides.ts <folder of pictures> <captions> [list [count]]`,
 * after `npm run build`, for pictures that people have captioned and the bundle wasn't trained on. Shows each for about 1.6 s
 * while it slowly grows, as x264 encodes it by default, describes that film in every mode, and scores the caption of each
 * picture's first keyframe against people's, for those pictures that have one in all modes.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result } from '../src/domain/result.ts';
import { type ScanMode, scanMode } from '../src/domain/scan-plan.ts';
import { captionsOf } from '../src/domain/scene.ts';
import { scoreCaptions } from '../src/text/caption-scores.ts';
import { parseReferences } from '../src/text/references.ts';
import { parseThings } from '../src/text/things.ts';
import { wordsOf } from '../src/text/words.ts';
import { joinPieces, LOSSLESS, runFfmpeg } from './film.ts';
import { tableOf } from './table.ts';
import { timeWhole } from './whole.ts';

const RATE = 25;
/** Of 32 to 48 frames, as `lean` would leave nothing out if I-frames came by the clock. */
const framesOf = (slide: number) => 32 + ((slide * 7) % 17);
const GROWING = `scale=1440:1080:force_original_aspect_ratio=increase,crop=1440:1080,zoompan=z=1+0.002*in:x=iw/2-iw/zoom/2:y=ih/2-ih/zoom/2:d=1:s=960x720:fps=${RATE},setsar=1`;

const [images = '.', captions = 'captions.csv', list, count = '300'] = process.argv.slice(2);
const references = parseReferences(await readFile(captions, 'utf8'), captions);
const only = list === undefined ? null : new Set((await readFile(list, 'utf8')).split(/\r?\n/));
const names = [...references.keys()]
  .filter((name) => only === null || only.has(name))
  .sort()
  .slice(0, Number(count));
const things = parseThings(await readFile(new URL('../training/things.txt', import.meta.url), 'utf8'));
const film = buildSlides(join(tmpdir(), 'framescribe-films'));

const found = new Map<ScanMode, readonly (string | null)[]>();
for (const mode of scanMode.options) found.set(mode, slidesOf((await timeWhole(film, mode)).result));
const shared = names.flatMap((name, index) => {
  const of = Object.fromEntries([...found].map(([mode, slides]) => [mode, slides[index]]));
  return Object.values(of).every((caption) => caption != null) ? [{ name, of: of as Record<ScanMode, string> }] : [];
});
const rows = scanMode.options.map((mode) => {
  const judged = shared.map(({ name, of }) => ({
    candidate: wordsOf(of[mode]),
    references: (references.get(name) ?? []).map(wordsOf),
  }));
  const { scores } = scoreCaptions(judged, things, null);
  const differing = shared.filter(({ of }) => of[mode] !== of.exact).length;
  const without = found.get(mode)?.filter((caption) => caption === null).length ?? 0;
  return [
    mode,
    String(without),
    String(differing),
    ...[scores.bleu4, scores.ciderD, scores.invented].map((score) => score.toFixed(3)),
  ];
});
const head = ['mode', 'pictures without a keyframe', 'captions that differ', 'BLEU-4', 'CIDEr-D', 'invented'];
console.log(`${names.length} pictures, ${shared.length} with a keyframe in every mode\n\n${tableOf(head, rows)}`);

function buildSlides(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const lossless = join(folder, `slides-${names.length}.mkv`);
  const file = join(folder, `slides-${names.length}-x264.mp4`);
  if (existsSync(file)) return file;
  const pieces = names.map((name, index) => {
    const piece = join(folder, `slide-${index}.mkv`);
    const input = ['-loop', '1', '-framerate', String(RATE), '-i', join(images, name)];
    runFfmpeg([...input, '-vf', GROWING, '-frames:v', String(framesOf(index)), ...LOSSLESS, piece]);
    return piece;
  });
  joinPieces(pieces, lossless);
  runFfmpeg(['-i', lossless, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', file]);
  return file;
}

/** For each picture the caption of the first keyframe in its time. */
function slidesOf({ keyframes }: Result): readonly (string | null)[] {
  const byId = new Map(keyframes.map((keyframe) => [keyframe.id, keyframe]));
  let endMs = 0;
  return names.map((_, index) => {
    const startMs = endMs;
    endMs += (framesOf(index) * 1000) / RATE;
    const keyframe = keyframes.find(({ timeMs }) => timeMs >= startMs && timeMs < endMs);
    return keyframe ? (captionsOf(keyframe, byId)[0]?.text ?? null) : null;
  });
}
