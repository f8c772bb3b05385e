import { Job } from 'bullmq';
import { FramescribeError } from '../src/domain/errors.ts';
import { segmentsOf } from '../src/pipeline/plan.ts';
import { describePayload, type JobProgress, type Payload } from '../src/queue/jobs.ts';
import type { Tools } from './describe.ts';
import type { Handler } from './processor.ts';
import { ProgressReport } from './progress-report.ts';

/** Describes one segment of a video and leaves it in the store; tells the video's own job how far all of them are. */
export function segmentHandler(tools: Tools): Handler<'segment'> {
  const { describers, videos, progress, previews, onComputing } = tools;
  return async ({ id, payload, signal }) => {
    const parent = await Job.fromId(videos, payload.video);
    if (parent === undefined || !isWanted(parent)) {
      throw new FramescribeError('CANCELLED', 'Nobody waits for this segment any more.');
    }
    const { video, index, plan } = payload;
    const report = new ProgressReport(async ({ doneMs, keyframes }) => {
      const all = await progress.note(video, index, { doneMs, keyframes });
      await parent.updateProgress({ stage: 'scan', totalMs: plan.claimedMs, ...all } satisfies JobProgress);
    });
    let keyframes = 0;
    let isComputing = false;
    await describers.use((describer) =>
      describer.describePart(payload, {
        signal,
        onPreview: (jpeg) => void previews.put(video, jpeg).catch(() => {}),
        onProgress: (word) => {
          if (word.stage !== 'scan') return;
          if (!isComputing) onComputing(id);
          isComputing = true;
          keyframes = word.keyframes;
          report.tell(word);
        },
      }),
    );
    await forgetIfLate(payload, tools);
    report.tell({ stage: 'scan', doneMs: lengthOf(payload), totalMs: null, keyframes });
    await report.settled();
    return { index };
  };
}

/**
 * Somebody who was frozen for long may have kept a segment of a video that others have joined since, and nobody would
 * remove it any more.
 */
async function forgetIfLate(payload: Payload<'segment'>, { describers, videos }: Tools): Promise<void> {
  const parent = await Job.fromId(videos, payload.video);
  // One that has failed keeps its segments for a retry.
  const isJoined = parent === undefined || Boolean(parent.finishedOn && parent.returnvalue);
  if (!isJoined) return;
  await describers.use((describer) => describer.forgetPart(payload));
}

function isWanted(parent: Job): boolean {
  const data = describePayload.safeParse(parent.data).data;
  return !parent.finishedOn && data !== undefined && !data.cancelled && !data.flow?.whole;
}

function lengthOf({ plan, index }: Payload<'segment'>): number {
  const segment = segmentsOf(plan)[index];
  return segment ? Math.max(0, (segment.endMs ?? plan.claimedMs) - segment.startMs) : 0;
}
