import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBundle, loadBundle } from '../src/caption/bundle.ts';
import { createDescriber } from '../src/caption/describer.ts';
import { openNetwork } from '../src/caption/network.ts';
import type { Config } from '../src/domain/config.ts';
import type { Result } from '../src/domain/result.ts';
import { bundleFolder, captionerSettings } from '../src/pipeline/settings.ts';
import type { Cost } from './cost.ts';

/** Raw ONNX Runtime: the time inside both graphs for the pictures of a result, on this thread, in full batches. */
export async function timeGraphs(folder: string, config: Config): Promise<Cost> {
  const bundle = await loadBundle(await findBundle(config.caption.model, bundleFolder(config)));
  const network = await openNetwork(bundle);
  const spent = { wall: 0, cpu: 0 };
  for (const session of [network.encoder, network.decoder]) {
    const run = session.run.bind(session);
    session.run = async (...args: unknown[]) => {
      const start = performance.now();
      const cpu = process.cpuUsage();
      const outputs = await run(...(args as Parameters<typeof run>));
      const { user, system } = process.cpuUsage(cpu);
      spent.wall += (performance.now() - start) / 1000;
      spent.cpu += (user + system) / 1e6;
      return outputs;
    };
  }
  const settings = captionerSettings(config, bundle);
  const describe = createDescriber(bundle, network, settings);
  const { keyframes } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Result;
  const pictures = keyframes.filter(({ sameAs }) => sameAs === undefined).map(({ image }) => join(folder, image));
  for (let from = 0; from < pictures.length; from += settings.batch) {
    await describe(pictures.slice(from, from + settings.batch));
  }
  await network.close();
  return spent;
}
