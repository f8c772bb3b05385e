/**
 * The containers that FFmpeg may open, by the names of its demuxers. Every one holds its pictures itself: none reads
 * other files or addresses, as playlists, scripts and image sequences do, and none takes text for a picture.
 */
export const DEMUXERS: readonly string[] = [
  'mov',
  'matroska',
  'avi',
  'mpegts',
  'mpeg',
  'mpegvideo',
  'flv',
  'asf',
  'ogg',
  'mxf',
  'gxf',
  'gif',
  'apng',
  'ivf',
  'rm',
  'swf',
  'wtv',
  'dv',
  'nut',
  'yuv4mpegpipe',
  'h261',
  'h263',
  'h264',
  'hevc',
  'm4v',
  'vc1',
  'av1',
  'obu',
];

/** First bytes of the commonest of these containers: such a file that doesn't open is damaged, not foreign. */
export function looksLikeVideo(head: Buffer): boolean {
  const text = head.toString('latin1', 0, 16);
  return (
    /^....(ftyp|moov|mdat|moof|styp|free|skip|wide)/s.test(text) ||
    /^(RIFF....AVI |OggS|FLV|GIF8|\.RMF|DKIF|[FC]WS|nut\/)/s.test(text) ||
    SIGNATURES.some((signature) => head.subarray(0, signature.length).equals(signature)) ||
    [0, 188, 376].every((offset) => head[offset] === 0x47)
  );
}

const SIGNATURES = [
  '1a45dfa3', // Matroska, WebM: EBML
  '3026b2758e66cf11', // ASF
  '060e2b34', // MXF
  '000001ba', // MPEG program stream
  '000001b3', // MPEG video
].map((hex) => Buffer.from(hex, 'hex'));
