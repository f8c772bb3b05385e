import type { InferenceSession } from 'onnxruntime-node';
import { FramescribeError } from '../domain/errors.ts';
import type { Bundle } from './bundle.ts';

/** A tensor as a manifest tells of it; null is a side that has to be free. */
interface ExpectedTensor {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  readonly shape: readonly (number | null)[];
}

/**
 * Compares names, types and shapes of the graphs' tensors with the manifest. A side that a graph leaves open fits.
 *
 * @throws {FramescribeError} BUNDLE_INVALID with all that differs.
 */
export function checkTensors(
  { manifest, classWords }: Pick<Bundle, 'manifest' | 'classWords'>,
  encoder: InferenceSession,
  decoder: InferenceSession,
): void {
  const { input, encoder: encoding, decoder: decoding, vocabulary, words } = manifest;
  const features = [null, encoding.regions, encoding.featureSize];
  const float = (name: string, shape: ExpectedTensor['shape']) => ({ name, type: 'float32', shape }) as const;
  const faults = [
    ...compare(encoding.file, 'input', encoder.inputMetadata, true, [
      float(input.name, [null, 3, input.height, input.width]),
    ]),
    ...compare(encoding.file, 'output', encoder.outputMetadata, false, [
      float(encoding.features, features),
      ...encoding.states.map((name, index) => float(name, [null, decoding.states[index]?.size ?? 0])),
      ...(words && classWords ? [float(words.output, [null, classWords.length])] : []),
    ]),
    ...compare(decoding.file, 'input', decoder.inputMetadata, true, [
      { name: decoding.word, type: 'int64', shape: [null] },
      float(decoding.features, features),
      ...decoding.states.map((state) => float(state.input, [null, state.size])),
    ]),
    ...compare(decoding.file, 'output', decoder.outputMetadata, false, [
      float(decoding.logProbabilities, [null, vocabulary.size]),
      float(decoding.attention, [null, encoding.regions]),
      ...decoding.states.map((state) => float(state.output, [null, state.size])),
    ]),
  ];
  if (faults.length === 0) return;
  throw new FramescribeError(
    'BUNDLE_INVALID',
    `The graphs of ${manifest.name} differ from its manifest:\n${faults.join('\n')}`,
  );
}

function compare(
  file: string,
  kind: 'input' | 'output',
  found: readonly InferenceSession.ValueMetadata[],
  isComplete: boolean,
  expected: readonly ExpectedTensor[],
): readonly string[] {
  const faults = expected.flatMap((tensor) => {
    const value = found.find(({ name }) => name === tensor.name);
    const fits = value?.isTensor && value.type === tensor.type && shapeFits(tensor.shape, value.shape);
    return fits ? [] : [`${file}: expected ${kind} ${describe(tensor)}, got ${value ? describeFound(value) : 'none'}`];
  });
  const names = new Set(expected.map(({ name }) => name));
  const strangers = isComplete ? found.filter(({ name }) => !names.has(name)) : [];
  return [...faults, ...strangers.map((value) => `${file}: expected no ${kind} ${describeFound(value)}`)];
}

function shapeFits(expected: ExpectedTensor['shape'], found: readonly (number | string)[]): boolean {
  if (found.length === 0) return true;
  return (
    found.length === expected.length &&
    found.every((side, index) => typeof side === 'string' || side === expected[index])
  );
}

function describe({ name, type, shape }: ExpectedTensor): string {
  return `${name} ${type} [${shape.map((side) => side ?? 'any').join(',')}]`;
}

function describeFound(value: InferenceSession.ValueMetadata): string {
  return value.isTensor
    ? `${value.name} ${value.type} [${value.shape.join(',')}]`
    : `${value.name}, which is no tensor`;
}
