/** Keeps so many of the things that come by, each with the same chance (Vitter's algorithm R). */
export interface Sample<T> {
  add(item: T): void;
  readonly items: readonly T[];
}

/** @param random a generator of numbers from 0 to 1. */
export function sampleOf<T>(size: number, random: () => number): Sample<T> {
  const items: T[] = [];
  let seen = 0;
  return {
    items,
    add: (item) => {
      seen++;
      if (items.length < size) items.push(item);
      else {
        const place = Math.floor(random() * seen);
        if (place < size) items[place] = item;
      }
    },
  };
}
