import { type Cost, type Speed, sum } from '../caption/speed.ts';
import type { Evaluation } from '../pipeline/evaluate.ts';
import { type Finding, together } from '../pipeline/judge-names.ts';
import { calibrationError, type ReliabilityRow } from '../text/reliability.ts';

/** Class words that are shown; all are in the JSON. */
const MOST_WORDS = 15;

/** An evaluation for people: scores, then tables. */
export function evaluationLines(evaluation: Evaluation, speeds: readonly Speed[]): readonly string[] {
  const { scores, byLength, captionReliability, tagReliability, nouns, classWords } = evaluation;
  return [
    ...Object.entries(scores).flatMap(([name, value]) => (value === null ? [] : [row(name, value)])),
    ...table('by words in the references', byLength, ({ from, to, pictures, bleu4, ciderD }) => [
      [`${from} to ${Number.isFinite(to) ? to : 'more'}`, pictures],
      ['BLEU-4', bleu4],
      ['CIDEr-D', ciderD],
    ]),
    ...reliabilityTable('captions by confidence; right: two references name the first thing', captionReliability),
    ...reliabilityTable('tags by confidence; right: a reference names it', tagReliability),
    ...findingTable('nouns in captions', nouns),
    ...findingTable(
      `class words${classWords.length > MOST_WORDS ? `, the ${MOST_WORDS} that are shown most` : ''}`,
      classWords.toSorted((one, other) => other.shown - one.shown).slice(0, MOST_WORDS),
      classWords,
    ),
    ...speeds.flatMap(speedLines),
  ];
}

type Cell = readonly [name: string, value: number];

function table<T>(title: string, rows: readonly T[], cells: (row: T) => readonly Cell[]): readonly string[] {
  if (rows.length === 0) return [];
  return ['', title, ...rows.map((each) => `  ${cells(each).map(cell).join('   ')}`)];
}

function reliabilityTable(title: string, rows: readonly ReliabilityRow[]): readonly string[] {
  return [
    ...table(title, rows, ({ stated, right, count }) => [
      ['stated', stated],
      ['right', right],
      ['of', count],
    ]),
    ...(rows.length > 0 ? [row('  calibration error', calibrationError(rows))] : []),
  ];
}

function findingTable(title: string, rows: readonly Finding[], all = rows): readonly string[] {
  if (rows.length === 0) return [];
  return table(title, [...rows, together(all)], ({ word, shown, named, both, precision, recall, f1 }) => [
    [word.padEnd(14), shown],
    ['named', named],
    ['both', both],
    ['precision', precision],
    ['recall', recall],
    ['F1', f1],
  ]);
}

function speedLines(speed: Speed): readonly string[] {
  const cost = (name: string, { wallMs, cpuMs }: Cost) =>
    `  ${name.padEnd(40)} ${wallMs.toFixed(2).padStart(8)} ${cpuMs.toFixed(2).padStart(8)}`;
  const ours = sum(speed.encode, speed.decode);
  const raw = sum(speed.rawEncode, speed.rawDecode);
  const rate = ({ wallMs, cpuMs }: Cost) =>
    `${(1000 / wallMs).toFixed(1)} pictures a second, ${(1000 / cpuMs).toFixed(1)} a CPU second`;
  return [
    '',
    `one thread, beam ${speed.beam}, batches of ${speed.batch}: ms a picture, wall and CPU`,
    cost('read: JPEG to normalised planes', speed.read),
    cost('encode', speed.encode),
    cost('  ONNX Runtime alone', speed.rawEncode),
    cost('decode: beam search and words', speed.decode),
    cost('  ONNX Runtime alone', speed.rawDecode),
    `  encode and decode: ${rate(ours)}`,
    `  ONNX Runtime alone: ${rate(raw)}`,
  ];
}

function cell([name, value]: Cell): string {
  return `${name} ${shown(value)}`;
}

function row(name: string, value: number): string {
  return `${name.padEnd(18)} ${shown(value)}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}
