import { ERROR_KINDS } from '../../domain/errors.ts';
import { readReference } from '../../fetch/source-reference.ts';
import type { JobProgress } from '../../queue/jobs.ts';
import type { JobStatus } from '../../queue/status.ts';
import type { SearchDocument } from '../../search/document.ts';
import type { FoundMoment, VideoItem, VideoState } from '../contract/index.ts';

/** What a library keeps of a result. */
export interface ResultFacts extends Pick<SearchDocument, 'name' | 'revision' | 'source' | 'durationMs' | 'summary'> {
  readonly shots: number;
  readonly keyframes: number;
  /** The keyframe that stands for the video; null where there is none. */
  readonly picture: string | null;
  /** The surest. */
  readonly tags: readonly string[];
}

/** What a library knows of a video: of its job, of its result, or of both. */
export interface Entry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly addedMs: number;
  readonly job: JobStatus | null;
  readonly result: ResultFacts | null;
}

const TAGS_SHOWN = 6;

export function factsOf(document: SearchDocument): ResultFacts {
  const { name, revision, source, durationMs, summary, shots, keyframes, picture, tags } = document;
  const surest = [...tags].sort((a, b) => b.confidence - a.confidence).slice(0, TAGS_SHOWN);
  const facts = { name, revision, source, durationMs, summary, shots, keyframes, picture };
  return { ...facts, tags: surest.map((tag) => tag.name) };
}

/** Signs that turn the direction of text: by them `gpj.mp4` would read as `4pm.jpg`. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** As people know the video: its label `name`, or the last part of its address. */
export function titleOf({ job, result }: Pick<Entry, 'job' | 'result'>): string {
  const title = job?.labels.name || (job === null ? (result?.source ?? '') : readReference(job.source).name);
  return title.replace(TURNS, '');
}

export function stateOf({ job }: Pick<Entry, 'job'>): VideoState {
  return job?.state ?? 'completed';
}

/** What an item needs beside its entry. */
export interface ItemContext {
  /** Whether a source is an upload, whose place is nobody's business. */
  readonly isUpload: (source: string) => boolean;
  /** Makes a message one for others. */
  readonly plain: (message: string) => string;
  /** The newest progress, and whether there is a picture before the result is there. */
  readonly progress: JobProgress | null;
  readonly preview: string | null;
}

/** An entry as the API shows it. */
export function itemOf(entry: Entry, context: ItemContext, moments?: readonly FoundMoment[]): VideoItem {
  const { id, job, result } = entry;
  const described = job?.result ?? null;
  const isUnderWay = job !== null && job.endedMs === null;
  const picture = result?.picture ? `${result.revision.slice(0, 12)}` : context.preview;
  return {
    ...{ id, state: stateOf(entry), name: titleOf(entry) },
    source: job === null || context.isUpload(job.source) ? null : job.source,
    ...{ submittedMs: job?.submittedMs ?? entry.addedMs, startedMs: job?.startedMs ?? null },
    ...{ endedMs: job?.endedMs ?? null, attempts: job?.attempts ?? 0, labels: { ...job?.labels } },
    durationMs: result?.durationMs ?? described?.durationMs ?? null,
    shots: result?.shots ?? described?.shots ?? null,
    keyframes: result?.keyframes ?? described?.keyframes ?? null,
    summary: result?.summary ?? described?.summary ?? null,
    tags: [...(result?.tags ?? [])],
    progress: isUnderWay ? (context.progress ?? job.progress) : null,
    failure: failureOf(job, context),
    thumbnail: picture === null ? null : `/v1/videos/${id}/thumbnail?v=${encodeURIComponent(picture)}`,
    ...(moments && { moments: [...moments] }),
  };
}

/** The last try's failure is told while the next one is waited for, and forgotten once it has worked. */
function failureOf(job: JobStatus | null, { isUpload, plain }: ItemContext): VideoItem['failure'] {
  if (!job?.failure || job.state === 'completed' || job.state === 'active') return null;
  const { code, message: told, retryable } = job.failure;
  const message = plain(isUpload(job.source) ? told.replaceAll(job.source, readReference(job.source).name) : told);
  return { code, message, advice: ERROR_KINDS[code].advice, retryable };
}
