// A thread for the tests of the pool: doubles numbers, and does as told by words.
import { parentPort, workerData } from 'node:worker_threads';

const { data } = workerData;
if (data === 'never') throw new Error('no sessions today');
if (data === 'refuse') {
  parentPort.postMessage({ kind: 'failed', error: { code: 'BUNDLE_INVALID', message: 'not this one' } });
} else {
  parentPort.on('message', ({ kind, items }) => {
    if (kind === 'close') return parentPort.close();
    if (items.includes('exit')) process.exit(7);
    if (items.includes('throw')) throw new Error('out of luck');
    if (items.includes('spin')) for (;;);
    const answers = items.map((item) =>
      item === 'refuse'
        ? { error: { code: 'PICTURE_UNREADABLE', message: 'no' } }
        : { value: [item * 2, items.length] },
    );
    parentPort.postMessage({ kind: 'answers', json: JSON.stringify(answers) });
  });
  parentPort.postMessage({ kind: 'ready' });
}
