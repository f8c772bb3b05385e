import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip, source, temporaryFolder, X264 } from '../media/clips.ts';
import { runningPrograms } from '../media/processes.ts';
import { attempt } from './attempt.ts';
import { FileCanary, NetworkCanary } from './canary.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const VICTIM = at('victim.ts');

let victim: FileCanary;
let secret: FileCanary;
let network: NetworkCanary;

beforeAll(async () => {
  makeClip(VICTIM, ...source('testsrc=size=64x64:duration=3'), ...X264);
  victim = new FileCanary(VICTIM, readFileSync(VICTIM));
  secret = new FileCanary(at('secret.txt'), 'a secret\n');
  network = await NetworkCanary.listen(0);
});
afterAll(() => network.close());

function playlist(...entries: readonly string[]): string {
  return [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:3',
    ...entries.flatMap((e) => ['#EXTINF:3.0,', e]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

describe('a file that asks FFmpeg to open something else is refused, and nothing else is opened', () => {
  const url = () => `http://127.0.0.1:${network.port}/canary`;
  const cases: readonly (readonly [string, () => string])[] = [
    ['playlist of a local video.mp4', () => playlist(VICTIM)],
    ['playlist of a local video.m3u8', () => playlist(VICTIM)],
    ['playlist of a local video.mkv', () => playlist(`file://${VICTIM}`)],
    ['playlist of an address.mp4', () => playlist(url())],
    ['playlist with concat.avi', () => playlist(`concat:${url()}?|file://${at('secret.txt')}`)],
    [
      'playlist with a key.mp4',
      () => `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${url()}"\n#EXTINF:1,\n${at('secret.txt')}\n`,
    ],
    ['live playlist.mp4', () => '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nmissing.ts\n'],
    ['concat script.mp4', () => `ffconcat version 1.0\nfile ${VICTIM}\nfile ${url()}\n`],
    ['relative concat script.mov', () => "ffconcat version 1.0\nfile 'victim.ts'\nduration 3\n"],
    [
      'dash manifest.mp4',
      () =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><BaseURL>${url()}/</BaseURL></Period></MPD>`,
    ],
    [
      'session description.mp4',
      () =>
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 18100 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
    ],
    ['rtsp redirect.mov', () => `RTSPtext\nrtsp://127.0.0.1:${network.port}/canary\n`],
    [
      'drawing.svg.mp4',
      () =>
        `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="${url()}" width="64" height="64"/></svg>`,
    ],
    ['song list.mp4', () => `[playlist]\nFile1=${url()}\nNumberOfEntries=1\n`],
    ['lyrics.mp4', () => '[00:01.00]la la la\n'.repeat(50)],
    ['subtitles.mp4', () => '1\n00:00:00,000 --> 00:00:02,000\nHello\n\n'.repeat(50)],
  ];

  test.each(cases)('%s', async (name, content) => {
    const path = at(name);
    writeFileSync(path, content());
    const { error, tookMs, litter } = await attempt(path);
    expect(error).toMatchObject({ code: 'NOT_A_VIDEO', kind: { exitCode: 3 } });
    expect(tookMs).toBeLessThan(10_000);
    expect(litter).toEqual([]);
    expect(runningPrograms()).toEqual([]);
    expect({ victim: victim.wasRead, secret: secret.wasRead, network: network.contacts }).toEqual({
      ...{ victim: false, secret: false, network: 0 },
    });
  });

  test('the canaries do tell: FFmpeg without our guards reads the other video', async () => {
    const path = at('control.m3u8');
    writeFileSync(path, playlist(VICTIM));
    await promisify(execFile)('ffprobe', ['-v', 'error', path]);
    expect(victim.wasRead).toBe(victim.isTelling);
  });
});

describe('a huge picture in a small file', () => {
  test('is refused quickly, by the header or when its first frame says so', async () => {
    const header = Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00', 'latin1');
    const frame = Buffer.from(
      ',\x00\x00\x00\x00\xff\xff\xff\xff\x80\x00\x00\x00\xff\xff\xff\x02\x02D\x01\x00;',
      'latin1',
    );
    writeFileSync(at('canvas.gif'), Buffer.concat([header, frame]));
    const { error, tookMs } = await attempt(at('canvas.gif'));
    expect(error).toMatchObject({ code: 'TOO_MANY_PIXELS' });
    expect(tookMs).toBeLessThan(5000);
  });
});

describe('damage anywhere in a small video ends in a result or a typed refusal', () => {
  const KINDS = ['mp4', 'mkv', 'ts', 'avi', 'flv', 'ogv', 'gif'] as const;

  test.each(KINDS)('%s', async (kind) => {
    mkdirSync(at(kind), { recursive: true });
    const codec = kind === 'ogv' ? ['-c:v', 'libtheora'] : kind === 'gif' ? [] : X264;
    const whole = readFileSync(
      makeClip(at(`whole.${kind}`), ...source('testsrc=size=96x64:rate=10:duration=2'), ...codec),
    );
    for (const [index, damage] of DAMAGES.entries()) {
      const path = join(folder, kind, `${index}.${kind}`);
      writeFileSync(path, damage(Buffer.from(whole)));
      const { error, shots, keyframes, litter } = await attempt(path);
      const told = `damage ${index}: ${error?.code} ${error?.message}`;
      if (error) expect(error.kind.exitCode, told).toBe(3);
      else expect(shots > 0 && keyframes > 0, told).toBe(true);
      expect(litter, told).toEqual([]);
    }
    expect(runningPrograms()).toEqual([]);
  });
});

const DAMAGES: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => bytes.subarray(0, 7),
  (bytes) => bytes.subarray(0, Math.floor(bytes.length / 3)),
  (bytes) => bytes.subarray(0, bytes.length - 20),
  (bytes) => bytes.fill(0, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2)),
  (bytes) => bytes.map((value, index) => (index % 97 === 50 ? value ^ 0xff : value)) as Buffer,
  (bytes) => bytes.fill(0xff, 40, 120),
  (bytes) => Buffer.concat([bytes, Buffer.alloc(10_000, 0x5a)]),
  (bytes) => Buffer.concat([Buffer.alloc(4096, 0x5a), bytes]),
];
