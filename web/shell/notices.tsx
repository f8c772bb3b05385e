import { signal } from '@preact/signals';
import { toRequestError } from '../api/request.ts';
import { Icon } from './icon.tsx';

interface Notice {
  readonly key: number;
  readonly text: string;
  readonly advice: string;
  readonly isError: boolean;
}

const notices = signal<readonly Notice[]>([]);
const STAYS_MS = 6000;
let count = 0;

/** Says what went wrong, until it's put away. */
export function tellError(cause: unknown): void {
  const error = toRequestError(cause);
  show({ text: error.message, advice: error.advice, isError: true });
}

/** Gives words back that had no place to go any more. */
export function tellUnsaved(words: string): void {
  show({ text: `Not saved: “${words}”`, advice: 'Copy it from here if you need it.', isError: true });
}

function show(notice: Omit<Notice, 'key'>): void {
  const key = ++count;
  notices.value = [...notices.value.slice(-3), { ...notice, key }];
  if (!notice.isError) setTimeout(() => putAway(key), STAYS_MS);
}

function putAway(key: number): void {
  notices.value = notices.value.filter((notice) => notice.key !== key);
}

/** Where notices appear; a screen reader says them as they come. */
export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ key, text, advice, isError }) => (
        <div key={key} class={`notice${isError ? ' error' : ''}`}>
          <p>
            {text} {advice !== '' && <span>{advice}</span>}
          </p>
          <button type="button" class="bare" aria-label="Put away" onClick={() => putAway(key)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
