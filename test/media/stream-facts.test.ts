import { describe, expect, test } from 'vitest';
import type { Warning } from '../../src/domain/result.ts';
import { parseReport } from '../../src/media/ffprobe-report.ts';
import { pictureFacts } from '../../src/media/stream-facts.ts';

const size = { width: 640, height: 480 };

function factsOf(stream: Record<string, unknown>) {
  const warnings: Warning[] = [];
  const { facts, mirrored, transfer, matrix } = pictureFacts({ index: 0, ...stream }, size, warnings);
  return { ...facts, mirrored, transfer, matrix, warnings: warnings.map(({ code }) => code) };
}

describe('rotation', () => {
  test.each([
    [undefined, 0, []],
    [-90, 90, []],
    [90, 270, []],
    [180, 180, []],
    [-180, 180, []],
    [270, 90, []],
    [-44, 0, ['ROTATION_ROUNDED']],
    [100, 270, ['ROTATION_ROUNDED']],
    [-(2 ** 63), 0, ['ROTATION_ROUNDED']],
  ])('of a display matrix of %s degrees is %s clockwise', (rotation, upright, warnings) => {
    const side = rotation === undefined ? {} : { side_data_list: [{}, { rotation }] };
    expect(factsOf(side)).toMatchObject({ rotation: upright, warnings });
  });

  test('swaps the sides of what is shown', () => {
    const turned = factsOf({ side_data_list: [{ rotation: -90 }] });
    expect(turned).toMatchObject({ width: 640, height: 480, displayWidth: 480, displayHeight: 640 });
  });
});

test.each([
  ['no matrix', undefined, false],
  ['a turn', [0, 65536, -65536, 0], false],
  ['a reflection', [-65536, 0, 0, 65536], true],
  ['a slanted reflection', [46341, 46341, 46341, -46341], true],
  ['nothing but zeros', [0, 0, 0, 0], false],
])('a picture with %s in its display matrix', (_, numbers, mirrored) => {
  const [a, b, c, d] = numbers ?? [];
  const displaymatrix = `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`;
  expect(factsOf(numbers ? { side_data_list: [{ displaymatrix }] } : {}).mirrored).toBe(mirrored);
});

describe('the sample aspect ratio', () => {
  test.each([
    ['1:1', 640, 480, '1/1', []],
    ['4:3', 853, 480, '4/3', []],
    ['3:4', 640, 640, '3/4', []],
    ['0:1', 640, 480, '1/1', []],
    ['0:0', 640, 480, '1/1', []],
    ['nonsense', 640, 480, '1/1', []],
    ['2147483647:1', 640, 480, '1/1', ['ASPECT_IGNORED']],
    ['1:99999', 640, 480, '1/1', ['ASPECT_IGNORED']],
  ])('%s shows 640×480 as %s×%s', (told, displayWidth, displayHeight, sampleAspectRatio, warnings) => {
    const facts = factsOf({ sample_aspect_ratio: told });
    expect(facts).toMatchObject({ displayWidth, displayHeight, sampleAspectRatio, warnings });
  });
});

test('PQ and HLG are HDR; interlacing, alpha and frame rate are told from what the stream says', () => {
  expect(factsOf({ color_transfer: 'smpte2084' })).toMatchObject({ transfer: 'pq', hdr: true });
  expect(factsOf({ color_transfer: 'arib-std-b67' })).toMatchObject({ transfer: 'hlg', hdr: true });
  expect(factsOf({ color_transfer: 'bt709' })).toMatchObject({ transfer: 'sdr', hdr: false });
  expect(factsOf({ field_order: 'tt' }).interlaced).toBe(true);
  expect(factsOf({ field_order: 'progressive' }).interlaced).toBe(false);
  expect(factsOf({ pix_fmt: 'yuva420p' }).alpha).toBe(true);
  expect(factsOf({ pix_fmt: 'yuv420p', tags: { alpha_mode: '1' } }).alpha).toBe(true);
  expect(factsOf({ pix_fmt: 'yuv420p' }).alpha).toBe(false);
  expect(factsOf({ avg_frame_rate: '0/0', r_frame_rate: '25/1' }).frameRate).toBe('25/1');
  expect(factsOf({ avg_frame_rate: '0/0' }).frameRate).toBe('0/1');
});

test('a report that is not what ffprobe writes is no report', () => {
  const format = { format_name: 'mov' };
  expect(parseReport(JSON.stringify({ format, streams: [] }))).toEqual({ format, streams: [] });
  for (const broken of ['', 'null', '{}', '[]', '{"format":{"format_name":1},"streams":[]}', '{"streams":']) {
    expect(parseReport(broken)).toBeNull();
  }
  expect(parseReport(JSON.stringify({ format, streams: [{ index: 0, width: -5 }] }))).toBeNull();
});
