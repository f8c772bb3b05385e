/** How films are encoded to be measured by: one entry a codec of the test set, and a fixed group of pictures. */
export const ENCODINGS: Readonly<Record<string, readonly string[]>> = {
  'x264.mp4': ['-c:v', 'libx264', '-pix_fmt', 'yuv420p'],
  'x264-g48.mp4': ['-c:v', 'libx264', '-g', '48', '-keyint_min', '48', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
  'x265.mp4': ['-c:v', 'libx265', '-preset', 'medium', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p'],
  'mpeg2.mkv': ['-c:v', 'mpeg2video', '-bf', '2', '-q:v', '4'],
  'mpeg4.mp4': ['-c:v', 'mpeg4', '-bf', '2', '-q:v', '4'],
  'vp9.webm': ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '6', '-crf', '32', '-b:v', '0'],
  'av1.mkv': ['-c:v', 'libsvtav1', '-preset', '9', '-crf', '35'],
  'prores.mov': ['-c:v', 'prores_ks', '-profile:v', '1'],
};
