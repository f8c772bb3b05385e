import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Config } from '../src/domain/config.ts';
import { requireSpace } from '../src/fetch/disk-space.ts';

/** Less than this is no room to begin anything with. */
const ROOM_BYTES = 16 << 20;
const LOOK_EVERY_MS = 1_000;

/**
 * Lets a worker take no jobs until its temporary folder has room again: one job after another would fail here, while
 * other workers may well have room. Returns once it's paused; goes on by itself.
 */
export async function pauseUntilRoom(worker: Worker, config: Config, stopping: AbortSignal): Promise<void> {
  if (worker.isPaused() || stopping.aborted) return;
  await worker.pause(true);
  const hasRoom = () =>
    requireSpace(config.tempDir || tmpdir(), ROOM_BYTES, config.temp.keepFreeBytes).then(
      () => true,
      () => false,
    );
  const goOn = async () => {
    do await wait(LOOK_EVERY_MS, undefined, { signal: stopping, ref: false });
    while (!(await hasRoom()));
    worker.resume();
  };
  goOn().catch(() => {}); // It has been told to stop.
}
