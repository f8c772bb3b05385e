import { useRef, useState } from 'preact/hooks';

/**
 * One tab stop for a row of things: arrow keys, Home and End move within it. Give the container `onKeyDown`, and each
 * thing its `tabIndex`; things are found by `data-rove`.
 */
export function useRoving(count: number, start = 0) {
  const [current, setCurrent] = useState(start);
  const container = useRef<HTMLElement | null>(null);
  const stop = Math.min(current, Math.max(count - 1, 0));

  const moveTo = (index: number) => {
    const to = Math.min(Math.max(index, 0), count - 1);
    setCurrent(to);
    container.current?.querySelector<HTMLElement>(`[data-rove="${to}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    moveTo(to);
  };
  return {
    container,
    onKeyDown,
    moveTo,
    /** The place that Tab leads to. */
    stop,
    tabIndexOf: (index: number) => (index === stop ? 0 : -1),
    setCurrent,
  };
}
