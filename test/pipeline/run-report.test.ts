import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measures, runReport } from '../../src/domain/run.ts';
import { joinMeasures, Meter } from '../../src/pipeline/meter.ts';
import { reportRun } from '../../src/pipeline/run-report.ts';
import { testClip } from '../../src/pipeline/test-clip.ts';
import { framescribe } from '../integration/framescribe.ts';

const PRICE = { observe: { pricePerCpuHour: 0.04 } as never };

test('a meter counts what this process and its programs take, stage by stage', async () => {
  using meter = new Meter();
  const spin = async () => {
    const [start, before] = [performance.now(), process.cpuUsage()];
    // On a busy machine a process waits for its turn: what it takes isn't what passes.
    while (performance.now() - start < 120 || process.cpuUsage(before).user < 60_000);
  };
  await meter.stage('scan', spin);
  await meter.stage('caption', async () => {
    const loop =
      'const held = Buffer.alloc(6e7, 1); while (process.cpuUsage().user < 100_000); process.exit(held[0] - 1)';
    expect(spawnSync(process.execPath, ['-e', loop]).status).toBe(0);
  });
  await meter.stage('scan', spin);
  meter.add({ bytesIn: 7, captions: 2 });
  const own = meter.measures();
  expect(measures.parse(own)).toEqual(own);
  expect(own).toMatchObject({ bytesIn: 7, bytesOut: 0, captions: 2 });
  expect(own.stages.map(({ stage }) => stage)).toEqual(['scan', 'caption']);
  expect(own.stages[0]?.wallMs).toBeGreaterThanOrEqual(239);
  expect(own.cpuMs).toBeGreaterThan(100);
  if (process.platform === 'linux') expect(own.ffmpegCpuMs).toBeGreaterThan(50);
  expect(own.peakMemoryBytes).toBeGreaterThan(30e6);
  meter.include(own);
  expect(meter.measures()).toMatchObject({ bytesIn: 14, captions: 4 });
});

test('pieces add up in whatever order they come', () => {
  const piece = fc.record({
    stages: fc.uniqueArray(fc.record({ stage: fc.constantFrom('fetch', 'scan', 'caption'), wallMs: fc.nat() }), {
      selector: ({ stage }) => stage,
    }),
    wallMs: fc.nat(),
    cpuMs: fc.nat(),
    ffmpegCpuMs: fc.option(fc.nat()),
    bytesIn: fc.nat(),
    bytesOut: fc.nat(),
    captions: fc.nat(),
    peakMemoryBytes: fc.nat(),
  });
  const sorted = (joined: ReturnType<typeof joinMeasures>) => ({
    ...joined,
    stages: [...joined.stages].sort((a, b) => (a.stage < b.stage ? -1 : 1)),
  });
  fc.assert(
    fc.property(piece, piece, piece, (a, b, c) => {
      expect(sorted(joinMeasures(joinMeasures(a, b), c))).toEqual(sorted(joinMeasures(c, joinMeasures(b, a))));
    }),
  );
});

test('a price for an hour of one processor gives the cost of a video, and of an hour of such video', () => {
  const taken = {
    stages: [],
    wallMs: 30_000,
    cpuMs: 20_000,
    ffmpegCpuMs: 16_000,
    bytesIn: 1,
    bytesOut: 1,
    captions: 1,
  };
  const report = reportRun({ ...taken, peakMemoryBytes: 1 }, { durationMs: 60_000, ffmpeg: '5.1.9' }, PRICE);
  expect(runReport.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    speed: 2,
    cpuSecondsPerVideoHour: 2160,
    cost: { pricePerCpuHour: 0.04, total: 0.0004, perVideoHour: 0.024 },
  });
});

test('`caption` writes run.json, tells the cost where a price is set, and `verify` looks at it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framescribe-run-'));
  try {
    const clip = join(folder, 'clip.y4m');
    await writeFile(clip, testClip());
    const env = { FRAMESCRIBE_OBSERVE_PRICE_PER_CPU_HOUR: '0.05' };
    const run = await framescribe(['caption', clip, '--out', folder], env);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/cost: [\d.e-]+ \([\d.]+ for an hour of video\)/);
    const text = await readFile(join(folder, 'clip', 'run.json'), 'utf8');
    const report = runReport.parse(JSON.parse(text));
    expect(report.bytesIn).toBe(testClip().byteLength);
    const manifest = JSON.parse(await readFile(join(folder, 'clip', 'manifest.json'), 'utf8'));
    const others = manifest.files.filter(({ name }: { name: string }) => name !== 'run.json');
    expect(report.bytesOut).toBe(others.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0));
    expect(report.captions).toBeGreaterThan(0);
    expect(report.stages.map(({ stage }) => stage)).toEqual(['probe', 'scan', 'caption', 'summarise', 'publish']);
    expect(report.versions.ffmpeg).toMatch(/\d/);
    expect(report.peakMemoryBytes).toBeGreaterThan(50e6);
    expect(text).not.toContain(hostname());
    expect((await framescribe(['verify', join(folder, 'clip')])).stdout).toContain('run.json');

    expect((await framescribe(['caption', clip, '--out', folder])).stdout).not.toContain('cost:');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
