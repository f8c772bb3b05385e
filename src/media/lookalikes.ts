/** How many of the last distinct pictures a new one is compared with: enough for shots that alternate. */
const REMEMBERED = 8;
const PIXELS = 16 * 9;
/** A pixel of the signature has changed where Y and the colours differ by so much together, once light is allowed for. */
const CHANGED = 20;
/** Pictures look the same where no more than this share of the pixels changed … */
const MOST_CHANGED = 0.04;
/** … and the rest differs by no more than this on average. */
const MOST_DIFFERENT = 7;
/** The whole picture may be so much brighter or darker. */
const MOST_LIGHT = 12;

export interface Lookalikes {
  /**
   * Takes the next keyframe's signature (16×9 pixels of Y, Cb, Cr); tells the index of the earlier one that looks the
   * same, counted in calls, or null. What it names is never itself a lookalike of another.
   */
  add(signature: Uint8Array): number | null;
}

/** Finds keyframes that look the same as one of the last few distinct ones. */
export function createLookalikes(): Lookalikes {
  let distinct: { readonly index: number; readonly signature: Uint8Array }[] = [];
  let count = 0;
  return {
    add(signature) {
      const index = count++;
      const same = distinct.findLast((earlier) => looksSame(earlier.signature, signature));
      if (same) {
        distinct = [...distinct.filter((earlier) => earlier !== same), same];
        return same.index;
      }
      distinct = [...distinct.slice(1 - REMEMBERED), { index, signature }];
      return null;
    },
  };
}

/** Whether two pictures show the same: noise and a little light don't matter, a person who walked in does. */
export function looksSame(a: Uint8Array, b: Uint8Array): boolean {
  const light = medianLight(a, b);
  if (Math.abs(light) > MOST_LIGHT) return false;
  let changed = 0;
  let difference = 0;
  for (let i = 0; i < PIXELS; i++) {
    const one = pixelDifference(a, b, i * 3, light);
    if (one >= CHANGED) changed++;
    else difference += one;
  }
  return changed <= MOST_CHANGED * PIXELS && difference <= MOST_DIFFERENT * (PIXELS - changed);
}

function pixelDifference(a: Uint8Array, b: Uint8Array, at: number, light: number): number {
  const luma = Math.abs((b[at] ?? 0) - (a[at] ?? 0) - light);
  const blue = Math.abs((b[at + 1] ?? 0) - (a[at + 1] ?? 0));
  const red = Math.abs((b[at + 2] ?? 0) - (a[at + 2] ?? 0));
  return luma + blue + red;
}

function medianLight(a: Uint8Array, b: Uint8Array): number {
  const changes = new Int16Array(PIXELS);
  for (let i = 0; i < PIXELS; i++) changes[i] = (b[i * 3] ?? 0) - (a[i * 3] ?? 0);
  return changes.sort()[PIXELS >> 1] ?? 0;
}
