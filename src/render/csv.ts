import type { Result } from '../domain/result.ts';
import { csvRow } from '../text/csv-row.ts';
import { timestamp } from './format.ts';
import { captionedShots } from './shot-caption.ts';

const HEADER = [
  'shot',
  'start_ms',
  'end_ms',
  'start',
  'end',
  'transition',
  'chapter',
  'keyframes',
  'caption',
  'confidence',
  'uncertain',
  'edited',
] as const;

/** One row a shot, as RFC 4180 has it, with a header. */
export function shotsCsv(result: Pick<Result, 'shots' | 'keyframes' | 'chapters'>): string {
  const chapterOf = new Map(result.chapters.flatMap(({ title, shots }) => shots.map((id) => [id, title] as const)));
  const rows = captionedShots(result).map(({ shot, caption }) => [
    shot.id,
    shot.startMs,
    shot.endMs,
    timestamp(shot.startMs),
    timestamp(shot.endMs),
    shot.transition,
    chapterOf.get(shot.id) ?? '',
    shot.keyframes.join(' '),
    caption?.text ?? '',
    caption?.confidence ?? '',
    caption?.uncertain ?? '',
    caption === null ? '' : caption.edit !== undefined,
  ]);
  return [HEADER, ...rows].map(csvRow).join('');
}
