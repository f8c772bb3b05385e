/**
 * Writes ONNX models, as far as a tiny captioner needs them: the protobuf wire format of `onnx.proto`, opset 17.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: Float32Array | BigInt64Array;
  /** Says that the numbers are in another file. */
  readonly elsewhere?: string;
}

export interface Port {
  readonly name: string;
  readonly type?: 'float32' | 'int64';
  /** A string is a free side. */
  readonly shape: readonly (number | string)[];
}

export interface Graph {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}

/** The bytes of a model. */
export function writeOnnx(graph: Graph): Buffer {
  const body = Buffer.concat([
    ...graph.nodes.map((node) => message(1, writeNode(node))),
    text(2, 'tiny'),
    ...graph.constants.map((constant) => message(5, writeConstant(constant))),
    ...graph.inputs.map((port) => message(11, writePort(port))),
    ...graph.outputs.map((port) => message(12, writePort(port))),
  ]);
  return Buffer.concat([integer(1, 8), text(2, 'framescribe'), message(7, body), message(8, integer(2, 17))]);
}

const FLOAT = 1;
const INT64 = 7;

function writeNode({ op, inputs, outputs, attributes = {} }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, writeAttribute(name, value))),
  ]);
}

function writeAttribute(name: string, value: number | readonly number[]): Buffer {
  return typeof value === 'number'
    ? Buffer.concat([text(1, name), integer(3, value), integer(20, 2)])
    : Buffer.concat([text(1, name), ...value.map((one) => integer(8, one)), integer(20, 7)]);
}

function writeConstant({ name, shape, numbers, elsewhere }: Constant): Buffer {
  return Buffer.concat([
    ...shape.map((side) => integer(1, side)),
    integer(2, numbers instanceof Float32Array ? FLOAT : INT64),
    text(8, name),
    elsewhere === undefined
      ? message(9, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength))
      : Buffer.concat([message(13, Buffer.concat([text(1, 'location'), text(2, elsewhere)])), integer(14, 1)]),
  ]);
}

function writePort({ name, type = 'float32', shape }: Port): Buffer {
  const sides = shape.map((side) => message(1, typeof side === 'number' ? integer(1, side) : text(2, side)));
  const tensor = Buffer.concat([integer(1, type === 'float32' ? FLOAT : INT64), message(2, Buffer.concat(sides))]);
  return Buffer.concat([text(1, name), message(2, message(1, tensor))]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** Seven bits a byte, lowest first; negative numbers as 64 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
