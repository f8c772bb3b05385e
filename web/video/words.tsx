import type { Caption } from '../../src/domain/result.ts';
import { percent } from '../../src/render/format.ts';
import { useDesk } from './desk.ts';
import { useRoving } from './roving.ts';

/** How sure the model was of a word, by its probability. */
export const LEVELS = [
  { name: 'w0', says: 'sure', atLeast: 0.6 },
  { name: 'w1', says: 'likely', atLeast: 0.3 },
  { name: 'w2', says: 'one of several', atLeast: 0.1 },
  { name: 'w3', says: 'a guess', atLeast: 0 },
] as const;

/** How sure the model was of these says how else it might have put it, not what else it might have seen. */
const SMALL_WORDS = new Set(
  'a an the and or of in on at to with by for from into is are was were be being been has have there it its'.split(' '),
);

function levelOf(word: string, logProbability: number): string {
  if (SMALL_WORDS.has(word)) return LEVELS[0].name;
  const probability = Math.exp(logProbability);
  return (LEVELS.find(({ atLeast }) => probability >= atLeast) ?? LEVELS[3]).name;
}

/** A caption whose words are shaded by the model's confidence. */
export function ShadedWords({ caption }: { readonly caption: Caption }) {
  if (caption.tokens.length === 0) return <>{caption.text}</>;
  return (
    <>
      {caption.tokens.map(({ word, logProbability }, index) => (
        <span key={index}>
          <mark class={levelOf(word, logProbability)} title={`${percent(Math.exp(logProbability))} sure`}>
            {word}
          </mark>{' '}
        </span>
      ))}
    </>
  );
}

/**
 * The same, where each word also shows what the model looked at when it wrote it: by pointer, touch, or the arrow keys
 * (the caption is one tab stop).
 */
export function GazingWords({ caption, keyframe }: { readonly caption: Caption; readonly keyframe: string }) {
  const { gaze, loadAttention } = useDesk();
  const { container, onKeyDown, tabIndexOf, setCurrent } = useRoving(caption.tokens.length);
  const look = (word: number) => {
    loadAttention();
    gaze.value = { keyframe, word };
  };
  const lookAway = () => {
    if (gaze.value?.keyframe === keyframe) gaze.value = null;
  };
  return (
    <div
      class="words"
      role="toolbar"
      aria-label={`${caption.text}. Where the model looked, word by word`}
      ref={container as never}
      onKeyDown={onKeyDown}
      onMouseLeave={lookAway}
    >
      {caption.tokens.map(({ word, logProbability }, index) => (
        <button
          key={index}
          type="button"
          class={`word ${levelOf(word, logProbability)}`}
          data-rove={index}
          tabIndex={tabIndexOf(index)}
          aria-label={`${word}, ${percent(Math.exp(logProbability))} sure`}
          title={`${percent(Math.exp(logProbability))} sure`}
          onMouseEnter={() => look(index)}
          onClick={() => look(index)}
          onFocus={() => {
            setCurrent(index);
            look(index);
          }}
          onBlur={lookAway}
        >
          {word}
        </button>
      ))}
    </div>
  );
}
