/**
 * Fits the weights of `src/summary/names.ts`: how sure a caption makes it that a thing it names is there.
 *
 * `npx tsx bench/tag-confidence.ts <bundle> <folder of pictures> <captions> [list]`, for pictures that the bundle wasn't
 * trained on. A logistic regression on every other picture, its reliability on the others; right is a name that a
 * reference has too (`framescribe models eval` counts the same way).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findBundle, loadBundle } from '../src/caption/bundle.ts';
import { openCaptioner } from '../src/caption/captioner.ts';
import { tagsStated } from '../src/pipeline/judge-names.ts';
import { readCaption } from '../src/summary/caption-reading.ts';
import { logOdds, wordProbability } from '../src/summary/names.ts';
import { tagName } from '../src/summary/same-thing.ts';
import { parseReferences } from '../src/text/references.ts';
import { calibrationError, reliability } from '../src/text/reliability.ts';
import { parseThings } from '../src/text/things.ts';

interface Witness {
  /** 1, then what the weights go with: caption's confidence and word's probability as log-odds, thing or action. */
  readonly features: readonly number[];
  readonly isRight: boolean;
}

const [model = 'flickr8k-lstm', images = '.', captions = 'captions.csv', list] = process.argv.slice(2);
const things = parseThings(await readFile(new URL('../training/things.txt', import.meta.url), 'utf8'));
const witnesses = await gather();
const half = witnesses.filter((_, index) => index % 2 === 0).flat();
const others = witnesses.filter((_, index) => index % 2 === 1).flat();
tell('weights from one half', regress(half), others);
tell('weights from all', regress(witnesses.flat()), witnesses.flat());

/** For each picture what its certain captions name, by the surest caption that does. */
async function gather(): Promise<readonly (readonly Witness[])[]> {
  const references = parseReferences(await readFile(captions, 'utf8'), captions);
  const only = list === undefined ? null : new Set((await readFile(list, 'utf8')).split(/\r?\n/));
  const names = [...references.keys()].filter((name) => only === null || only.has(name)).sort();
  const bundle = await loadBundle(await findBundle(model, new URL('../models', import.meta.url).pathname));
  await using captioner = await openCaptioner(bundle, { threads: 1, batch: 8, beam: 0, nBest: 3, attention: false });
  const described = await captioner.caption(names.map((name) => join(images, name)));
  return described.map((picture, index) => {
    const found = new Map<string, Witness>();
    for (const caption of picture.captions.filter(({ uncertain }) => !uncertain)) {
      const reading = readCaption(caption.text);
      for (const name of [...reading.things, ...reading.actions]) {
        const isThing = reading.things.includes(name) ? 1 : 0;
        const features = [1, logOdds(caption.confidence), logOdds(wordProbability(name, caption)), isThing];
        const before = found.get(tagName(name));
        if (before !== undefined && sum(before.features) >= sum(features)) continue;
        found.set(tagName(name), { features, isRight: isRight(name, references.get(names[index] ?? '') ?? []) });
      }
    }
    return [...found.values()];
  });
}

/** Asks the judge of `models eval` about one name alone. */
function isRight(name: string, references: readonly string[]): boolean {
  const words = [{ word: name, confidence: 1 }];
  const [stated] = tagsStated([{ described: { captions: [], attention: null, words }, references }], things);
  return stated?.isRight ?? false;
}

/** Newton's method for logistic regression. */
function regress(rows: readonly Witness[]): readonly number[] {
  let weights = [0, 0, 0, 0];
  for (let round = 0; round < 12; round++) {
    const gradient = weights.map(() => 0);
    const curvature: number[][] = weights.map((_, at) => weights.map((_, other) => (at === other ? 1e-6 : 0)));
    for (const { features, isRight } of rows) {
      const chance = chanceOf(weights, features);
      features.forEach((one, at) => {
        gradient[at] = (gradient[at] ?? 0) + ((isRight ? 1 : 0) - chance) * one;
        features.forEach((other, beside) => {
          const row = curvature[at] ?? [];
          row[beside] = (row[beside] ?? 0) + chance * (1 - chance) * one * other;
        });
      });
    }
    const step = solve(curvature, gradient);
    weights = weights.map((weight, at) => weight + (step[at] ?? 0));
  }
  return weights;
}

/** Gauss's elimination; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  rows.forEach((pivot, at) => {
    const scale = pivot[at] ?? 1;
    pivot.forEach((value, column) => {
      pivot[column] = value / scale;
    });
    for (const [index, row] of rows.entries()) {
      const factor = index === at ? 0 : (row[at] ?? 0);
      row.forEach((value, column) => {
        row[column] = value - factor * (pivot[column] ?? 0);
      });
    }
  });
  return rows.map((row) => row.at(-1) ?? 0);
}

function chanceOf(weights: readonly number[], features: readonly number[]): number {
  return 1 / (1 + Math.exp(-sum(features.map((value, at) => value * (weights[at] ?? 0)))));
}

function tell(title: string, weights: readonly number[], judged: readonly Witness[]): void {
  const rows = reliability(
    judged.map(({ features, isRight }) => ({ confidence: chanceOf(weights, features), isRight })),
  );
  console.log(`${title}: ${weights.map((weight) => weight.toFixed(2)).join(', ')} (constant, confidence, word, thing)`);
  for (const { stated, right, count } of rows) {
    console.log(`  stated ${stated.toFixed(3)}  right ${right.toFixed(3)}  of ${count}`);
  }
  console.log(`  calibration error ${calibrationError(rows).toFixed(3)}`);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
