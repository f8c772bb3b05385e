import type { Result } from '../domain/result.ts';
import { captionsOf } from '../domain/scene.ts';

export type Cell = string | number | boolean | null;
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean';

/** A table for a warehouse: what its columns are, and a result's rows in it. */
export interface Table {
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Cells in the order of the columns. `video` is the result's name in its store, the key that joins the tables. */
  readonly rowsOf: (video: string, result: Result) => readonly (readonly Cell[])[];
}

export type TableName = keyof typeof TABLES;

/** Times are milliseconds from the first shown frame. */
export const TABLES = {
  videos: {
    columns: {
      video: 'text',
      source: 'text',
      sha256: 'text',
      bytes: 'integer',
      duration_ms: 'integer',
      width: 'integer',
      height: 'integer',
      codec: 'text',
      model: 'text',
      model_digest: 'text',
      shots: 'integer',
      summary: 'text',
    },
    rowsOf: (name, { video, model, shots, summary }) => [
      [
        ...[name, video.source, video.sha256, video.bytes, video.durationMs, video.displayWidth, video.displayHeight],
        ...[video.codec, `${model.name} ${model.version}`, model.digest, shots.length, summary.text],
      ],
    ],
  },
  shots: {
    columns: {
      video: 'text',
      shot: 'text',
      start_ms: 'integer',
      end_ms: 'integer',
      transition: 'text',
      chapter: 'text',
      keyframes: 'integer',
    },
    rowsOf: (name, { shots, chapters }) => {
      const chapterOf = new Map(chapters.flatMap((chapter) => chapter.shots.map((id) => [id, chapter.id] as const)));
      return shots.map(({ id, startMs, endMs, transition, keyframes }) => {
        return [name, id, startMs, endMs, transition, chapterOf.get(id) ?? null, keyframes.length];
      });
    },
  },
  captions: {
    columns: {
      video: 'text',
      keyframe: 'text',
      shot: 'text',
      time_ms: 'integer',
      rank: 'integer',
      caption: 'text',
      confidence: 'number',
      uncertain: 'boolean',
      same_as: 'text',
      edited: 'boolean',
    },
    rowsOf: (name, { keyframes }) => {
      const byId = new Map(keyframes.map((keyframe) => [keyframe.id, keyframe]));
      return keyframes.flatMap((keyframe) =>
        captionsOf(keyframe, byId).map(({ text, confidence, uncertain, edit }, index) => [
          ...[name, keyframe.id, keyframe.shot, keyframe.timeMs, index + 1, text],
          ...[confidence, uncertain, keyframe.sameAs ?? null, edit !== undefined],
        ]),
      );
    },
  },
  tags: {
    columns: {
      video: 'text',
      tag: 'text',
      confidence: 'number',
      start_ms: 'integer',
      end_ms: 'integer',
      edited: 'boolean',
    },
    rowsOf: (video, { tags }) =>
      tags.flatMap(({ name, confidence, instances, edit }) =>
        instances.map(({ startMs, endMs }) => [video, name, confidence, startMs, endMs, edit !== undefined]),
      ),
  },
} as const satisfies Record<string, Table>;
