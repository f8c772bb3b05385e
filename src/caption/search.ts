import { type BeamOptions, beamSearch, type Gains, type Hypothesis, type Task } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { surprises, unsupported, wordToName } from './class-words.ts';
import { foreignness } from './confidence.ts';
import type { Decoder, Encoded } from './decode.ts';
import type { StepInput } from './rows.ts';

/** The captions found for one picture, best first, and `[rows, regions]` of each step that they came from. */
export interface Found {
  readonly hypotheses: readonly Hypothesis[];
  readonly attention: readonly Float32Array[];
  /** Of the class words, `[words]`, until the encoder's next call; null where there are none. */
  readonly probabilities: Float32Array | null;
}

export interface SearchSettings {
  readonly options: BeamOptions;
  /** Whether to keep where each step looks. */
  readonly attention: boolean;
  /** Sees each step's input before the decoder. */
  readonly onStep?: (input: StepInput) => void;
}

/** Rows that a decoder needs at once for searches over so many pictures. */
export function rowsToSearch(pictures: number, { beam }: BeamOptions): number {
  return Math.max(pictures, 2) * beam;
}

/**
 * Searches the captions of encoded pictures, without things that the class words contradict
 * and, the more foreign a picture is, about those that they see more of than usual. Where the encoder is sure of a word that the best caption doesn't name, a
 * second search finds captions that do, if any; its rows are as many as the first one's at most.
 */
export async function searchCaptions(
  bundle: Pick<Bundle, 'manifest' | 'classWords' | 'support' | 'usual'>,
  encoded: Encoded,
  decode: Decoder,
  settings: SearchSettings,
): Promise<readonly Found[]> {
  const { classWords, support } = bundle;
  const { pictures, classProbabilities } = encoded;
  const width = classWords?.length ?? 0;
  const first = Array.from({ length: pictures }, (_, picture): Task => {
    const probabilities = probabilitiesOf(picture);
    return {
      ...{ picture, wanted: null },
      never: ruledOut(bundle, probabilities),
      gains: gainsOn(bundle, probabilities),
    };
  });
  const found = [...(await search(first))];
  const tasks = first.flatMap((task, index): readonly Task[] => {
    const {
      hypotheses: [best],
      probabilities,
    } = found[index] as Found;
    const wanted =
      best && classWords && probabilities ? wordToName({ classWords, support }, probabilities, best.ids) : null;
    return wanted ? [{ ...task, wanted }] : [];
  });
  // Two beams a picture: half as many pictures at a time.
  const most = Math.floor(Math.max(pictures, 2) / 2);
  for (let from = 0; from < tasks.length; from += most) {
    const some = tasks.slice(from, from + most);
    const again = await search(some);
    some.forEach(({ picture }, index) => {
      const one = again[index];
      if (one && one.hypotheses.length > 0) found[picture] = one;
    });
  }
  return found;

  async function search(tasks: readonly Task[]): Promise<readonly Found[]> {
    const attention: Float32Array[] = [];
    const step = decode(encoded, settings.attention ? attention : undefined);
    const groups = await beamSearch(tasks, settings.options, (input) => {
      settings.onStep?.(input);
      return step(input);
    });
    return groups.map((hypotheses, index) => {
      const picture = tasks[index]?.picture ?? 0;
      return {
        hypotheses,
        attention,
        probabilities: probabilitiesOf(picture),
      };
    });
  }

  function probabilitiesOf(picture: number): Float32Array | null {
    return classProbabilities?.subarray(picture * width, (picture + 1) * width) ?? null;
  }
}

/** The words that a picture's captions mustn't hold: they name things which the class words contradict. */
function ruledOut(
  bundle: Pick<Bundle, 'manifest' | 'classWords' | 'support'>,
  probabilities: Float32Array | null,
): ReadonlySet<number> {
  const { leastSupport } = bundle.manifest.decoding;
  if (!leastSupport || !probabilities) return new Set();
  const { home, foreign } = leastSupport;
  const least = home + (foreign - home) * foreignness(bundle, probabilities);
  return unsupported(bundle.support, probabilities, least);
}

/** What captions gain by what they're about. */
function gainsOn(
  bundle: Pick<Bundle, 'manifest' | 'classWords' | 'support' | 'usual'>,
  probabilities: Float32Array | null,
): Gains | null {
  const { foreignGain } = bundle.manifest.decoding;
  if (!foreignGain || !probabilities) return null;
  const times = foreignGain * foreignness(bundle, probabilities);
  return new Map([...surprises(bundle, probabilities)].map(([id, above]) => [id, times * above]));
}
