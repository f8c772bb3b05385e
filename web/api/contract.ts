export type VideoState = 'waiting' | 'active' | 'delayed' | 'completed' | 'failed' | 'cancelled';
export interface Moment {
  readonly keyframe: string;
  readonly timeMs: number;
  readonly text: string;
  readonly confidence: number;
}
export interface VideoItem {
  readonly id: string;
  readonly state: VideoState;
  readonly name: string;
  readonly source: string | null;
  readonly submittedMs: number;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
  readonly attempts: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly durationMs: number | null;
  readonly shots: number | null;
  readonly keyframes: number | null;
  readonly summary: string | null;
  readonly tags: readonly string[];
  readonly progress: {
    readonly stage: 'fetch' | 'probe' | 'scan' | 'caption' | 'summarise' | 'publish';
    readonly doneMs: number;
    readonly totalMs: number | null;
    readonly keyframes: number;
  } | null;
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly advice: string;
    readonly retryable: boolean;
  } | null;
  readonly thumbnail: string | null;
  readonly moments?: readonly Moment[];
}
export interface Artifact {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly type: string;
  readonly url: string;
}
export interface VideoDetail extends VideoItem {
  readonly media: string | null;
  readonly artifacts: readonly Artifact[];
}
export interface VideoList {
  readonly videos: readonly VideoItem[];
  readonly next: string | null;
  readonly total: number;
}
export interface TagList {
  readonly tags: readonly { readonly name: string; readonly count: number }[];
}
export interface SessionFacts {
  readonly authentication: boolean;
  readonly name: string | null;
  readonly scopes: readonly ('read' | 'submit' | 'admin')[];
  readonly version: string;
  readonly uploads: { readonly maxBytes: number } | null;
}
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly advice: string;
  readonly retryable: boolean;
}
