import type { Correction } from '../../src/domain/edits.ts';
import type { Result } from '../../src/domain/result.ts';
import type {
  SessionFacts,
  TagList,
  VideoDetail,
  VideoItem,
  VideoList,
  VideoState,
} from '../../src/server/contract/index.ts';
import { request, requestJson } from './request.ts';

export type Sort = 'newest' | 'oldest' | 'name' | 'longest';

/** What to list. */
export interface Question {
  readonly q: string;
  readonly tags: readonly string[];
  readonly states: readonly VideoState[];
  readonly sort: Sort;
}

export function listVideos(question: Question, cursor: string | null, signal: AbortSignal): Promise<VideoList> {
  const query = new URLSearchParams({ sort: question.sort, limit: '48' });
  if (question.q !== '') query.set('q', question.q);
  for (const tag of question.tags) query.append('tag', tag);
  for (const state of question.states) query.append('state', state);
  if (cursor !== null) query.set('cursor', cursor);
  return requestJson(`/v1/videos?${query}`, { signal });
}

export function listTags(): Promise<TagList> {
  return requestJson('/v1/tags?limit=200');
}

export function readVideo(id: string, signal?: AbortSignal): Promise<VideoDetail> {
  return requestJson(pathOf(id), signal ? { signal } : {});
}

export function readResult(id: string, signal?: AbortSignal): Promise<Result> {
  return requestJson(`${pathOf(id)}/result`, signal ? { signal } : {});
}

export function cancelVideo(id: string): Promise<VideoItem> {
  return requestJson(`${pathOf(id)}/cancel`, { method: 'POST' });
}

export function retryVideo(id: string): Promise<VideoItem> {
  return requestJson(`${pathOf(id)}/retry`, { method: 'POST' });
}

export async function deleteVideo(id: string): Promise<void> {
  await request(pathOf(id), { method: 'DELETE' });
}

/** @param looked the digest of the result that the correction was made for: nobody's later words are written over. */
export async function correctVideo(id: string, looked: string, correction: Correction): Promise<void> {
  await request(`${pathOf(id)}/edits`, {
    method: 'POST',
    headers: { 'if-match': `"${looked}"` },
    body: correction,
  });
}

/** Whether anybody is there to describe what waits. */
export async function countWorkers(): Promise<number> {
  const { workers } = await requestJson<{ workers: readonly unknown[] }>('/v1/overview');
  return workers.length;
}

export function readSession(): Promise<SessionFacts> {
  return requestJson('/v1/session');
}

export async function signIn(token: string): Promise<void> {
  await request('/v1/session', { method: 'POST', body: { token } });
}

export async function signOut(): Promise<void> {
  await request('/v1/session', { method: 'DELETE' });
}

export function eventsPath(id?: string): string {
  return id === undefined ? '/v1/events' : `${pathOf(id)}/events`;
}

/** Where the picture of a keyframe is. */
export function pictureOf(id: string, keyframe: string): string {
  return `${pathOf(id)}/artifacts/keyframes/${encodeURIComponent(keyframe)}.jpg`;
}

function pathOf(id: string): string {
  return `/v1/videos/${encodeURIComponent(id)}`;
}
