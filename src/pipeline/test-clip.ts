const WIDTH = 160;
const HEIGHT = 96;
const FRAMES_PER_SECOND = 25;

export const TEST_CLIP_SECONDS = 2;

/**
 * A small uncompressed video with one hard cut in its middle: stripes, then a chequerboard in other colours. As
 * YUV4MPEG2, planar YCbCr 4:2:0, so that no encoder is needed to write it.
 */
export function testClip(): Buffer {
  const header = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`;
  const frames = Array.from({ length: TEST_CLIP_SECONDS * FRAMES_PER_SECOND }, (_, index) => {
    const first = index < (TEST_CLIP_SECONDS * FRAMES_PER_SECOND) / 2;
    const luma = plane(WIDTH, HEIGHT, (x, y) =>
      first ? 60 + 100 * (y & 8 ? 1 : 0) : 90 + 130 * ((x ^ y) & 16 ? 1 : 0),
    );
    const blue = plane(WIDTH / 2, HEIGHT / 2, () => (first ? 170 : 90));
    const red = plane(WIDTH / 2, HEIGHT / 2, () => (first ? 100 : 180));
    return Buffer.concat([Buffer.from('FRAME\n'), luma, blue, red]);
  });
  return Buffer.concat([Buffer.from(header), ...frames]);
}

function plane(width: number, height: number, value: (x: number, y: number) => number): Buffer {
  const bytes = Buffer.alloc(width * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) bytes[y * width + x] = value(x, y);
  return bytes;
}
