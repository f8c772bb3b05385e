import { Job, type Queue } from 'bullmq';
import { FramescribeError } from '../domain/errors.ts';
import { readFailure } from './failure.ts';
import { type Flow, type Payload, segmentPayload, triesOf } from './jobs.ts';

/**
 * Adds a `segment` job for each of these segments, as children of a video's job. One that is there already stays as
 * it is. They leave nothing in Redis when they end: what they made is in the store.
 */
export async function addSegments(
  queue: Queue,
  parent: Job,
  { source, options }: Pick<Payload<'describe'>, 'source' | 'options'>,
  { plan, reaches, round }: Flow,
  segments: readonly number[],
): Promise<void> {
  const video = parent.id ?? '';
  await queue.addBulk(
    segments.map((index) => ({
      name: 'segment',
      data: segmentPayload.parse({
        ...{ video, source, options, plan, index },
        reach: reaches?.[index] ?? null,
      }) satisfies Payload<'segment'>,
      opts: {
        jobId: `${prefixOf(video, round)}${index}`,
        parent: { id: video, queue: parent.queueQualifiedName },
        // The parent is taken up at the first failure, and sees to the others.
        continueParentOnFailure: true,
        priority: parent.opts.priority ?? 0,
        ...triesOf('segment'),
        ...{ removeOnComplete: true, removeOnFail: true },
      },
    })),
  );
}

/** Why a segment of this round has failed; null where none has. */
export async function segmentFailure(parent: Job, { round }: Flow): Promise<FramescribeError | null> {
  const failures = await parent.getIgnoredChildrenFailures();
  const prefix = prefixOf(parent.id ?? '', round);
  const line = Object.entries(failures).find(([key]) => key.slice(key.lastIndexOf(':') + 1).startsWith(prefix))?.[1];
  if (line === undefined) return null;
  const { code, message } = readFailure(line);
  return new FramescribeError(code, message);
}

/** Removes the segments that wait, and forgets those at hand, which have to be stopped. */
export async function dropSegments(queue: Queue, parent: Job): Promise<void> {
  await parent.removeUnprocessedChildren();
  const { unprocessed = [] } = await parent.getDependencies({ unprocessed: { count: 1000 } });
  for (const key of unprocessed) {
    const child = await Job.fromId(queue, key.slice(key.lastIndexOf(':') + 1));
    await child?.removeChildDependency();
  }
}

function prefixOf(video: string, round: number): string {
  return `${video}-${round}-`;
}
