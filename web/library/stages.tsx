import { percent } from '../../src/render/format.ts';
import type { VideoItem } from '../../src/server/contract/index.ts';

const STEPS = ['Upload', 'Scan', 'Caption', 'Summary'] as const;

/** How far a video is: the step at hand, and how much of that is done, null where nobody knows. */
export interface Headway {
  readonly step: 0 | 1 | 2 | 3;
  readonly part: number | null;
}

export function headwayOf({ progress }: VideoItem): Headway {
  if (progress === null) return { step: 1, part: 0 };
  const { stage, doneMs, totalMs } = progress;
  const part = totalMs === null || totalMs === 0 ? null : Math.min(doneMs / totalMs, 1);
  if (stage === 'fetch' || stage === 'probe') return { step: 1, part: 0 };
  if (stage === 'scan') return { step: 1, part };
  if (stage === 'caption') return { step: 2, part };
  return { step: 3, part: stage === 'publish' ? 0.7 : 0.3 };
}

/** The four steps of a video as four bars, the done ones full. */
export function Stages({ step, part, says }: Headway & { readonly says: string }) {
  return (
    <div class="stages">
      <div
        class="steps"
        role="progressbar"
        aria-label={`${STEPS[step]}, step ${step + 1} of ${STEPS.length}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={part === null ? undefined : Math.round(part * 100)}
      >
        {STEPS.map((name, index) => (
          <i key={name} class={`h${index}${index === step && part === null ? ' unknown' : ''}`}>
            <b style={{ width: percent(index < step ? 1 : index > step ? 0 : (part ?? 1)) }} />
          </i>
        ))}
      </div>
      <p>
        <strong>{STEPS[step]}</strong> <span class="quiet">{says}</span>
      </p>
    </div>
  );
}
