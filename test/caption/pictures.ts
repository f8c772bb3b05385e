import sharp from 'sharp';

/** A JPEG of one colour. */
export function plain(colour: string, width = 64, height = 48): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();
}

/** JPEGs that differ: patches of colour on a gradient, always the same for the same number. */
export function paint(count: number, width = 320, height = 240): Promise<readonly Buffer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => paintOne(index, width, height)));
}

function paintOne(seed: number, width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const patch = Math.imul((x >> 5) + 31 * (y >> 5) + 977 * seed, 0x9e3779b1) >>> 8;
      const at = (y * width + x) * 3;
      pixels[at] = (patch & 127) + ((x * 127) / width) * (seed % 2);
      pixels[at + 1] = ((patch >> 7) & 127) + ((y * 127) / height) * (seed % 3 === 0 ? 1 : 0);
      pixels[at + 2] = ((patch >> 14) & 127) + (seed % 5) * 25;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}
