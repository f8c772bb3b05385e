import type { Keyframe, Result, Tag } from '../domain/result.ts';
import type { RunReport } from '../domain/run.ts';
import { captionsOf } from '../domain/scene.ts';

/** What is searched of one video, and what a hit shows of it. */
export interface SearchDocument {
  /** The result's name in its store. */
  readonly name: string;
  /** The state of the result that this was read from, as the store tells it. */
  readonly revision: string;
  readonly source: string;
  readonly durationMs: number;
  readonly summary: string;
  readonly model: string;
  readonly shots: number;
  readonly keyframes: number;
  /** The keyframe that may stand for the whole; null where there is none. */
  readonly picture: string | null;
  readonly tags: readonly Tag[];
  /** When it was described, in milliseconds since 1970; null where that isn't known. */
  readonly endedMs: number | null;
  /** What whoever submitted it has labelled it with. */
  readonly labels: Readonly<Record<string, string>>;
  /** In order of time. */
  readonly moments: readonly Moment[];
}

/** Something that is seen: a caption that the model is sure of, or a tag that no caption there names. */
export interface Moment {
  readonly keyframe: string;
  readonly timeMs: number;
  readonly text: string;
  readonly confidence: number;
}

/**
 * Reads from a result what is worth finding. Captions that the model isn't sure of are left out.
 *
 * @param run its `run.json`; null where there is none.
 */
export function documentOf(
  name: string,
  revision: string,
  result: Result,
  run: Pick<RunReport, 'endedAt' | 'labels'> | null = null,
): SearchDocument {
  const { video, model, summary, tags } = result;
  return {
    ...{ name, revision, tags, source: video.source, durationMs: video.durationMs, summary: summary.text },
    model: `${model.name} ${model.version}`,
    ...{ endedMs: run?.endedAt === undefined ? null : Date.parse(run.endedAt), labels: run?.labels ?? {} },
    ...{ shots: result.shots.length, keyframes: result.keyframes.length, picture: result.keyframes[0]?.id ?? null },
    moments: [...captionMoments(result.keyframes), ...tagMoments(result)].sort((a, b) => a.timeMs - b.timeMs),
  };
}

/** Neighbouring keyframes that say the same are one moment. */
function captionMoments(keyframes: readonly Keyframe[]): readonly Moment[] {
  const byId = new Map(keyframes.map((keyframe) => [keyframe.id, keyframe]));
  const moments: Moment[] = [];
  let last = '';
  for (const keyframe of keyframes) {
    const best = captionsOf(keyframe, byId)[0];
    const text = best === undefined || best.uncertain ? '' : best.text;
    if (best !== undefined && text !== '' && text !== last) {
      moments.push({ keyframe: keyframe.id, timeMs: keyframe.timeMs, text, confidence: best.confidence });
    }
    last = text;
  }
  return moments;
}

function tagMoments({ tags, keyframes }: Result): readonly Moment[] {
  return tags.flatMap(({ name, confidence, instances }) =>
    instances.flatMap(({ startMs, endMs }) => {
      const there = keyframes.filter(({ timeMs }) => timeMs >= startMs && timeMs < endMs);
      const isTold = there.some(({ captions }) => captions.some(({ text }) => text.includes(name)));
      const first = there[0];
      return first === undefined || isTold
        ? []
        : [{ keyframe: first.id, timeMs: first.timeMs, text: name, confidence }];
    }),
  );
}
