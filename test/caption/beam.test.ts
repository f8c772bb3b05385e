import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BeamOptions, beamSearch, plainTasks, type Step, type Wanted } from '../../src/caption/beam.ts';
import { isRepetition } from '../../src/text/repetition.ts';

const BEGIN = 0;
const END = 1;
const AND = 2;
const none: ReadonlySet<number> = new Set();

const options: BeamOptions = {
  ...{ beam: 3, nBest: 3, maxLength: 8, lengthExponent: 0.7, vocabularySize: 6 },
  ...{ begin: BEGIN, end: END, never: [BEGIN], joiner: AND },
};

/** Log-probabilities of the word after a prefix. */
type Model = (picture: number, prefix: readonly number[]) => readonly number[];

/** A decoder that works by a table; it knows each row's prefix by following the parents. */
function stepOf(model: Model, { vocabularySize }: BeamOptions, onRows: (rows: number) => void = () => {}): Step {
  let prefixes: readonly (readonly number[])[] | null = null;
  return async ({ rows, words, parents, pictures }) => {
    onRows(rows);
    const before = prefixes;
    const lines = Array.from({ length: rows }, (_, row) =>
      before === null ? [] : [...(before[parents[row] ?? -1] ?? [NaN]), words[row] ?? -1],
    );
    prefixes = lines;
    const table = new Float32Array(rows * vocabularySize);
    lines.forEach((prefix, row) => {
      table.set(model(pictures[row] ?? -1, prefix), row * vocabularySize);
    });
    return table;
  };
}

function search(model: Model, changes: Partial<BeamOptions> = {}, pictures = 1) {
  const all = { ...options, ...changes };
  return beamSearch(plainTasks(pictures), all, stepOf(model, all));
}

/** Numbers that look random and depend on seed, picture and prefix alone, as a log-softmax. */
function randomModel(seed: number, size = options.vocabularySize): Model {
  return (picture, prefix) => {
    let state = prefix.reduce((sum, word) => Math.imul(sum ^ (word + 1), 0x01000193), seed ^ (picture * 7919));
    const scores = Array.from({ length: size }, () => {
      state = Math.imul(state ^ (state >>> 13), 0x5bd1e995) + 12345;
      return ((state >>> 8) % 1000) / 200;
    });
    const sum = Math.log(scores.reduce((total, score) => total + Math.exp(score), 0));
    return scores.map((score) => Math.fround(score - sum));
  };
}

/** The same search, written to be read: every candidate is an object, nothing stops early. */
function referenceSearch(model: Model, picture: number, { beam, nBest, maxLength, ...rest }: BeamOptions) {
  type Line = { ids: number[]; total: number };
  let open: Line[] = [{ ids: [], total: 0 }];
  const ended: (Line & { score: number })[] = [];
  for (let length = 1; length <= maxLength; length++) {
    const candidates = open.flatMap(({ ids, total }) =>
      model(picture, ids).flatMap((value, word) => {
        const isAllowed =
          !rest.never.includes(word) && (word === rest.end ? ids.length > 0 : !isRepetition(ids, word, rest.joiner));
        return isAllowed ? [{ ids: [...ids, word], total: total + value }] : [];
      }),
    );
    // Array.sort is stable: equal totals stay in the order of hypotheses and ids.
    candidates.sort((a, b) => b.total - a.total);
    const kept = candidates.slice(0, beam - ended.length);
    const isOver = (line: Line) => line.ids.at(-1) === rest.end || length === maxLength;
    ended.push(
      ...kept.filter(isOver).map((line) => ({ ...line, score: line.total / line.ids.length ** rest.lengthExponent })),
    );
    open = kept.filter((line) => !isOver(line));
  }
  return ended.sort((a, b) => b.score - a.score).slice(0, nBest);
}

describe('beam search', () => {
  test('finds a sentence that the greedy choice misses', async () => {
    const model: Model = (_, prefix) => {
      if (prefix.length === 0) return [-99, -99, -99, -0.6, -0.8, -99];
      if (prefix.length > 1) return [-99, -0.01, -99, -99, -99, -99];
      return prefix[0] === 3 ? [-99, -99, -99, -99, -1.6, -1.5] : [-99, -99, -99, -99, -99, -0.1];
    };
    expect((await search(model, { beam: 1, nBest: 1 }))[0]?.[0]?.ids).toEqual([3, 5]);
    expect((await search(model))[0]?.[0]?.ids).toEqual([4, 5]);
  });

  test('gives what a plainly written search gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer(),
          beam: fc.integer({ min: 1, max: 6 }),
          nBest: fc.integer({ min: 1, max: 6 }),
          maxLength: fc.integer({ min: 1, max: 9 }),
          lengthExponent: fc.constantFrom(0, 0.5, 0.7, 1, 2),
          vocabularySize: fc.integer({ min: 4, max: 40 }),
          pictures: fc.integer({ min: 1, max: 4 }),
        }),
        async ({ seed, pictures, ...changes }) => {
          const all = { ...options, ...changes };
          const model = randomModel(seed, all.vocabularySize);
          const found = await search(model, changes, pictures);
          const expected = found.map((_, picture) => referenceSearch(model, picture, all));
          expect(found.map((group) => group.map(({ logProbability }) => logProbability))).toEqual(
            expected.map((group) => group.map(({ total }) => total)),
          );
          expect(found.map((group) => group.map(({ ids }) => ids))).toEqual(
            expected.map((group) => group.map(({ ids }) => ids.filter((id) => id !== END))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('gives a picture the same in any company', async () => {
    const model = randomModel(5);
    const together = await search(model, {}, 6);
    for (const picture of [0, 3, 5]) {
      const [alone] = await search((_, prefix) => model(picture, prefix));
      expect(alone?.map(({ ids, logProbabilities }) => ({ ids, logProbabilities }))).toEqual(
        together[picture]?.map(({ ids, logProbabilities }) => ({ ids, logProbabilities })),
      );
    }
  });

  test('tells log-probabilities that sum up to the whole, the end token included', async () => {
    const [group] = await search(randomModel(11));
    for (const { ids, logProbabilities, logProbability, score, rows } of group ?? []) {
      expect(logProbabilities.length - ids.length).toBeGreaterThanOrEqual(0);
      expect(logProbabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(logProbability, 10);
      expect(score).toBe(logProbability / logProbabilities.length ** 0.7);
      expect(rows).toHaveLength(ids.length);
    }
  });

  test('never writes special words, a word twice in a row, a trigram twice, or nothing at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 5 }), async (seed, beam) => {
        const [group] = await search(randomModel(seed), { beam, nBest: beam, maxLength: 14 });
        expect(new Set(group?.map(({ ids }) => ids.join())).size).toBe(group?.length);
        for (const { ids } of group ?? []) {
          expect(ids.length).toBeGreaterThan(0);
          expect(ids).not.toContain(BEGIN);
          const trigrams = ids.slice(2).map((_, index) => ids.slice(index, index + 3).join());
          expect(new Set(trigrams).size).toBe(trigrams.length);
          expect(ids.some((id, index) => id === ids[index - 1])).toBe(false);
        }
      }),
    );
  });

  test('gives equal words to the lower id', async () => {
    const [group] = await search(() => [-1, -3, -1, -1, -1, -1], { maxLength: 1 });
    expect(group?.map(({ ids }) => ids)).toEqual([[2], [3], [4]]);
  });

  test('prefers long or short by the exponent', async () => {
    // Ends after one word at -1.6 in all, or after four at -1.7.
    const model: Model = (_, { length }) => {
      const end = length === 4 ? -0.1 : -1.2;
      return length % 2 ? [-99, end, -99, -99, -0.4, -99] : [-99, end, -99, -0.4, -99, -99];
    };
    expect((await search(model, { lengthExponent: 0 }))[0]?.[0]?.ids).toHaveLength(1);
    expect((await search(model, { lengthExponent: 1 }))[0]?.[0]?.ids).toHaveLength(4);
  });

  test('stops once no open hypothesis can win', async () => {
    const certain: Model = (_, prefix) =>
      prefix.length === 0 ? [-99, -99, -99, -0.01, -20, -21] : [-99, -0.01, -99, -20, -21, -22];
    const rows: number[] = [];
    const all = { ...options, nBest: 1, maxLength: 20 };
    await beamSearch(
      plainTasks(2),
      all,
      stepOf(certain, all, (count) => rows.push(count)),
    );
    expect(rows).toEqual([2, 6]);
  });

  test('gives nothing where the decoder gives no numbers', async () => {
    expect(await search(() => new Array(6).fill(Number.NaN))).toEqual([[]]);
    expect(await search(() => new Array(6).fill(Number.NEGATIVE_INFINITY))).toEqual([[]]);
  });

  test('ends a caption that finds no end at the longest length', async () => {
    const [group] = await search((_, prefix) => [
      -99,
      -99,
      -99,
      prefix.length % 2 ? -0.1 : -3,
      prefix.length % 2 ? -3 : -0.1,
      -2,
    ]);
    expect(group?.[0]?.ids).toHaveLength(8);
    expect(group?.[0]?.logProbabilities).toHaveLength(8);
  });
});

/** A constrained search, written to be read: hypotheses that name what is wanted and those that don't, side by side. */
function referenceNaming(model: Model, picture: number, wanted: Wanted, all: BeamOptions) {
  type Line = { ids: number[]; total: number };
  const { beam, nBest, maxLength, vocabularySize, never, end, joiner, lengthExponent } = all;
  const lanes = {
    with: { open: [] as Line[], ended: [] as Line[] },
    without: { open: [{ ids: [], total: 0 }] as Line[], ended: [] as Line[] },
  };
  const isOver = ({ ids }: Line) => ids.at(-1) === end || ids.length === maxLength;
  for (let length = 1; length <= maxLength; length++) {
    const candidates = { with: [] as Line[], without: [] as Line[] };
    for (const lane of ['with', 'without'] as const) {
      for (const { ids, total } of lanes[lane].open) {
        const values = model(picture, ids);
        for (let word = 0; word < vocabularySize; word++) {
          if (never.includes(word) || (word === end ? ids.length === 0 : isRepetition(ids, word, joiner))) continue;
          const siblings = lane === 'without' ? wanted.get(word) : undefined;
          const value = siblings
            ? Math.log([word, ...siblings].reduce((sum, id) => sum + Math.exp(Math.fround(values[id] ?? 0)), 0))
            : Math.fround(values[word] ?? 0);
          candidates[siblings ? 'with' : lane].push({ ids: [...ids, word], total: total + value });
        }
      }
    }
    for (const lane of ['with', 'without'] as const) {
      candidates[lane].sort((a, b) => b.total - a.total);
      const kept = candidates[lane].slice(0, beam - lanes[lane].ended.length);
      lanes[lane].ended.push(...kept.filter(isOver));
      lanes[lane].open = kept.filter((line) => !isOver(line));
    }
  }
  const score = ({ ids, total }: Line) => total / ids.length ** lengthExponent;
  return lanes.with.ended.sort((a, b) => score(b) - score(a)).slice(0, nBest);
}

describe('a search for captions that name something', () => {
  const wanted: Wanted = new Map([
    [3, [4]],
    [5, []],
  ]);

  test('names it in every caption, as a plainly written search does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer(),
          beam: fc.integer({ min: 1, max: 5 }),
          nBest: fc.integer({ min: 1, max: 5 }),
          maxLength: fc.integer({ min: 2, max: 9 }),
          vocabularySize: fc.integer({ min: 6, max: 30 }),
        }),
        async ({ seed, ...changes }) => {
          const all = { ...options, ...changes };
          const model = randomModel(seed, all.vocabularySize);
          const [found = []] = await beamSearch(
            [{ picture: 0, wanted, never: none, gains: null }],
            all,
            stepOf(model, all),
          );
          const expected = referenceNaming(model, 0, wanted, all);
          expect(found.map(({ ids }) => ids)).toEqual(expected.map(({ ids }) => ids.filter((id) => id !== END)));
          found.forEach(({ ids, logProbabilities, logProbability }, index) => {
            expect(ids.some((id) => wanted.has(id))).toBe(true);
            expect(logProbability).toBeCloseTo(expected[index]?.total ?? 0, 9);
            expect(logProbabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(logProbability, 9);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test('puts a word that the model never writes where its sibling would stand', async () => {
    // After 4 comes 2 and the end; 3 is never written, but stands for 4.
    const model: Model = (_, prefix) => {
      const next = [4, 2, END][prefix.length] ?? END;
      return Array.from({ length: 6 }, (_, word) => (word === next ? -0.1 : word === 3 ? -60 : -9));
    };
    const [[best] = []] = await beamSearch(
      [{ picture: 0, wanted: new Map([[3, [4]]]), never: none, gains: null }],
      options,
      stepOf(model, options),
    );
    expect(best?.ids).toEqual([3, 2]);
    expect(best?.logProbabilities[0]).toBeCloseTo(-0.1, 6);
  });

  test('leaves pictures beside it as they are', async () => {
    const model = randomModel(7);
    const tasks = [0, 1, 2].map((picture) => ({
      picture,
      wanted: picture === 1 ? wanted : null,
      never: none,
      gains: null,
    }));
    const together = await beamSearch(tasks, options, stepOf(model, options));
    const plain = await search(model, {}, 3);
    const bits = (group: readonly { readonly ids: readonly number[]; readonly score: number }[] | undefined) =>
      group?.map(({ ids, score }) => ({ ids, score }));
    expect(bits(together[0])).toEqual(bits(plain[0]));
    expect(bits(together[2])).toEqual(bits(plain[2]));
    const alone = await beamSearch(tasks.slice(1, 2), options, stepOf(model, options));
    expect(bits(together[1])).toEqual(bits(alone[0]));
  });

  test('finds nothing where the word can stand nowhere', async () => {
    const model = () => [-99, -1, -99, Number.NEGATIVE_INFINITY, -1, -1];
    const found = await beamSearch(
      [{ picture: 0, wanted: new Map([[3, []]]), never: none, gains: null }],
      options,
      stepOf(model, options),
    );
    expect(found).toEqual([[]]);
  });
});

describe('a word that is ruled out for a picture', () => {
  const never = new Set([4]);

  test('is in none of its captions, which are as if the model never wrote it', async () => {
    const tasks = [0, 1].map((picture) => ({
      picture,
      wanted: null,
      never: picture === 0 ? never : none,
      gains: null,
    }));
    const changed = [1, 2, 3, 4, 5].map(async (seed) => {
      const model = randomModel(seed);
      const silent: Model = (picture, prefix) =>
        model(picture, prefix).map((value, word) =>
          picture === 0 && never.has(word) ? Number.NEGATIVE_INFINITY : value,
        );
      const found = await beamSearch(tasks, options, stepOf(model, options));
      expect(found).toEqual(await search(silent, {}, 2));
      const plain = await search(model, {}, 2);
      expect(found[1]?.map(({ ids }) => ids)).toEqual(plain[1]?.map(({ ids }) => ids));
      return plain[0]?.some(({ ids }) => ids.includes(4));
    });
    expect(await Promise.all(changed)).toContain(true);
  });

  test('stands all the same where it is wanted', async () => {
    const task = { picture: 0, wanted: new Map([[4, []]]), never, gains: null };
    const [[best] = []] = await beamSearch([task], options, stepOf(randomModel(3), options));
    expect(best?.ids).toContain(4);
  });
});

describe('the first thing that a caption names', () => {
  const [MAN, BUS, A] = [3, 4, 5] as const;
  /** “a man”, though “a bus” is nearly as likely; either may come without its article. */
  const model: Model = (_, prefix) => {
    const values = Array.from({ length: 6 }, () => -12);
    const after = prefix.at(-1);
    if (after === undefined || after === BEGIN) Object.assign(values, { [A]: -0.5, [MAN]: -2, [BUS]: -2.5 });
    else if (after === A) Object.assign(values, { [MAN]: -0.5, [BUS]: -1.5 });
    else values[END] = -0.1;
    return values;
  };
  const best = async (gains: ReadonlyMap<number, number> | null, changes: Partial<BeamOptions> = {}) => {
    const all = { ...options, ...changes };
    const task = { picture: 0, wanted: null, never: none, gains };
    const [[found] = []] = await beamSearch([task], all, stepOf(model, all));
    return found;
  };

  test('gains what its picture says, the log-probabilities being as they were', async () => {
    expect((await best(null))?.ids).toEqual([A, MAN]);
    const found = await best(new Map([[BUS, 3]]));
    expect(found?.ids).toEqual([A, BUS]);
    expect(found?.logProbability).toBeCloseTo(-2.1, 5);
    expect(found?.score).toBeCloseTo(0.9 / 3 ** options.lengthExponent, 5);
  });

  test('gains nothing for coming without an article', async () => {
    expect((await best(new Map([[BUS, 9]])))?.ids).toEqual([A, BUS]);
  });

  test('may cost something', async () => {
    expect((await best(new Map([[MAN, -3]])))?.ids).toEqual([A, BUS]);
  });

  test('is found where the search could have stopped at another one', async () => {
    const slow: Model = (_, prefix) => {
      const likely = [{ [A]: -0.9 }, { [END]: -0.6, [AND]: -6 }, { [BUS]: -4 }][prefix.length] ?? { [END]: -0.1 };
      return Object.assign(new Array(6).fill(-40), likely);
    };
    const all = { ...options, nBest: 1 };
    const task = { picture: 0, wanted: null, never: none, gains: new Map([[BUS, 9]]) };
    const [[found] = []] = await beamSearch([task], all, stepOf(slow, all));
    expect(found?.ids).toEqual([A, AND, BUS]);
  });
});

describe('a repetition', () => {
  test.each([
    [[], 5, false],
    [[5], 5, true],
    [[5, 6], 5, false],
    [[5, 6, 7, 5, 6], 7, true],
    [[5, 6, 7, 5, 6], 8, false],
    [[3, 7, AND, 3], 7, true],
    [[3, 7, 8, 3], 7, false],
    [[3, 7, AND, 4], 7, false],
    [[9, 3, 7, AND, 3], 7, true],
  ])('after %j is %i: %s', (ids, word, expected) => {
    expect(isRepetition(ids, word, AND)).toBe(expected);
  });
});
