/** Numbers that look random and are the same again for the same seed. */
export interface Random {
  /** From `least` up to, not including, `most`. */
  between(least: number, most: number): number;
  whole(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Tommy Ettinger's mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + next() * (most - least);
  const whole = (least: number, most: number) => Math.floor(between(least, most));
  return { between, whole, pick: (items) => items[whole(0, items.length)] as (typeof items)[number] };
}
