/** A call of a library part as a model of its own: compiled at an opset, run by ONNX Runtime. */
import * as ort from 'onnxruntime-node';
import { createBundle } from '../../src/index.ts';
import type { CheckedPort } from '../../src/check/model.ts';
import { materialize } from '../../src/emit/onnx.ts';
import { leftToCpu } from '../../src/emit/provider-gaps.ts';
import type { Fact } from '../../src/types/fact.ts';
import { compilerFor, uriOf, worldOf, relay, safetensors } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';
import { runModel } from '../onnx/oracles.ts';

export interface Tensor {
  readonly dims: readonly number[];
  readonly data: readonly number[];
  readonly dtype?: 'f32' | 'i64' | 'u8';
}

export interface PartCall {
  /** `std/text` */
  readonly module: string;
  /** "" where the call is of an operator. */
  readonly part: string;
  /** `mean_pool(x, mask: mask)`, with the inputs by their names. */
  readonly call: string;
  /** The inputs' types, as a user writes them: `f32[batch, seq, 4]`. */
  readonly types: Readonly<Record<string, string>>;
  /** The result's type, where there are weights. */
  readonly result?: string;
  readonly weights?: Readonly<Record<string, Tensor>>;
  readonly opset: number;
}

export interface Compiled {
  readonly bytes: Uint8Array;
  readonly output: CheckedPort;
  /** Nodes by provider, as the manifest names them. */
  readonly leftToCpu: Readonly<Record<string, readonly string[]>>;
}

/** The opset is that of a network without meaning, through which the first input goes. */
function sourceOf({ module, part, call, types, result, weights }: PartCall): string {
  const names = Object.keys(types);
  const params = names.map((name) => `${name}: ${name.toUpperCase()}`).join(', ');
  const args = names.map((name, i) => (i === 0 ? `Relay(${name}).y` : name)).join(', ');
  const head = `head H(${params}) -> ${result} weights "./w.safetensors" { ${call} }`;
  const lets = `let ${names[0]}2 = Relay(${names[0]}).y`;
  const direct = call.replace(new RegExp(`\\b${names[0]}\\b`), `${names[0]}2`);
  return [
    ...(part === '' ? [] : [`import { ${[part, ...(/\bcolor\b/.test(JSON.stringify(types)) ? ['color'] : [])].join(', ')} } from "${module}"`]),
    ...Object.entries(types).map(([name, type]) => `contract ${name.toUpperCase()} = ${type}`),
    `backbone Relay @ 1.0.0 { source "./relay.onnx" input x: ${names[0]!.toUpperCase()} from "x" output y: ${names[0]!.toUpperCase()} from "y" }`,
    ...(weights ? [head] : []),
    'model M {',
    ...names.map((name) => `  input ${name}: ${name.toUpperCase()}`),
    ...(weights ? [`  output answer = H(${args})`] : [`  ${lets}`, `  output answer = ${direct}`]),
    '}',
  ].join('\n');
}

/** The dims of `f32[batch, H: h, 3] where …`. */
const dimsOf = (type: string): (string | number)[] =>
  /\[([^\]]*)\]/.exec(type)![1]!.split(',').map((dim) => {
    const size = dim.split(':').at(-1)!.trim();
    return /^\d+$/.test(size) ? Number(size) : size;
  });

const onnxTypes: Readonly<Record<string, number>> = { f32: 1, u8: 2, i8: 3, i16: 5, i32: 6, i64: 7, f16: 10, f64: 11, bf16: 16 };

export function compilePart(call: PartCall): Compiled {
  const first = Object.values(call.types)[0]!;
  const dims = dimsOf(first);
  const files = {
    'main.mdl': sourceOf(call),
    'relay.onnx': relay(dims, onnxTypes[first.split('[')[0]!], dims, call.opset),
    ...(call.weights
      ? { 'w.safetensors': safetensors(Object.fromEntries(Object.entries(call.weights).map(([name, { dims: size, data }]) => [name, { dims: size, values: data }]))) }
      : {}),
  };
  const host = worldOf(files);
  const compiler = compilerFor(host);
  const { models, diagnostics, sources } = compiler.check([uriOf('main.mdl')]);
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0) throw new Error(`${files['main.mdl']}\n${errors.map((d) => `${d.code}: ${d.message}`).join('\n')}`);
  const context = { host, version: '0.0.0', sources, fingerprints: new Map<string, string>(), model: compiler.files.model };
  const bundle = valueOf(createBundle(models[0]!, context));
  return { bytes: materialize(bundle.onnx.pieces, (uri) => host.open(uri)), output: models[0]!.outputs[0]!, leftToCpu: leftToCpu(models[0]!.program) ?? {} };
}

export async function runPart(bytes: Uint8Array, inputs: Readonly<Record<string, Tensor>>): Promise<Tensor> {
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
  const { answer } = await runModel(bytes, feeds);
  return { dims: answer!.dims, data: Array.from(answer!.data as Float32Array, Number) };
}

function toOrt({ dims, data, dtype = 'f32' }: Tensor): ort.Tensor {
  if (dtype === 'i64') return new ort.Tensor('int64', BigInt64Array.from(data.map(BigInt)), dims);
  if (dtype === 'u8') return new ort.Tensor('uint8', Uint8Array.from(data), dims);
  return new ort.Tensor('float32', Float32Array.from(data), dims);
}

/** The rows of the last axis. */
export function rowsOf({ dims, data }: Tensor): number[][] {
  const width = dims.at(-1) ?? 1;
  return Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));
}

/** Whether the elements are as a fact says, up to a tolerance; facts about more than values are true. */
export function holdsOf(fact: Fact, tensor: Tensor, tolerance: number): boolean {
  switch (fact.kind) {
    case 'range':
      return tensor.data.every((x) => x >= fact.low && x <= fact.high);
    case 'sum':
      return rowsOf(tensor).every((row) => Math.abs(row.reduce((a, b) => a + b, 0) - fact.value) <= fact.tolerance + tolerance);
    case 'norm':
      return rowsOf(tensor).every((row) => row.every((x) => x === 0) || Math.abs(Math.hypot(...row) - fact.value) <= fact.tolerance + tolerance);
    default:
      return true;
  }
}
