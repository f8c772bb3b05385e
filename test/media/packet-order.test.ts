import { expect, test } from 'vitest';
import { PacketOrder } from '../../src/media/packet-order.ts';

const line = (pts: number) => `0, ${pts}, ${pts}, 1, 100, 0x00000000, F=0x0`;

function order() {
  const shown: number[] = [];
  return { shown, packets: new PacketOrder({ num: 1, den: 25 }, (pts) => shown.push(pts)) };
}

test('packets are told in the order in which they are shown, from the first frame on', () => {
  const { shown, packets } = order();
  packets.begin(1);
  for (const pts of [0, 1, 4, 2, 3]) packets.take(line(pts));
  packets.flush();
  expect(shown).toEqual([1, 2, 3, 4]);
});

test('packets of hours may all come before the first frame, as from a sieve that is far ahead', () => {
  const { shown, packets } = order();
  for (let pts = 0; pts < 200_000; pts++) packets.take(line(pts));
  packets.flush();
  expect(shown).toEqual([]);
  packets.begin(5);
  expect(shown).toHaveLength(199_995);
  expect(shown[0]).toBe(5);
});
