import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Graph } from './onnx.ts';
import { temporaryFolder, tinyBundle } from './temporary.ts';

const script = fileURLToPath(new URL('./leave-while-captioning.ts', import.meta.url));
const home = temporaryFolder();

/** Adds products with a large matrix of zeros, one after the other: a step takes a tenth of a second and says the same. */
function slowDown(graph: Graph): Graph {
  const side = 1024;
  const rounds = Array.from({ length: 50 }, (_, index) => index);
  return {
    ...graph,
    constants: [
      ...graph.constants,
      { name: 'side', shape: [2], numbers: BigInt64Array.of(BigInt(side), BigInt(side)) },
      { name: 'entry', shape: [16, side], numbers: new Float32Array(16 * side) },
    ],
    nodes: [
      ...graph.nodes.filter(({ op }) => op !== 'LogSoftmax'),
      { op: 'ConstantOfShape', inputs: ['side'], outputs: ['zeros'] },
      { op: 'MatMul', inputs: ['h', 'entry'], outputs: ['slow_0'] },
      ...rounds.map((index) => ({ op: 'MatMul', inputs: [`slow_${index}`, 'zeros'], outputs: [`slow_${index + 1}`] })),
      { op: 'ReduceMean', inputs: ['slow_50'], outputs: ['nothing'], attributes: { axes: [1], keepdims: 1 } },
      { op: 'Add', inputs: ['scores', 'nothing'], outputs: ['late_scores'] },
      { op: 'LogSoftmax', inputs: ['late_scores'], outputs: ['log_probabilities'], attributes: { axis: 1 } },
    ],
  };
}

const slow = tinyBundle(home, 'lstm', { decoder: slowDown });

test.each(['exit', 'close'])('a process can %s in the middle of inference without being aborted', (way) => {
  const { status, signal, stderr, stdout } = spawnSync(process.execPath, ['--import', 'tsx', script, slow, way], {
    encoding: 'utf8',
  });
  expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: '' });
  if (way === 'close') expect(Number(stdout)).toBeLessThan(2000);
});
