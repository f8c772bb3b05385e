// A process that ends, or closes its captioner, while threads are inside ONNX Runtime: `… <bundle> exit|close`.
import { loadBundle } from '../../src/caption/bundle.ts';
import { openCaptioner } from '../../src/caption/captioner.ts';
import { paint } from './pictures.ts';

const [folder = '', way] = process.argv.slice(2);
const settings = { threads: 2, batch: 8, beam: 0, nBest: 3, attention: false };
const captioner = await openCaptioner(await loadBundle(folder), settings);
const pictures = await paint(32);
captioner.caption(pictures).catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 300));
if (way === 'exit') process.exit(7);
const start = performance.now();
await captioner.close();
console.log(Math.round(performance.now() - start));
process.exitCode = 7;
