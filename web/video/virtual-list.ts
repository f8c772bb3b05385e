import {
  defaultRangeExtractor,
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/**
 * Which rows of a long list are near the part of the window that is in sight. The list is as high as all its rows, and
 * each row goes to its offset; heights are guessed first and measured once a row is there.
 */
export function useVirtualList(list: RefObject<HTMLElement | null>, count: number, guessPx: (index: number) => number) {
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const kept = useRef<number | null>(null);
  const marginPx = useRef(0);
  const virtual = useRef<Virtualizer<Window, HTMLElement> | null>(null);
  const options = {
    count,
    estimateSize: guessPx,
    overscan: 4,
    scrollMargin: marginPx.current,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    measureElement,
    initialOffset: () => window.scrollY,
    initialRect: { width: innerWidth, height: innerHeight },
    onChange: () => redraw(0),
    // The row with the focus stays, or the focus would be lost with it.
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const inSight = defaultRangeExtractor(range);
      const row = kept.current;
      if (row === null || row >= count || inSight.includes(row)) return inSight;
      return [...inSight, row].sort((one, other) => one - other);
    },
  };
  virtual.current ??= new Virtualizer<Window, HTMLElement>(options);
  const { current } = virtual;
  current.setOptions(options);
  useLayoutEffect(() => current._didMount(), [current]);
  useLayoutEffect(() => {
    const top = (list.current?.getBoundingClientRect().top ?? 0) + scrollY;
    if (Math.abs(top - marginPx.current) > 1) {
      marginPx.current = top;
      redraw(0);
    }
    current._willUpdate();
  });

  const showRow = (index: number) => {
    kept.current = index;
    current.scrollToIndex(index, { align: 'center' });
    // It's drawn before the next picture of the screen, and takes the focus then.
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        list.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus({ preventScroll: true }),
      ),
    );
  };
  return {
    items: current.getVirtualItems().map(({ index, start }) => ({ index, offsetPx: start - marginPx.current })),
    totalPx: current.getTotalSize(),
    measure: current.measureElement,
    showRow,
    keep: (index: number | null) => {
      kept.current = index;
    },
  };
}
