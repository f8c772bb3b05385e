import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DryRun } from '../../src/backfill/dry-run.ts';
import type { RunView } from '../../src/backfill/view.ts';
import { randomFrom } from '../chaos/random.ts';
import { framescribe } from '../integration/framescribe.ts';
import { work } from '../integration/queue-site.ts';
import { startRedis } from '../services/redis-server.ts';

/** `npx tsx test/backfill/estimate-beside-run.ts [clips] [seed]`: what a dry run says, beside what the run then took. */
const [CLIPS, SEED] = [Number(process.argv[2] ?? 40), Number(process.argv[3] ?? 1)];
const [SHORTEST_S, LONGEST_S] = [1, 12];

const random = randomFrom(SEED);
const folder = await mkdtemp(join(tmpdir(), 'fs-estimate-'));
await using redis = await startRedis();
try {
  for (let number = 0; number < CLIPS; number++) {
    const seconds = random.between(SHORTEST_S, LONGEST_S).toFixed(2);
    const drawing = `testsrc2=size=320x180:rate=25:duration=${seconds},hue=h=${number * 37}`;
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '50'];
    const file = join(folder, `${number}.mp4`);
    execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', drawing, ...codec, file]);
  }
  const env = {
    REDIS_URL: redis.url,
    FRAMESCRIBE_QUEUE_STORE: join(folder, 'out'),
    FRAMESCRIBE_FETCH_FOLDERS: folder,
    FRAMESCRIBE_TEMP_DIR: folder,
    FRAMESCRIBE_OBSERVE_PRICE_PER_CPU_HOUR: '1',
  };
  const dry = await framescribe(['backfill', folder, '--dry-run', '--json', '--sample', '15'], env);
  if (dry.exitCode !== 0) throw new Error(dry.stderr);
  const { cpuHours, videoHours, measured }: DryRun = JSON.parse(dry.stdout);
  await using _worker = await work(env);
  const run = await framescribe(['backfill', folder, '--name', 'real', '--json'], env);
  const real: RunView = JSON.parse(run.stdout);
  const [told, took] = [(cpuHours?.value ?? Number.NaN) * 3600, real.cpuHours * 3600];
  console.log({ clips: real.completed, describedHere: measured, toldCpuS: told, tookCpuS: took, ratio: told / took });
  console.log({
    bounds: cpuHours && [cpuHours.low * 3600, cpuHours.high * 3600],
    videoRatio: videoHours.value / real.videoHours,
  });
  const later = await framescribe(['backfill', folder, '--dry-run', '--all', '--json', '--sample', '15'], env);
  const again: DryRun = JSON.parse(later.stdout);
  console.log({ byResultsInStore: again.measured, ratio: ((again.cpuHours?.value ?? Number.NaN) * 3600) / took });
} finally {
  await rm(folder, { recursive: true, force: true });
}
