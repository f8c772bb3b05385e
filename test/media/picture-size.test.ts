import { expect, test } from 'vitest';
import type { Probe } from '../../src/domain/scan.ts';
import { pictureSize } from '../../src/media/filter-graph.ts';

const film = { facts: { displayWidth: 1920, displayHeight: 1080 } } as Probe;
const phone = { facts: { displayWidth: 360, displayHeight: 640 } } as Probe;

test.each([
  ['as wide as asked for', film, 'references', 1280, { width: 1280, height: 720 }],
  ['smaller in a preview', film, 'keys', 1280, { width: 512, height: 288 }],
  ['no larger in a preview than asked for', film, 'keys', 480, { width: 480, height: 270 }],
  ['never larger than the video', phone, 'all', 1280, { width: 360, height: 640 }],
] as const)('pictures are %s', (_, probe, frames, maxWidth, size) => {
  expect(pictureSize(probe, { frames }, { maxWidth })).toEqual(size);
});
