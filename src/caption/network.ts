import './no-telemetry.ts';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { FramescribeError } from '../domain/errors.ts';
import type { Bundle } from './bundle.ts';
import { readBundleFile } from './bundle-file.ts';
import type { Guard } from './gate.ts';
import { checkTensors } from './tensors.ts';

/** The two graphs of a bundle, open in ONNX Runtime. */
export interface Network {
  readonly encoder: InferenceSession;
  readonly decoder: InferenceSession;
  /** Goes around every call into ONNX Runtime. */
  readonly guard: Guard;
  readonly close: () => Promise<void>;
}

/** Of ONNX Runtime. */
export const RUNTIME_VERSION = env.versions.node ?? env.versions.common;

/** One thread a session: more are not faster beside FFmpeg, and a pool of threads would spin. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

/**
 * Opens a bundle's graphs from the very bytes that were checked, and compares their tensors with the manifest.
 * Blocks the thread while it works.
 *
 * @throws {FramescribeError} BUNDLE_DAMAGED or BUNDLE_INVALID.
 */
export async function openNetwork(bundle: Bundle, guard: Guard = (call) => call()): Promise<Network> {
  const { encoder, decoder } = bundle.manifest;
  const first = await openSession(bundle, encoder.file, guard);
  const second = await openSession(bundle, decoder.file, guard);
  checkTensors(bundle, first, second);
  return {
    encoder: first,
    decoder: second,
    guard,
    close: async () => {
      await first.release();
      await second.release();
    },
  };
}

/**
 * Runs a graph, which writes to the tensors of `outputs`. Blocks the thread while it works.
 *
 * @throws {FramescribeError} INFERENCE_FAILED, also where an output has another shape than it should.
 */
export async function runGraph(
  network: Network,
  graph: 'encoder' | 'decoder',
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<void> {
  await network
    .guard(() => network[graph].run(inputs, outputs))
    .catch((cause) => {
      if (cause instanceof FramescribeError) throw cause;
      throw new FramescribeError('INFERENCE_FAILED', `ONNX Runtime: ${(cause as Error).message}`, { cause });
    });
}

/** A view of the first numbers as a float32 tensor. */
export function tensorOf(numbers: Float32Array | undefined, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return new Tensor('float32', numbers?.subarray(0, size) ?? new Float32Array(size), shape);
}

async function openSession(bundle: Bundle, file: string, guard: Guard): Promise<InferenceSession> {
  const bytes = await readBundleFile(bundle, file);
  return guard(() => InferenceSession.create(bytes, SESSION_OPTIONS)).catch((cause) => {
    if (cause instanceof FramescribeError) throw cause;
    throw new FramescribeError('BUNDLE_INVALID', `ONNX Runtime can't open ${file}: ${(cause as Error).message}`, {
      cause,
    });
  });
}
