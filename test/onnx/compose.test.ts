import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { onnx } from 'onnx-proto';
import { emitOnnx } from '../../src/emit/onnx.ts';
import { composeProgram, materialize, readPieces, type OnnxFile } from '../../src/onnx/index.ts';
import type { Program } from '../../src/ir/program.ts';
import { codeOf, opener, readUseLite, useLitePath, valueOf } from './helpers.ts';
import { dataTypes, decodeModel, encodeModel, floats, node, readBytes, valueInfo } from './models.ts';
import { askChecker, bitsOf, checkerMissing, f32, i64, numbersOf, runModel } from './oracles.ts';
import { info, link, operation, port, program, topicProgram } from './programs.ts';

const meta = { producer: 'mdl', producerVersion: '0.1.0' };

function compose(from: Program, files: readonly OnnxFile[], memory = new Map<string, Uint8Array>()): Uint8Array {
  const byUri = new Map(files.map((file) => [file.uri, file]));
  const { pieces, byteLength } = valueOf(composeProgram(from, byUri, meta, opener(memory)));
  const bytes = materialize(pieces, opener(memory));
  expect(bytes.length).toBe(byteLength);
  return bytes;
}

describe('use-lite and the topic head', () => {
  const encoder = readUseLite();
  const encoderBytes = new Uint8Array(readFileSync(useLitePath));
  const composed = compose(topicProgram(encoder), [encoder]);
  const feeds = { ids: i64([2, 4], [10, 20, 30, 7, 400, 8, 0, 0]), mask: i64([2, 4], [1, 1, 1, 1, 1, 1, 0, 0]) };

  test('gives bit for bit what encoder and head give one after the other', async () => {
    const head = encodeModel(headGraph());
    const alone = await runModel(encoderBytes, { input_ids: feeds.ids, attention_mask: feeds.mask });
    const expected = await runModel(head, { e: alone['embedding']! });
    const found = await runModel(composed, { 'tokens.ids': feeds.ids, 'tokens.mask': feeds.mask });
    expect(bitsOf(found['embedding'])).toBe(bitsOf(alone['embedding']));
    expect(bitsOf(found['topic'])).toBe(bitsOf(expected['p']));
  });

  test('leaves every foreign byte as it was', () => {
    const { pieces } = valueOf(
      composeProgram(topicProgram(encoder), new Map([[encoder.uri, encoder]]), meta, opener()),
    );
    const weights = encoder.layout.initializers.map(({ start, end }) => ({ start, end }));
    const ranges = pieces.filter((piece) => !(piece instanceof Uint8Array) && piece.uri === encoder.uri);
    for (const { start, end } of [...weights, ...encoder.layout.nodes])
      expect(ranges.some((r) => 'offset' in r && r.offset <= start && r.offset + r.length >= end)).toBe(true);
    const theirs = decodeModel(encoderBytes).graph!.initializer!;
    const ours = new Map(decodeModel(composed).graph!.initializer!.map((tensor) => [tensor.name, tensor]));
    for (const { name, rawData } of theirs) expect(Buffer.compare(ours.get(name)!.rawData!, rawData!)).toBe(0);
  });

  test("is accepted by ONNX's full checker", (context) => {
    const missing = checkerMissing();
    if (missing !== undefined) console.log(`not checked: ${missing}`);
    context.skip(missing !== undefined, missing);
    expect(askChecker(composed)).toBe('');
  });

  test('is the same bytes each time, however they are copied', () => {
    const again = readUseLite();
    expect(Buffer.compare(compose(topicProgram(again), [again]), composed)).toBe(0);
    const { pieces, path } = valueOf(emitOnnx(topicProgram(again), new Map([[again.uri, again]]), meta, opener()));
    expect(path).toBe('model.onnx');
    const small = Buffer.concat([...readPieces(pieces, opener(), 4097)]);
    expect(Buffer.compare(small, composed)).toBe(0);
  });

  test('keeps to IR 7 and the operator set of the encoder', () => {
    const model = decodeModel(composed);
    expect(Number(model.irVersion)).toBe(7);
    expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([['', 14]]);
    expect(model.producerName).toBe('mdl');
    expect(model.graph!.input!.map((input) => input.name)).toEqual(['tokens.ids', 'tokens.mask']);
    expect(model.graph!.output!.map((output) => output.name)).toEqual(['topic', 'embedding']);
  });
});

/** The topic head as onnx-proto writes it, over the same weights. */
function headGraph() {
  const bytes = readFileSync('examples/glosses/heads/topic.safetensors');
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  return {
    node: [
      node('MatMul', ['e', 'w'], ['m']),
      node('Add', ['m', 'b'], ['l']),
      node('Softmax', ['l'], ['p'], { attribute: [{ name: 'axis', type: 2, i: -1 }] }),
    ],
    input: [valueInfo('e', ['N', 512])],
    output: [valueInfo('p', ['N', 10])],
    initializer: [
      { name: 'b', dims: [10], dataType: dataTypes.FLOAT, rawData: bytes.subarray(start, start + 40) },
      { name: 'w', dims: [512, 10], dataType: dataTypes.FLOAT, rawData: bytes.subarray(start + 40, start + 20520) },
    ],
  };
}

describe('small programs', () => {
  test('an input that is directly an output', async () => {
    const bytes = compose(
      program({
        inputs: [port('x')],
        outputs: [port('same', 'x'), port('again', 'x')],
        steps: [],
        types: { x: info('f32', 'n') },
      }),
      [],
    );
    const found = await runModel(bytes, { x: f32([2], [1, 2]) });
    expect(numbersOf(found['same'])).toEqual([1, 2]);
    expect(numbersOf(found['again'])).toEqual([1, 2]);
  });

  test('a constant that is directly an output, and a value that is two', async () => {
    const c = { name: 'c', dtype: 'f32', dims: [1], bytes: new Uint8Array(Float32Array.of(7).buffer) } as const;
    const bytes = compose(
      program({
        inputs: [port('x')],
        outputs: [port('c'), port('y'), port('z', 'y')],
        steps: [operation('Add', ['x', 'c'], ['y'])],
        initializers: [c],
        types: { x: info('f32', 1), c: info('f32', 1), y: info('f32', 1) },
      }),
      [],
    );
    const found = await runModel(bytes, { x: f32([1], [2]) });
    expect([numbersOf(found['c']), numbersOf(found['y']), numbersOf(found['z'])]).toEqual([[7], [9], [9]]);
  });

  test('operators of ours with a subgraph that takes from around it', async () => {
    const branch = (op: string) => ({
      name: op,
      inputs: [],
      outputs: ['r'],
      nodes: [{ name: '', op, domain: '', inputs: ['x'], outputs: ['r'], attributes: new Map() }],
      initializers: new Map(),
      types: new Map([['r', info('f32', 'n')]]),
    });
    const attributes = new Map([
      ['then_branch', { type: 'graph', value: branch('Abs') }],
      ['else_branch', { type: 'graph', value: branch('Neg') }],
    ] as const);
    const bytes = compose(
      program({
        inputs: [port('cond'), port('x input', 'x')],
        outputs: [port('y')],
        steps: [operation('If', ['cond'], ['y'], attributes)],
        types: { cond: info('bool'), x: info('f32', 'n'), y: info('f32', 'n') },
      }),
      [],
    );
    const { Tensor } = await import('onnxruntime-node');
    const no = new Tensor('bool', Uint8Array.of(0), []);
    const found = await runModel(bytes, { cond: no, 'x input': f32([2], [1, -2]) });
    expect(numbersOf(found['y'])).toEqual([-1, 2]);
  });
});

const foreignUri = 'memory:///foreign.onnx';
/** y = |x| + w, over an input with a default. */
const foreignBytes = encodeModel(
  {
    node: [node('Abs', ['x'], ['h']), node('Add', ['h', 'w'], ['y'])],
    input: [valueInfo('x', ['N', 2]), valueInfo('w', [2])],
    output: [valueInfo('y', ['N', 2])],
    initializer: [floats('w', [2], [10, 20])],
  },
  { metadataProps: [{ key: 'author', value: 'someone' }] },
);
const foreign = readBytes(foreignBytes, foreignUri);
const memory = new Map([[foreignUri, foreignBytes]]);

describe('links', () => {
  const one = (inputs: Record<string, string>, outputs: Record<string, string>, names: string[]) =>
    program({
      inputs: ['x', 'w'].filter((name) => Object.values(inputs).includes(name)).map((name) => port(name)),
      outputs: names.map((name) => port(name)),
      steps: [link('F', foreign, inputs, outputs)],
      types: { x: info('f32', 'n', 2), w: info('f32', 2), y: info('f32', 'n', 2), t: info('f32', 'n', 2) },
    });

  test('an input with a default becomes a constant, or is fed', async () => {
    const constant = compose(one({ x: 'x' }, { y: 'y' }, ['y']), [foreign], memory);
    expect(numbersOf((await runModel(constant, { x: f32([1, 2], [-1, 2]) }))['y'])).toEqual([11, 22]);
    const fed = compose(one({ x: 'x', w: 'w' }, { y: 'y' }, ['y']), [foreign], memory);
    const feeds = { x: f32([1, 2], [-1, 2]), w: f32([2], [0, 0]) };
    expect(numbersOf((await runModel(fed, feeds))['y'])).toEqual([1, 2]);
  });

  test('names that already fit need no Identity, and no byte changes', () => {
    const bytes = compose(one({ x: 'x' }, { y: 'y' }, ['y']), [foreign], memory);
    expect(decodeModel(bytes).graph!.node!.map((each) => each.opType)).toEqual(['Abs', 'Add']);
  });

  test('an inner tensor can be tapped', async () => {
    const bytes = compose(one({ x: 'x' }, { h: 't' }, ['t']), [foreign], memory);
    expect(numbersOf((await runModel(bytes, { x: f32([1, 2], [-1, 2]) }))['t'])).toEqual([1, 2]);
  });

  test('axes with labels are denoted in words of ONNX, and so is a tensor that must be an image', () => {
    const labels = ['N', 'C', 'H', undefined, 'W', 'Other'];
    const pixels = program({
      inputs: [{ ...port('pixels', 'a'), labels }],
      outputs: [{ ...port('same', 'b'), labels: ['N', undefined, 'T', 'D', undefined, 'C'] }],
      steps: [operation('Neg', ['a'], ['b'])],
      types: { a: info('f32', 'n', 3, 8, 1, 8, 2), b: info('f32', 'n', 3, 8, 1, 8, 2) },
    });
    const { pieces } = valueOf(composeProgram(pixels, new Map(), meta, opener()));
    const { input, output } = decodeModel(materialize(pieces, opener())).graph!;
    const denoted = (type: onnx.ITypeProto): unknown[] => [type.denotation, type.tensorType!.shape!.dim!.map((dim) => dim.denotation)];
    expect(denoted(input![0]!.type!)).toEqual(['IMAGE', ['DATA_BATCH', 'DATA_CHANNEL', 'DATA_FEATURE', '', 'DATA_FEATURE', '']]);
    expect(denoted(output![0]!.type!)).toEqual(['', ['DATA_BATCH', '', 'DATA_TIME', 'DATA_FEATURE', '', 'DATA_CHANNEL']]);
  });

  test('the metadata of a linked file is kept', () => {
    const model = decodeModel(compose(one({ x: 'x' }, { y: 'y' }, ['y']), [foreign], memory));
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['author', 'someone']]);
  });

  test.each([
    ['an unknown input', one({ x: 'x', u: 'x' }, { y: 'y' }, ['y']), 'onnx-link'],
    ['an input that nothing feeds', one({}, { y: 'y' }, ['y']), 'onnx-link'],
    ['an unknown tensor', one({ x: 'x' }, { z: 'y' }, ['y']), 'onnx-link'],
    ['a value that nothing makes', one({ x: 'x' }, { y: 'y' }, ['t']), 'onnx-program'],
    ['two outputs of one name', one({ x: 'x' }, { y: 'y' }, ['y', 'y']), 'onnx-program'],
  ])('%s is refused', (_, wrong, code) => {
    expect(codeOf(composeProgram(wrong, new Map([[foreignUri, foreign]]), meta, opener(memory)))).toBe(code);
  });

  test('a file that was not read is refused', () => {
    const answer = composeProgram(one({ x: 'x' }, { y: 'y' }, ['y']), new Map(), meta, opener());
    expect(codeOf(answer)).toBe('onnx-link');
  });

  test('what would pass 2 GiB is refused before a byte is written', () => {
    const bytes = { uri: 'memory:///huge.bin', offset: 0, length: 2 ** 31 };
    const huge = { name: 'c', dtype: 'u8', dims: [2 ** 31], bytes } as const;
    const answer = composeProgram(
      program({
        inputs: [port('x')],
        outputs: [port('y')],
        steps: [operation('Add', ['x', 'c'], ['y'])],
        initializers: [huge],
        types: { x: info('u8', 'n'), y: info('u8', 'n') },
      }),
      new Map(),
      meta,
      opener(),
    );
    expect(codeOf(answer)).toBe('onnx-too-large');
  });
});
