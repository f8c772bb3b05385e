import sharp from 'sharp';

const WIDTH = 320;
const QUALITY = 70;

/** A small JPEG of a picture, for people who wait. */
export function previewOf(file: string): Promise<Buffer> {
  return sharp(file).resize({ width: WIDTH, withoutEnlargement: true }).jpeg({ quality: QUALITY }).toBuffer();
}
