import { FramescribeError } from '../domain/errors.ts';
import type { JobStatus } from '../queue/status.ts';
import type { Moment } from '../search/document.ts';
import type { ListQuery, VideoItem, VideoList } from './contract/index.ts';
import { type Entry, itemOf } from './library/entry.ts';
import type { Rooms } from './rooms.ts';

type Context = Pick<Rooms, 'library' | 'follower' | 'producer' | 'uploads' | 'plain'>;

/** @throws {FramescribeError} VIDEO_NOT_FOUND */
export async function findEntry(id: string, { library, follower, producer }: Context): Promise<Entry> {
  const known = library.get(id);
  if (known !== null) return known;
  // One of more jobs than are listed.
  const job = id.startsWith('v') ? await producer.status(id).catch(nullWhereUnknown) : null;
  if (job === null)
    throw new FramescribeError('VIDEO_NOT_FOUND', `Expected the id of a video that is known, got ${id}`);
  await follower.refresh(job);
  return { id, addedMs: job.submittedMs, job, result: library.get(id)?.result ?? null };
}

/** An entry as the API shows it. */
export function showEntry(entry: Entry, { follower, uploads, plain }: Context, moments?: readonly Moment[]): VideoItem {
  const progress = follower.progressOf(entry.id);
  const isUpload = (source: string) => uploads?.owns(source) ?? false;
  return itemOf(
    entry,
    { isUpload, plain, progress, preview: follower.hasPreview(entry.id) ? 'preview' : null },
    moments,
  );
}

/** Notes how a job stands, and shows it. */
export async function showJob(job: JobStatus, context: Context): Promise<VideoItem> {
  await context.follower.refresh(job);
  const known = context.library.get(job.id);
  return showEntry({ id: job.id, addedMs: job.submittedMs, job, result: known?.result ?? null }, context);
}

export function listVideos(query: ListQuery, context: Context): VideoList {
  const { entries, next, total } = context.library.list(query);
  return { videos: entries.map(({ moments, ...entry }) => showEntry(entry, context, moments)), next, total };
}

function nullWhereUnknown(error: unknown): null {
  if (FramescribeError.from(error).code === 'JOB_NOT_FOUND') return null;
  throw error;
}
