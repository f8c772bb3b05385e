/** Size of the pictures that shot detection looks at: planar YUV 4:2:0, video range. */
export const TINY_WIDTH = 64;
export const TINY_HEIGHT = 36;
export const TINY_BYTES = (TINY_WIDTH * TINY_HEIGHT * 3) / 2;

/** One decoded frame, reduced to 64×36: 2304 bytes of Y, then 576 of U and 576 of V. */
export interface TinyFrame {
  /** From the first shown frame, in the video's time base. */
  readonly ticks: number;
  readonly yuv: Uint8Array;
}
