/** A small world in memory for the checker's tests: the real library, and foreign files made here. */
import { readFileSync, readdirSync } from 'node:fs';
import { createCompiler, type Compilation, type Compiler } from '../../src/compile.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { createMemoryHost, type MemoryFiles } from '../../src/host/memory.ts';
import type { Host } from '../../src/host/host.ts';
import type { DType } from '../../src/types/dtype.ts';
import { packages } from './packages.ts';
import { positionFiles } from './position-files.ts';
import { dataTypes, encodeModel, floats, node, valueInfo, type Dims } from '../onnx/models.ts';

const stdlib = new URL('../../stdlib/', import.meta.url);

/** The texts of the standard library by module name. */
export const library: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(stdlib)
    .filter((file) => file.endsWith('.mdl'))
    .map((file) => [file.replace(/\.mdl$/, ''), readFileSync(new URL(file, stdlib), 'utf8')]),
);

// ---------------------------------------------------------------- foreign files

/**
 * An encoder of two integer inputs [batch, seq] whose `embedding` is [batch, 8] and `hidden` [batch, seq, 8]: the
 * skeleton is what the checker reads, so its arithmetic is as simple as can be.
 */
export function encoder(options: { readonly opset?: number; readonly batch?: string } = {}): Uint8Array {
  const batch = options.batch ?? 'batch';
  return encodeModel(
    {
      node: [
        node('Cast', ['input_ids'], ['ids_f'], { attribute: [{ name: 'to', type: 2, i: 1 }] }),
        node('Cast', ['attention_mask'], ['mask_f'], { attribute: [{ name: 'to', type: 2, i: 1 }] }),
        node('Mul', ['ids_f', 'mask_f'], ['masked']),
        node('Unsqueeze', ['masked', 'last'], ['column']),
        node('Mul', ['column', 'row'], ['hidden']),
        node('ReduceMax', ['hidden'], ['embedding'], { attribute: [{ name: 'axes', type: 7, ints: [1] }, { name: 'keepdims', type: 2, i: 0 }] }),
      ],
      input: [
        valueInfo('input_ids', [batch, 'seq'], dataTypes.INT64),
        valueInfo('attention_mask', [batch, 'seq'], dataTypes.INT64),
      ],
      output: [valueInfo('embedding', [batch, 8]), valueInfo('hidden', [batch, 'seq', 8])],
      initializer: [
        { name: 'last', dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array([2n]).buffer) },
        { name: 'row', dims: [8], dataType: dataTypes.FLOAT, rawData: new Uint8Array(new Float32Array(8).fill(1).buffer) },
      ],
    },
    { opsetImport: [{ domain: '', version: options.opset ?? 14 }] },
  );
}

/** A network of one input `x` and one output `y` of these types, which hands its input on. */
export const relay = (dims: Dims, dtype: number = dataTypes.FLOAT, outDims = dims, opset = 14): Uint8Array =>
  encodeModel(
    { node: [node('Identity', ['x'], ['y'])], input: [valueInfo('x', dims, dtype)], output: [valueInfo('y', outDims, dtype)] },
    { opsetImport: [{ domain: '', version: opset }] },
  );

/** An input `x` by eight factors, which are an input with a default: the file stores an initializer of its name. */
const scaled = (): Uint8Array =>
  encodeModel({
    node: [node('Mul', ['x', 'factor'], ['y'])],
    input: [valueInfo('x', ['batch', 8]), valueInfo('factor', [8])],
    output: [valueInfo('y', ['batch', 8])],
    initializer: [{ name: 'factor', dims: [8], dataType: dataTypes.FLOAT, rawData: new Uint8Array(new Float32Array(8).fill(2).buffer) }],
  });

/** As `relay`, but through an operator of which nothing is known. */
const opaque = (dims: Dims): Uint8Array =>
  encodeModel(
    { node: [node('Own', ['x'], ['y'], { domain: 'own' })], input: [valueInfo('x', dims)], output: [valueInfo('y', dims)] },
    { opsetImport: [{ domain: '', version: 14 }, { domain: 'own', version: 1 }] },
  );

/** A network that halves height and width; it states nothing of its output's sizes. */
const halves = (): Uint8Array =>
  encodeModel({
    node: [node('MaxPool', ['x'], ['y'], { attribute: [{ name: 'kernel_shape', type: 7, ints: [2, 2] }, { name: 'strides', type: 7, ints: [2, 2] }] })],
    input: [valueInfo('x', ['batch', 3, 'h', 'w'])],
    output: [{ name: 'y', type: { tensorType: { elemType: dataTypes.FLOAT } } }],
  });

/** Ids [batch, seq] looked up in a table of so many rows: `hidden` is [batch, seq, 8]. */
const embedding = (rows: number): Uint8Array =>
  encodeModel({
    node: [node('Gather', ['E', 'ids'], ['looked']), node('Cast', ['mask'], ['kept'], { attribute: [{ name: 'to', type: 2, i: 1 }] }), node('Unsqueeze', ['kept', 'last'], ['column']), node('Mul', ['looked', 'column'], ['hidden'])],
    input: [valueInfo('ids', ['batch', 'seq'], dataTypes.INT64), valueInfo('mask', ['batch', 'seq'], dataTypes.INT64)],
    output: [valueInfo('hidden', ['batch', 'seq', 8]), valueInfo('column', ['batch', 'seq', 1])],
    initializer: [
      { name: 'E', dims: [rows, 8], dataType: dataTypes.FLOAT, rawData: new Uint8Array(4 * 8 * rows) },
      { name: 'last', dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array([2n]).buffer) },
    ],
  });

/** x [batch, 4] by a matrix that holds NaN, and a mask of infinities added behind a switch, which is meant. */
const diverged = (): Uint8Array =>
  encodeModel({
    node: [node('MatMul', ['x', 'w'], ['scores']), node('Add', ['x', 'mask'], ['masked'])],
    input: [valueInfo('x', ['batch', 4])],
    output: [valueInfo('scores', ['batch', 2]), valueInfo('masked', ['batch', 4])],
    initializer: [floats('w', [4, 2], [0, 1, 2, 3, 4, NaN, NaN, 7]), floats('mask', [4], [0, 0, -Infinity, -Infinity])],
  });

/** As PyTorch exports a network that nobody put into evaluation: `y` by the statistics of the batch, `z` with features left out at random, `x` handed on as `same`. */
const training = (): Uint8Array =>
  encodeModel({
    node: [
      node('BatchNormalization', ['x', 'one', 'zero', 'zero', 'one'], ['y', 'mean', 'variance'], { attribute: [{ name: 'training_mode', type: 2, i: 1 }] }),
      node('Dropout', ['y', 'ratio', 'yes'], ['z']),
      node('Dropout', ['x', 'ratio', 'no'], ['same']),
    ],
    input: [valueInfo('x', ['batch', 4])],
    output: ['y', 'z', 'same'].map((name) => valueInfo(name, ['batch', 4])),
    initializer: [
      floats('one', [4], [1, 1, 1, 1]), floats('zero', [4], [0, 0, 0, 0]), floats('ratio', [], [0.5]),
      { name: 'yes', dims: [], dataType: dataTypes.BOOL, rawData: Uint8Array.of(1) }, { name: 'no', dims: [], dataType: dataTypes.BOOL, rawData: Uint8Array.of(0) },
    ],
  });

/** Ids of which the first is left out, `some`, and each of those counted on by one, `next`. */
const nextIds = (): Uint8Array => {
  const whole = (name: string, value: bigint) => ({ name, dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array([value]).buffer) });
  return encodeModel({
    node: [node('Slice', ['x', 'one', 'far', 'one'], ['some']), node('Add', ['some', 'one'], ['next'])],
    input: [valueInfo('x', ['batch', 8], dataTypes.INT64)],
    output: ['some', 'next'].map((name) => valueInfo(name, ['batch', 7], dataTypes.INT64)),
    initializer: [whole('one', 1n), whole('far', 8n)],
  });
};

/** Vectors of eight features: `turned` the other way round, `rolled` by two, `running` sums of them, `first` four, and `halved` with the second half of each put behind its first. */
const moves = (): Uint8Array => {
  const whole = (name: string, ...values: number[]) => ({ name, dims: [values.length], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
  const axis = { attribute: [{ name: 'axis', type: 2, i: -1 }] };
  return encodeModel({
    node: [
      node('Gather', ['x', 'back'], ['turned'], axis), node('Tanh', ['x'], ['bent']),
      node('Slice', ['bent', 'two', 'eight', 'last'], ['end']), node('Slice', ['bent', 'zero', 'two', 'last'], ['start']), node('Concat', ['end', 'start'], ['rolled'], axis),
      node('CumSum', ['x', 'last'], ['running']), node('Slice', ['bent', 'zero', 'four', 'last'], ['first']),
      node('Slice', ['x', 'four', 'eight', 'last'], ['second']), node('Concat', ['first', 'second'], ['halved'], axis),
    ],
    input: [valueInfo('x', ['batch', 8])],
    output: [...['turned', 'rolled', 'running', 'halved'].map((name) => valueInfo(name, ['batch', 8])), valueInfo('first', ['batch', 4])],
    initializer: [whole('back', 7, 6, 5, 4, 3, 2, 1, 0), whole('zero', 0), whole('two', 2), whole('four', 4), whole('eight', 8), whole('last', -1)],
  });
};

/** Pictures of 4 x 4 with channels last, with the first and the last channel changed over, and the same on their heads. */
const colours = (): Uint8Array =>
  encodeModel({
    node: [node('Gather', ['x', 'back'], ['swapped'], { attribute: [{ name: 'axis', type: 2, i: 3 }] }), node('Gather', ['x', 'down'], ['mirrored'], { attribute: [{ name: 'axis', type: 2, i: 1 }] })],
    input: [valueInfo('x', ['batch', 4, 4, 3])],
    output: ['swapped', 'mirrored'].map((name) => valueInfo(name, ['batch', 4, 4, 3])),
    initializer: [[2, 1, 0], [3, 2, 1, 0]].map((values, i) => ({ name: ['back', 'down'][i]!, dims: [values.length], dataType: dataTypes.INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) })),
  });

/** Three scores, with the classes that its exporter noted. */
const named = (key: string, value: string): Uint8Array =>
  encodeModel(
    { node: [node('MatMul', ['x', 'w'], ['scores'])], input: [valueInfo('x', ['batch', 4])], output: [valueInfo('scores', ['batch', 3])], initializer: [floats('w', [4, 3], Array.from({ length: 12 }, (_, i) => i))] },
    { metadataProps: [{ key, value }] },
  );

/** An LSTM of one layer as PyTorch exports it: `y` [batch, steps, 8] of `x` [batch, steps, 4], its states [1, batch, 8]. */
const lstm = (): Uint8Array =>
  encodeModel({
    node: [
      node('Transpose', ['x'], ['by_step'], { attribute: [{ name: 'perm', type: 7, ints: [1, 0, 2] }] }),
      node('LSTM', ['by_step', 'w', 'r', '', '', 'h0', 'c0'], ['all', 'last', 'cell'], { attribute: [{ name: 'hidden_size', type: 2, i: 8 }] }),
      node('Squeeze', ['all', 'direction'], ['steps']),
      node('Transpose', ['steps'], ['y'], { attribute: [{ name: 'perm', type: 7, ints: [1, 0, 2] }] }),
      node('Identity', ['last'], ['hn']),
      node('Identity', ['cell'], ['cn']),
    ],
    input: [valueInfo('x', ['batch', 'steps', 4]), valueInfo('h0', [1, 'batch', 8]), valueInfo('c0', [1, 'batch', 8])],
    output: [valueInfo('y', ['batch', 'steps', 8]), valueInfo('hn', [1, 'batch', 8]), valueInfo('cn', [1, 'batch', 8])],
    initializer: [
      floats('w', [1, 32, 4], Array.from({ length: 128 }, (_, i) => Math.sin(i))),
      floats('r', [1, 32, 8], Array.from({ length: 256 }, (_, i) => Math.cos(i))),
      { name: 'direction', dims: [1], dataType: dataTypes.INT64, rawData: new Uint8Array(new BigInt64Array([1n]).buffer) },
    ],
  });

/** A row's softmax, hyperbolic tangent, direction, and normalisation. */
const facts = (): Uint8Array =>
  encodeModel(
    {
      node: [
        node('Softmax', ['x'], ['probabilities'], { attribute: [{ name: 'axis', type: 2, i: -1 }] }),
        node('Tanh', ['x'], ['bounded']),
        node('LpNormalization', ['x'], ['direction'], { attribute: [{ name: 'axis', type: 2, i: -1 }] }),
        node('Add', ['x', 'x'], ['twice']),
      ],
      input: [valueInfo('x', ['batch', 8])],
      output: ['probabilities', 'bounded', 'direction', 'twice'].map((name) => valueInfo(name, ['batch', 8])),
    },
    { opsetImport: [{ domain: '', version: 14 }] },
  );

const widths: Partial<Record<DType, number>> = { f32: 4, f64: 8, f16: 2, i64: 8 };
const names: Partial<Record<DType, string>> = { f32: 'F32', f64: 'F64', f16: 'F16', i64: 'I64' };

export interface WeightsEntry {
  readonly dtype?: DType;
  readonly dims: readonly number[];
  /** f32 elements; zeros where they do not matter. */
  readonly values?: readonly number[];
}

/** A safetensors file of these tensors, in the format's layout: header length, header, bytes without gaps. */
export function safetensors(entries: Readonly<Record<string, WeightsEntry>>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype = 'f32', dims, values }] of Object.entries(entries)) {
    const length = dims.reduce((a, b) => a * b, widths[dtype]!);
    header[name] = { dtype: names[dtype], shape: dims, data_offsets: [offset, offset + length] };
    parts.push(values ? new Uint8Array(Float32Array.from(values).buffer) : new Uint8Array(length));
    offset += length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(json.length), true);
  return Uint8Array.from([...prefix, ...json, ...parts.flatMap((part) => [...part])]);
}

/** A tokenizer.json with this many one-letter words. */
export const tokenizerJson = (size: number, padding?: Readonly<Record<string, unknown>>, truncation?: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ padding, truncation, model: { type: 'WordLevel', vocab: Object.fromEntries(Array.from({ length: size }, (_, i) => [`w${i}`, i])), unk_token: 'w0' } });

const classes = (...values: string[]): Readonly<Record<string, string>> => ({ classes: JSON.stringify(values) });
const linear = (from: number, to: number): Record<string, WeightsEntry> => ({ w: { dims: [from, to] }, b: { dims: [to] } });

/** The foreign files that fixtures, pages and examples name. */
export const foreignFiles: Readonly<Record<string, Uint8Array | string>> = {
  'encoder.onnx': encoder(),
  'encoder-opset-13.onnx': encoder({ opset: 13 }),
  'old.onnx': relay(['batch', 8], undefined, ['batch', 8], 6),
  'fixed.onnx': relay([1, 8]),
  'relay.onnx': relay(['batch', 8]),
  'relay-ids.onnx': relay(['batch', 'seq'], dataTypes.INT64),
  'next-ids.onnx': nextIds(),
  'moves.onnx': moves(),
  'colours.onnx': colours(),
  'relay-pictures.onnx': relay(['batch', 'h', 'w', 3]),
  'nameless.onnx': relay(['', 8]),
  'opaque.onnx': opaque(['', 8]),
  'halves.onnx': halves(),
  'scaled.onnx': scaled(),
  'facts.onnx': facts(),
  'diverged.onnx': diverged(),
  'training.onnx': training(),
  'lstm.onnx': lstm(),
  'pets.onnx': named('names', "{0: 'cat', 1: 'dog', 2: 'bird'}"),
  'pets-json.onnx': named('id2label', '{"0": "Cat", "2": "Bird", "1": "Dog"}'),
  'unnamed.onnx': named('id2label', '{"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}'),
  'embedding-12.onnx': embedding(12),
  'embedding-64.onnx': embedding(64),
  ...positionFiles,
  'double.onnx': relay(['batch', 8], dataTypes.DOUBLE),
  'notes.onnx': 'These are not the bytes of a model.\n',
  'a.tokenizer.json': tokenizerJson(20),
  'b.tokenizer.json': tokenizerJson(20),
  'left.tokenizer.json': tokenizerJson(20, { strategy: 'BatchLongest', direction: 'Left', pad_id: 0 }),
  'sixteen.tokenizer.json': tokenizerJson(20, undefined, { max_length: 16 }),
  'twenty-four.tokenizer.json': tokenizerJson(20, undefined, { max_length: 24 }),
  'broken.tokenizer.json': '{ "model": ',
  'two.safetensors': safetensors(linear(8, 2)),
  'three.safetensors': safetensors(linear(8, 3)),
  'turned.safetensors': safetensors({ w: { dims: [2, 8] }, b: { dims: [2] } }),
  'double.safetensors': safetensors({ w: { dtype: 'f64', dims: [8, 2] }, b: { dtype: 'f64', dims: [2] } }),
  'own-names.safetensors': safetensors({ 'linear.w': { dims: [8, 2] }, 'linear.b': { dims: [2] } }),
  'more.safetensors': safetensors({ ...linear(8, 2), extra: { dims: [3] } }),
  'trained.safetensors': safetensors(linear(8, 2), classes('negative', 'positive')),
  'diverged.safetensors': safetensors({ w: { dims: [8, 2], values: Array.from({ length: 16 }, (_, i) => (i === 5 || i === 9 ? NaN : 0)) }, b: { dims: [2], values: [0, -Infinity] } }),
  'square.safetensors': safetensors({ w: { dims: [8, 8] }, b: { dims: [8] } }),
  'notes.safetensors': 'This was a weights file once.\n',
};

// ---------------------------------------------------------------- checking

export const uriOf = (path: string): string => `memory:///${path}`;

/** A host of these files beside the common ones. */
export const worldOf = (files: MemoryFiles): Host => createMemoryHost({ ...foreignFiles, ...packages, ...files }, library);

const withLibrary = new Map<boolean, Compiler>();

/** A compiler that has read and checked the library: what others take over need not be done for each text of a test. */
export function libraryCompiler(values = false): Compiler {
  const known = withLibrary.get(values);
  if (known !== undefined) return known;
  const host = createMemoryHost({}, library);
  const compiler = createCompiler(host, { values });
  compiler.check(host.standardModules().flatMap((name) => host.standardModule(name) ?? []));
  withLibrary.set(values, compiler);
  return compiler;
}

/** A new compiler over a host, with the library as it was checked. */
export const compilerFor = (host: Host, values = false): Compiler => createCompiler(host, { values, library: libraryCompiler(values) });

export function checkFiles(files: MemoryFiles, entries: readonly string[] = Object.keys(files).slice(0, 1)): Compilation {
  return compilerFor(worldOf(files)).check(entries.map(uriOf));
}

/** Checks one module. */
export const checkText = (text: string, more: MemoryFiles = {}): Compilation => checkFiles({ 'main.mdl': text, ...more }, ['main.mdl']);

/** `line:column code`, one-based, for expectations that a marker cannot hold. */
export function briefly(compilation: Compilation): string[] {
  return compilation.diagnostics.map((d) => `${placeOf(d, compilation)} ${d.code}`);
}

function placeOf({ location }: Diagnostic, compilation: Compilation): string {
  const text = compilation.sources.get(location.uri)?.text ?? '';
  const before = text.slice(0, location.span.start).split('\n');
  const file = location.uri.replace(/^memory:\/\/\//, '');
  return `${file === 'main.mdl' ? '' : `${file}:`}${before.length}:${before.at(-1)!.length + 1}`;
}

export const errorsOf = (compilation: Compilation): readonly Diagnostic[] => compilation.diagnostics.filter((d) => d.severity === 'error');



