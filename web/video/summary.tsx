import { useSignal } from '@preact/signals';
import type { Sentence } from '../../src/domain/result.ts';
import { evenly } from '../../src/render/evenly.ts';
import { clock } from '../../src/render/format.ts';
import { NOTHING_LIT, useDesk } from './desk.ts';
import { Editable } from './editable.tsx';

const MOST_PICTURES = 4;

/** The summary: each sentence lights up the keyframes that it came from, and leads to them. */
export function Summary() {
  const { story } = useDesk();
  const { summary } = story.result;
  const chosen = useSignal<number | null>(null);
  return (
    <section class="summary" aria-labelledby="summary-title">
      <h2 id="summary-title">What happens</h2>
      {summary.sentences.length === 0 ? (
        <>
          <p class="lead">{summary.text}</p>
          <p class="quiet">The model was unsure of every caption. They’re listed below, marked as uncertain.</p>
        </>
      ) : (
        <ol class="sentences">
          {summary.sentences.map((sentence, index) => (
            <SentenceItem
              key={index}
              sentence={sentence}
              number={index + 1}
              isChosen={chosen.value === index}
              onChoose={() => {
                chosen.value = index;
              }}
              unchosen={() => {
                const kept = chosen.value === null ? undefined : summary.sentences[chosen.value];
                return kept ? new Set(kept.keyframes) : NOTHING_LIT;
              }}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

interface SentenceProps {
  readonly sentence: Sentence;
  /** From 1. */
  readonly number: number;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  /** What is lit when nobody points at this sentence. */
  readonly unchosen: () => ReadonlySet<string>;
}

function SentenceItem({ sentence, number, isChosen, onChoose, unchosen }: SentenceProps) {
  const { story, playback, lit, files } = useDesk();
  const frames = sentence.keyframes.flatMap((id) => story.keyframes.get(id) ?? []);
  const distinct = frames.filter(({ sameAs }) => sameAs === undefined || !sentence.keyframes.includes(sameAs));
  const show = (ms: number | undefined) => {
    onChoose();
    lit.value = new Set(sentence.keyframes);
    if (ms !== undefined) playback.seek(ms);
  };
  const point = () => {
    lit.value = new Set(sentence.keyframes);
  };
  const leave = () => {
    lit.value = unchosen();
  };
  return (
    <li
      class={isChosen ? 'chosen' : undefined}
      onMouseEnter={point}
      onMouseLeave={leave}
      onFocusIn={point}
      onFocusOut={leave}
    >
      <Editable
        what={`sentence ${number}`}
        text={sentence.text}
        edit={sentence.edit}
        correction={(text) => ({ sentence: number, text })}
      >
        <button type="button" class="sentence" aria-pressed={isChosen} onClick={() => show(frames[0]?.timeMs)}>
          {sentence.text}
        </button>
      </Editable>
      <div class="behind">
        {evenly(distinct, MOST_PICTURES).map(({ id, image, timeMs }) => (
          <button key={id} type="button" aria-label={`Keyframe at ${clock(timeMs)}`} onClick={() => show(timeMs)}>
            <img src={files.url(image)} alt="" loading="lazy" decoding="async" />
            <span>{clock(timeMs)}</span>
          </button>
        ))}
        {distinct.length > MOST_PICTURES && <span class="quiet">and {distinct.length - MOST_PICTURES} more</span>}
      </div>
    </li>
  );
}
