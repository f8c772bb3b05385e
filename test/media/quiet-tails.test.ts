import { describe, expect, test } from 'vitest';
import { type Packet, quietTails } from '../../src/media/quiet-tails.ts';

const MS = { num: 1, den: 1000 };

/** A group of pictures: an I-frame of 1,000 bytes, P-frames of these sizes 160 ms apart, a B-frame before each. */
function group(fromMs: number, sizes: readonly number[]): readonly Packet[] {
  const key = { pts: fromMs, bytes: 1000, isKey: true };
  const others = sizes.flatMap((bytes, index) => {
    const pts = fromMs + 160 * (index + 1);
    return [
      { pts, bytes, isKey: false },
      { pts: pts - 80, bytes: bytes / 2, isKey: false },
    ];
  });
  return [key, ...others];
}

const CALM = [100, 120, 90, 110, 100, 130, 100, 95];
const rangesOf = (packets: readonly Packet[], most = 100) => quietTails(packets, MS, most);

describe('groups of pictures are quiet', () => {
  test('where no frame stands out, and neighbours are one range', () => {
    const packets = [CALM, CALM.slice(1), CALM.slice(2)].flatMap((sizes, at) => group(at * 2000, sizes));
    expect(rangesOf(packets)).toEqual([{ first: 0, last: packets.length - 1 }]);
  });

  test.each([
    ['a frame takes nearly three times the bytes of those around it', [100, 120, 280, 110, 90, 130, 100, 95]],
    ['everything is new all the time', [800, 750, 820, 790, 800, 760, 810, 800]],
    ['every other frame is new, so that what is usual is large', [700, 100, 720, 90, 710, 110, 705, 100]],
  ])('but not where %s', (_, sizes) => {
    const packets = [...group(0, CALM.slice(1)), ...group(2000, sizes), ...group(4000, CALM.slice(2))];
    expect(rangesOf(packets)).toEqual([
      { first: 0, last: 14 },
      { first: 32, last: 44 },
    ]);
  });

  test('from a second after the last frame that stands out', () => {
    const packets = [
      ...group(0, CALM.slice(1)),
      ...group(2000, [100, 900, 900, ...CALM]),
      ...group(4000, CALM.slice(2)),
    ];
    // That frame is at 2,480 ms, the sixth of its group; the first that is over a second later is the twentieth.
    expect(rangesOf(packets)).toEqual([
      { first: 0, last: 14 },
      { first: 34, last: 50 },
    ]);
  });

  test('but not where they last so long that nobody would know what is in them', () => {
    expect(rangesOf(group(0, Array(74).fill(100)))).toEqual([{ first: 0, last: 148 }]);
    expect(rangesOf(group(0, Array(76).fill(100)))).toEqual([]);
  });

  test('but not where frames of the next group are shown before its I-frame, and may lean on this one', () => {
    const open = group(2000, CALM).map((packet, index) => (index === 2 ? { ...packet, pts: 1960 } : packet));
    const packets = [...group(0, CALM.slice(1)), ...open, ...group(4000, CALM.slice(2))];
    expect(rangesOf(packets)).toEqual([{ first: 32, last: 44 }]);
  });

  test('but not where a packet has no timestamp, or the video begins in the middle of a group', () => {
    const untimed = group(0, CALM).map((packet, index) => (index === 3 ? { ...packet, pts: Number.NaN } : packet));
    expect(rangesOf(untimed)).toEqual([]);
    expect(rangesOf(group(0, CALM).slice(1))).toEqual([]);
    expect(rangesOf([])).toEqual([]);
  });

  test('but not where most are of one length: I-frames come by the clock, and say nothing of cuts', () => {
    const sizes = [CALM, CALM, CALM.slice(1), CALM, CALM.slice(2)];
    expect(rangesOf(sizes.flatMap((each, at) => group(at * 2000, each)))).toEqual([]);
  });

  test('and of too many the longest are left out', () => {
    const loud = [900, 900];
    const packets = [CALM, loud, CALM.slice(2), loud, CALM.slice(4)].flatMap((sizes, at) => group(at * 2000, sizes));
    expect(rangesOf(packets, 2).map(({ first, last }) => last - first)).toEqual([16, 12]);
    expect(rangesOf(packets, 3)).toHaveLength(3);
  });
});
