/**
 * What ONNX Runtime's settings and kernels cost: `npx tsx bench/runtime.ts [bundle]`.
 *
 * The first table runs a bundle's graphs as the captioner does (two pictures, and the rows of eight pictures at a beam of
 * five), with one setting at a time other than its own. The second runs the decoder's largest layer and a layer of the
 * encoder, with weights of the same size, in float32, float16 and int8. Milliseconds a call, medians of rounds in which all
 * take turns; the ratio is of CPU time, to the first line.
 */
import '../src/caption/no-telemetry.ts';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { findBundle, loadBundle } from '../src/caption/bundle.ts';
import { readBundleFile } from '../src/caption/bundle-file.ts';
import { SESSION_OPTIONS } from '../src/caption/network.ts';
import { type Cost, timed } from '../src/caption/speed.ts';
import { type Constant, type Graph, type Node, writeOnnx } from '../test/caption/onnx.ts';
import { median } from './cost.ts';
import { mulberry } from './random.ts';

type Options = InferenceSession.SessionOptions;

const ROUNDS = 15;
/** Of one session in a row. */
const CALLS = 4;
/** So long threads may go on to spin. */
const QUIET_MS = 200;
const PICTURES = 2;
const ROWS = 40;
const random = mulberry(1);

const spinning = (on: boolean): Options => ({
  extra: { session: { intra_op: { allow_spinning: on ? '1' : '0' }, inter_op: { allow_spinning: '0' } } },
});
const SETTINGS: Readonly<Record<string, Options>> = {
  'as the captioner has them': {},
  'graphs not optimised': { graphOptimizationLevel: 'disabled' },
  'graphs optimised: basic': { graphOptimizationLevel: 'basic' },
  'graphs optimised: extended': { graphOptimizationLevel: 'extended' },
  'two threads': { intraOpNumThreads: 2 },
  'parallel execution': { executionMode: 'parallel', interOpNumThreads: 2 },
  'no memory pattern': { enableMemPattern: false },
  'no arena': { enableCpuMemArena: false },
  'one thread, spinning allowed': spinning(true),
  'two threads that spin': { intraOpNumThreads: 2, ...spinning(true) },
};

const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const FLOAT16 = 10;
const scalar = (name: string, value: number): Constant => ({ name, shape: [], numbers: Float32Array.of(value) });
const SCALARS = [scalar('zero', 0), scalar('scale', 1 / 127), scalar('y_scale', 0.2), scalar('middle', 128)];

/** `w` as int8, which ONNX Runtime makes of it once, as it opens the graph. */
const INT8_WEIGHT: readonly Node[] = [
  { op: 'Cast', inputs: ['zero'], outputs: ['w_zero'], attributes: { to: INT8 } },
  { op: 'QuantizeLinear', inputs: ['w', 'scale', 'w_zero'], outputs: ['w_int8'] },
];

type Kernels = Readonly<Record<string, readonly Node[]>>;

const DENSE: Kernels = {
  float32: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  float16: inFloat16({ op: 'MatMul', inputs: ['x_half', 'w_half'], outputs: ['y_half'] }),
  'int8, inputs rounded call by call': [
    ...INT8_WEIGHT,
    { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['x_int8', 'x_scale', 'x_zero'] },
    { op: 'MatMulInteger', inputs: ['x_int8', 'w_int8', 'x_zero'], outputs: ['y_int32'] },
    { op: 'Cast', inputs: ['y_int32'], outputs: ['y_float'], attributes: { to: FLOAT } },
    { op: 'Mul', inputs: ['x_scale', 'scale'], outputs: ['y_scaled'] },
    { op: 'Mul', inputs: ['y_float', 'y_scaled'], outputs: ['y'] },
  ],
};

const CONVOLUTION: Kernels = {
  float32: [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }],
  float16: inFloat16({ op: 'Conv', inputs: ['x_half', 'w_half'], outputs: ['y_half'] }),
  'int8, and numbers between layers too': [
    ...INT8_WEIGHT,
    { op: 'Cast', inputs: ['middle'], outputs: ['x_zero'], attributes: { to: UINT8 } },
    { op: 'QuantizeLinear', inputs: ['x', 'scale', 'x_zero'], outputs: ['x_uint8'] },
    {
      op: 'QLinearConv',
      inputs: ['x_uint8', 'scale', 'x_zero', 'w_int8', 'scale', 'w_zero', 'y_scale', 'x_zero'],
      outputs: ['y_uint8'],
    },
    { op: 'DequantizeLinear', inputs: ['y_uint8', 'y_scale', 'x_zero'], outputs: ['y'] },
  ],
};

const bundle = await loadBundle(
  await findBundle(process.argv[2] ?? 'flickr8k-lstm', join(import.meta.dirname, '../models')),
);
for (const [graph, rows] of [
  ['encoder', PICTURES],
  ['decoder', ROWS],
] as const) {
  const bytes = await readBundleFile(bundle, bundle.manifest[graph].file);
  const runs = new Map<string, InferenceSession>();
  for (const [name, options] of Object.entries(SETTINGS)) {
    runs.set(name, await InferenceSession.create(bytes, { ...SESSION_OPTIONS, ...options }));
  }
  await compare(`${bundle.manifest.name}, ${graph}, ${rows} ${graph === 'encoder' ? 'pictures' : 'rows'}`, runs, rows);
}

const { vocabulary } = bundle.manifest;
await compare(
  `a dense layer of ${ROWS} × 384 to ${vocabulary.size}`,
  await layers(DENSE, { x: ['rows', 384], w: [384, vocabulary.size], y: ['rows', vocabulary.size] }),
  ROWS,
);
await compare(
  `a 1×1 convolution, 96 to 576 channels, 14×14, ${PICTURES} pictures`,
  await layers(CONVOLUTION, { x: ['pictures', 96, 14, 14], w: [576, 96, 1, 1], y: ['pictures', 576, 14, 14] }),
  PICTURES,
);

async function compare(title: string, sessions: ReadonlyMap<string, InferenceSession>, rows: number): Promise<void> {
  const spent = new Map([...sessions.keys()].map((name) => [name, [] as Cost[]]));
  const inputs = inputsOf([...sessions.values()][0] as InferenceSession, rows);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, session] of sessions) {
      // Else what the session before spins is counted here.
      await setTimeout(QUIET_MS);
      for (let call = 0; call < CALLS; call++) {
        const { cost } = await timed(() => session.run(inputs));
        if (round >= 0) spent.get(name)?.push(cost);
      }
    }
  }
  console.log(`\n${title.padEnd(60)}${'wall'.padStart(8)}${'CPU'.padStart(8)}${'ratio'.padStart(8)}`);
  let first: number | undefined;
  for (const [name, costs] of spent) {
    const [wall, cpu] = [median(costs.map(({ wallMs }) => wallMs)), median(costs.map(({ cpuMs }) => cpuMs))];
    first ??= cpu;
    const figures = [wall, cpu, cpu / first].map((figure) => figure.toFixed(2).padStart(8));
    console.log(`  ${name.padEnd(58)}${figures.join('')}`);
  }
  for (const session of sessions.values()) await session.release();
}

/** Numbers as an input may have them, in the shapes that a graph asks for. */
function inputsOf(session: InferenceSession, rows: number): Record<string, Tensor> {
  const entries = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new Error(`Expected a tensor ${input.name}`);
    const shape = input.shape.map((side) => (typeof side === 'number' ? side : rows));
    const size = shape.reduce((product, side) => product * side, 1);
    if (input.type === 'int64')
      return [input.name, new Tensor('int64', new BigInt64Array(size).fill(5n), shape)] as const;
    return [input.name, new Tensor('float32', floats(size), shape)] as const;
  });
  return Object.fromEntries(entries);
}

function floats(size: number): Float32Array {
  return Float32Array.from({ length: size }, () => random() * 2 - 1);
}

/** A layer from `x` with `w` to `y`, by each kernel; a string is a free side. */
async function layers(
  kernels: Kernels,
  shapes: Readonly<Record<'x' | 'w' | 'y', readonly (number | string)[]>>,
): Promise<ReadonlyMap<string, InferenceSession>> {
  const shape = shapes.w.map(Number);
  const numbers = floats(shape.reduce((product, side) => product * side, 1));
  const sessions = new Map<string, InferenceSession>();
  for (const [name, nodes] of Object.entries(kernels)) {
    const graph: Graph = {
      inputs: [{ name: 'x', shape: shapes.x }],
      outputs: [{ name: 'y', shape: shapes.y }],
      constants: [{ name: 'w', shape, numbers }, ...SCALARS],
      nodes,
    };
    sessions.set(name, await InferenceSession.create(writeOnnx(graph), SESSION_OPTIONS));
  }
  return sessions;
}

function inFloat16(layer: Node): readonly Node[] {
  const half = (name: string): Node => ({
    op: 'Cast',
    inputs: [name],
    outputs: [`${name}_half`],
    attributes: { to: FLOAT16 },
  });
  return [half('x'), half('w'), layer, { op: 'Cast', inputs: ['y_half'], outputs: ['y'], attributes: { to: FLOAT } }];
}
