import defaults from '../../config/default.json' with { type: 'json' };
import { config } from '../../src/domain/config.ts';
import { probe } from '../../src/media/probe.ts';
import { scan } from '../../src/media/scan.ts';

/** Scans `argv[2]` into the folder `argv[3]` and stops reading after the first event, so that FFmpeg waits. */
const [, , path = '', folder = ''] = process.argv;
const settings = config.parse(defaults);
const { signal } = new AbortController();

async function stall(): Promise<void> {
  const probed = await probe(path, settings, signal);
  for await (const { kind } of scan(path, probed, settings, { signal, folder })) {
    console.log(kind);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
}

void stall();
