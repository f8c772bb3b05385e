import { type BeamOptions, beamSearch, type Hypothesis, plainTasks, type StepInput, type Task } from './beam.ts';
import type { Bundle } from './bundle.ts';
import { wordToName } from './class-words.ts';
import type { Decoder, Encoded } from './decode.ts';

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
 * Searches the captions of encoded pictures. Where the encoder is sure of a word that the best caption doesn't name, a
 * second search finds captions that do, if any; its rows are as many as the first one's at most.
 */
export async function searchCaptions(
  { classWords, things }: Pick<Bundle, 'classWords' | 'things'>,
  encoded: Encoded,
  decode: Decoder,
  settings: SearchSettings,
): Promise<readonly Found[]> {
  const { pictures, classProbabilities } = encoded;
  const width = classWords?.length ?? 0;
  const found = [...(await search(plainTasks(pictures)))];
  const tasks = found.flatMap(({ hypotheses: [best], probabilities }, picture): readonly Task[] => {
    const wanted =
      best && classWords && probabilities ? wordToName({ classWords, things }, probabilities, best.ids) : null;
    return wanted ? [{ picture, wanted }] : [];
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
        probabilities: classProbabilities?.subarray(picture * width, (picture + 1) * width) ?? null,
      };
    });
  }
}
