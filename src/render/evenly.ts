/** At most `most` of the items, spread evenly, in their order; the first is always among them. */
export function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]).flatMap((item) =>
    item === undefined ? [] : [item],
  );
}
