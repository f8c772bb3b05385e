import type { Config } from '../src/domain/config.ts';
import { type ScanMode, scanMode } from '../src/domain/scan-plan.ts';
import { median, timeDecode } from './cost.ts';
import { encodeFilm, type Film } from './film.ts';
import { ENCODINGS } from './film-encodings.ts';
import { type Found, type ShotScore, scoreShots, timePySceneDetect, timeScan, timeScdet } from './modes.ts';
import { timeWhole } from './whole.ts';

/** What one way of finding shots costs on one encoding of a film, over plain decoding, and how well it does. */
export interface CodecRow extends ShotScore {
  readonly encoding: string;
  readonly way: string;
  /** The whole command; null where the way isn't one of ours. */
  readonly whole: number | null;
  /** Without captions. */
  readonly scan: number;
}

/** Every mode, a full decode and other detectors on one encoding. Ratios are medians over so many rounds. */
export async function codecRows(film: Film, encoding: string, rounds: number, config: Config): Promise<CodecRow[]> {
  const encoded = encodeFilm(film, encoding, ENCODINGS[encoding] ?? []);
  const runs = new Map<string, { found: Found; scan: number[]; whole: number[] }>();
  for (let round = 0; round < rounds; round++) {
    const { cpu: decode } = await timeDecode(config.ffmpeg.path, encoded.file);
    for (const [way, run] of waysOf(encoded, config)) {
      const found = await run();
      if (found === null) continue;
      const kept = runs.get(way) ?? { found, scan: [], whole: [] };
      kept.scan.push(found.cpu / decode);
      if (isMode(way)) kept.whole.push((await timeWhole(encoded.file, way)).cpu / decode);
      runs.set(way, kept);
    }
  }
  return [...runs].map(([way, { found, scan, whole }]) => ({
    ...{ encoding, way, scan: median(scan), whole: whole.length > 0 ? median(whole) : null },
    ...scoreShots(film, found.seconds),
  }));
}

function waysOf({ file }: Film, config: Config): readonly (readonly [string, () => Promise<Found | null>])[] {
  return [
    ['full decode', () => timeScan(file, 'full', config)],
    ...scanMode.options.map((mode) => [mode, () => timeScan(file, mode, config)] as const),
    ['scdet', () => timeScdet(file, config.ffmpeg.path)],
    ['PySceneDetect', () => timePySceneDetect(file)],
  ];
}

function isMode(way: string): way is ScanMode {
  return scanMode.options.some((mode) => mode === way);
}
