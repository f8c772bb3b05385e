import { useSignal } from '@preact/signals';
import { toRequestError } from '../api/request.ts';

/** Runs something that may be refused, and keeps the words for that; empty while there are none. */
export function useSaving() {
  const problem = useSignal('');
  const busy = useSignal(false);
  const run = async (work: () => Promise<void>) => {
    busy.value = true;
    try {
      await work();
      problem.value = '';
    } catch (cause) {
      const { message, advice } = toRequestError(cause);
      problem.value = `${message} ${advice}`;
    }
    busy.value = false;
  };
  return { problem: problem.value, busy: busy.value, run };
}
