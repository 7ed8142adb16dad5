/** What links bring along: only what is needed, once, and cut where the program has values of its own. */
import type { onnx } from 'onnx-proto';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../src/ir/graph.ts';
import type { Program } from '../../src/ir/program.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { codeOf, opener, valueOf } from './helpers.ts';
import { attributeTypes, dataTypes, decodeModel, encodeModel, floats, graphAttribute, node, readBytes, valueInfo } from './models.ts';
import { askChecker, bitsOf, checkerMissing, f32, i64, numbersOf, runModel } from './oracles.ts';
import { info, link, operation, port, program } from './programs.ts';

const uri = 'memory:///chain.onnx';
const meta = { producer: 'mdl', producerVersion: '0.1.0' };

/** x -> l1 -> l2 -> l3 = y, where each layer is the one before times a weight plus `shift`, which is made of x. */
const chainGraph = (): onnx.IGraphProto => ({
  node: [
    node('ReduceMax', ['x'], ['shift'], { attribute: [{ name: 'keepdims', type: attributeTypes.INT, i: 1 }] }),
    ...['x', 'l1', 'l2'].flatMap((from, i) => [node('Mul', [from, `w${i + 1}`], [`m${i + 1}`]), node('Add', [`m${i + 1}`, 'shift'], [`l${i + 1}`])]),
    node('Identity', ['l3'], ['y']),
    node('Neg', ['x'], ['aside']),
  ],
  input: [valueInfo('x', ['batch', 2])],
  output: [valueInfo('y', ['batch', 2]), valueInfo('aside', ['batch', 2])],
  valueInfo: ['l1', 'l2', 'l3'].map((name) => valueInfo(name, ['batch', 2])),
  initializer: [1, 2, 3].map((i) => floats(`w${i}`, [2], [i, -i])),
});

const chain = encodeModel(chainGraph());
const file = readBytes(chain, uri);
const memory = new Map([[uri, chain]]);
const compose = (from: Program): Uint8Array =>
  materialize(valueOf(composeProgram(from, new Map([[uri, file]]), meta, opener(memory))).pieces, opener(memory));
const opsOf = (bytes: Uint8Array): string[] => decodeModel(bytes).graph!.node!.map((each) => each.opType!);
const x = f32([2, 2], [1, 2, -3, 0.5]);

const row = info('f32', 'n', 2);
const types = Object.fromEntries(['x', 'z', 'y', 'l2', 'plain', 'new', 'old', 'half', 'again'].map((name) => [name, row]));

/** The chain with one node's output replaced by what another node makes of it: how a person would edit the file. */
async function byHand(): Promise<string> {
  const graph = chainGraph();
  const nodes = graph.node!.flatMap((each) => (each.output![0] === 'l2' ? [{ ...each, output: ['l2_old'] }, node('Tanh', ['l2_old'], ['l2'])] : [each]));
  const found = await runModel(encodeModel({ ...graph, node: nodes }), { x });
  return bitsOf(found['y']);
}

describe('only what is needed', () => {
  const bytes = compose(program({ inputs: [port('x')], outputs: [port('z', 'l2')], steps: [link('C', file, { x: 'x' }, { l2: 'l2' })], types }));

  test('nodes and weights behind a tap stay away', async () => {
    expect(opsOf(bytes)).toEqual(['ReduceMax', 'Mul', 'Add', 'Mul', 'Add', 'Identity']);
    expect(decodeModel(bytes).graph!.initializer!.map((tensor) => tensor.name)).toEqual(['w1', 'w2']);
    const alone = encodeModel({ ...chainGraph(), output: [valueInfo('l2', ['batch', 2])] });
    expect(bitsOf((await runModel(bytes, { x }))['z'])).toBe(bitsOf((await runModel(alone, { x }))['l2']));
  });

  test('no type is said of a tensor that is not there', () => {
    expect(decodeModel(bytes).graph!.valueInfo!.map((each) => each.name)).toEqual(['l1', 'l2']);
  });
});

describe('an inner tensor replaced', () => {
  const replaced = program({
    inputs: [port('x')],
    outputs: [port('y', 'new'), port('plain', 'plain')],
    steps: [
      link('Base', file, { x: 'x' }, { l2: 'l2', y: 'plain' }),
      operation('Tanh', ['l2'], ['half']),
      link('Derived', file, { x: 'x', l2: 'half' }, { y: 'new' }),
    ],
    types,
  });
  const bytes = compose(replaced);

  test('gives bit for bit what the file gives after the same edit by hand', async () => {
    const found = await runModel(bytes, { x });
    expect(bitsOf(found['y'])).toBe(await byHand());
    expect(bitsOf(found['plain'])).toBe(bitsOf((await runModel(chain, { x }))['y']));
  });

  test('what does not depend on it is there once, weights included', () => {
    const { initializer, node: nodes } = decodeModel(bytes).graph!;
    expect(initializer!.map((tensor) => tensor.name)).toEqual(['Base/w1', 'Base/w2', 'Base/w3']);
    expect(nodes!.filter((each) => each.opType === 'ReduceMax').length).toBe(1);
    expect(nodes!.filter((each) => each.input!.includes('Base/w3')).length).toBe(2);
    expect(nodes!.filter((each) => each.input!.includes('Base/w2')).length).toBe(1);
  });

  test("is accepted by ONNX's full checker", (context) => {
    const missing = checkerMissing();
    if (missing !== undefined) console.log(`not checked: ${missing}`);
    context.skip(missing !== undefined, missing);
    expect(askChecker(bytes)).toBe('');
  });

  test('without the base beside it, no name changes but the one', async () => {
    const alone = compose(
      program({
        inputs: [port('x')],
        outputs: [port('y', 'new')],
        steps: [link('C', file, { x: 'x' }, { l2: 'old' }), operation('Tanh', ['old'], ['half']), link('C2', file, { x: 'x', l2: 'half' }, { y: 'new' })],
        types,
      }),
    );
    expect(bitsOf((await runModel(alone, { x }))['y'])).toBe(await byHand());
    const outputs = decodeModel(alone).graph!.node!.map((each) => each.output![0]);
    expect(outputs).toEqual(['shift', 'm1', 'l1', 'm2', 'l2', 'half', 'm3', 'l3', 'y']);
  });

  test('two in a row, the second behind the first', async () => {
    const both = compose(
      program({
        inputs: [port('x')],
        outputs: [port('y', 'new')],
        steps: [
          link('A', file, { x: 'x' }, { l1: 'old' }),
          operation('Tanh', ['old'], ['half'], new Map(), 'a'),
          link('B', file, { x: 'x', l1: 'half' }, { l2: 'l2' }),
          operation('Tanh', ['l2'], ['again'], new Map(), 'b'),
          link('C', file, { x: 'x', l1: 'half', l2: 'again' }, { y: 'new' }),
        ],
        types,
      }),
    );
    const graph = chainGraph();
    const nodes = graph.node!.flatMap((each) =>
      ['l1', 'l2'].includes(each.output![0]!) ? [{ ...each, output: [`${each.output![0]}_old`] }, node('Tanh', [`${each.output![0]}_old`], [each.output![0]!])] : [each],
    );
    const expected = await runModel(encodeModel({ ...graph, node: nodes }), { x });
    expect(bitsOf((await runModel(both, { x }))['y'])).toBe(bitsOf(expected['y']));
  });
});

test('a subgraph reads the replacement, too', async () => {
  const branch = (op: string): onnx.IGraphProto => ({ name: op, node: [node(op, ['h'], [`${op}_r`])], output: [valueInfo(`${op}_r`, ['batch', 2])] });
  const bytes = encodeModel({
    node: [
      node('Abs', ['x'], ['h']),
      node('ReduceMax', ['x'], ['top'], { attribute: [{ name: 'keepdims', type: attributeTypes.INT, i: 0 }] }),
      node('Cast', ['top'], ['cond'], { attribute: [{ name: 'to', type: attributeTypes.INT, i: dataTypes.BOOL }] }),
      node('If', ['cond'], ['y'], { attribute: [graphAttribute('then_branch', branch('Neg')), graphAttribute('else_branch', branch('Abs'))] }),
    ],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
  });
  const branched = readBytes(bytes, uri);
  const from = program({
    inputs: [port('x')],
    outputs: [port('z', 'new')],
    steps: [link('A', branched, { x: 'x' }, { h: 'old' }), operation('Add', ['old', 'old'], ['half']), link('B', branched, { x: 'x', h: 'half' }, { y: 'new' })],
    types,
  });
  const own = new Map([[uri, bytes]]);
  const composed = materialize(valueOf(composeProgram(from, new Map([[uri, branched]]), meta, opener(own))).pieces, opener(own));
  expect(numbersOf((await runModel(composed, { x }))['z'])).toEqual([-2, -4, -6, -1]);
});

describe('one file on one input twice', () => {
  const bytes = compose(
    program({
      inputs: [port('x')],
      outputs: [port('y', 'plain'), port('l2', 'l2')],
      steps: [link('One', file, { x: 'x' }, { y: 'plain' }), link('Two', file, { x: 'x' }, { l2: 'l2' })],
      types,
    }),
  );

  test('is computed once', async () => {
    expect(opsOf(bytes).filter((op) => op === 'Mul').length).toBe(3);
    const found = await runModel(bytes, { x });
    expect(bitsOf(found['y'])).toBe(bitsOf((await runModel(chain, { x }))['y']));
  });
});

test('of a node with two results, one of which is replaced, the other passes', async () => {
  const bytes = encodeModel({
    node: [
      node('Split', ['x'], ['a', 'b'], { attribute: [{ name: 'axis', type: attributeTypes.INT, i: 1 }] }),
      node('Concat', ['b', 'a'], ['y'], { attribute: [{ name: 'axis', type: attributeTypes.INT, i: 1 }] }),
    ],
    input: [valueInfo('x', ['batch', 2])],
    output: [valueInfo('y', ['batch', 2])],
  });
  const split = readBytes(bytes, uri);
  const own = new Map([[uri, bytes]]);
  const column = { ...types, old: info('f32', 'n', 1), half: info('f32', 'n', 1) };
  const steps = [link('A', split, { x: 'x' }, { a: 'old' }), operation('Neg', ['old'], ['half']), link('B', split, { x: 'x', a: 'half' }, { y: 'new' })];
  const run = (from: Program) => composeProgram(from, new Map([[uri, split]]), meta, opener(own));
  const composed = valueOf(run(program({ inputs: [port('x')], outputs: [port('z', 'new')], steps, types: column })));
  expect(numbersOf((await runModel(materialize(composed.pieces, opener(own)), { x }))['z'])).toEqual([2, -1, 0.5, 3]);
  // The node would make both the replaced tensor and the needed one, and nothing has made it before.
  const unread = program({ inputs: [port('x'), port('h', 'half')], outputs: [port('z', 'new')], steps: steps.slice(2), types: column });
  expect(codeOf(run(unread))).toBe('onnx-link');
});

describe('pruning around branches and loops', () => {
  const own = 'memory:///pruned.onnx';
  const body = (name: string, from: string): onnx.IGraphProto => ({ name, node: [node('Neg', [from], [`${name}_r`])], output: [valueInfo(`${name}_r`, ['batch', 2])] });
  const bytes = encodeModel({
    node: [
      node('Abs', ['x'], ['h']),
      node('Exp', ['x'], ['k']),
      node('Tanh', ['x'], ['unread']),
      node('If', ['cond'], ['y'], { attribute: [graphAttribute('then_branch', body('then', 'h')), graphAttribute('else_branch', body('else', 'k'))] }),
      node('Loop', ['count', '', 'h'], ['z'], {
        attribute: [
          graphAttribute('body', {
            name: 'body',
            node: [node('Identity', ['more'], ['go']), node('Add', ['v', 'k'], ['w'])],
            input: [valueInfo('i', [], dataTypes.INT64), valueInfo('more', [], dataTypes.BOOL), valueInfo('v', ['batch', 2])],
            output: [valueInfo('go', [], dataTypes.BOOL), valueInfo('w', ['batch', 2])],
          }),
        ],
      }),
    ],
    input: [valueInfo('x', ['batch', 2]), valueInfo('cond', [], dataTypes.BOOL), valueInfo('count', [], dataTypes.INT64)],
    output: [valueInfo('y', ['batch', 2]), valueInfo('z', ['batch', 2])],
  });
  const pruned = readBytes(bytes, own);
  const composed = (output: string, ...inputs: string[]): Uint8Array => {
    const given: Record<string, TensorInfo> = { x: info('f32', 'n', 2), cond: info('bool'), count: info('i64') };
    const from = program({
      inputs: inputs.map((name) => port(name)),
      outputs: [port('out')],
      steps: [link('L', pruned, Object.fromEntries(inputs.map((name) => [name, name])), { [output]: 'out' })],
      types: { ...given, out: info('f32', 'n', 2) },
    });
    return materialize(valueOf(composeProgram(from, new Map([[own, pruned]]), meta, opener(new Map([[own, bytes]])))).pieces, opener(new Map([[own, bytes]])));
  };
  const workOf = (model: Uint8Array): string[] => decodeModel(model).graph!.node!.map(({ opType }) => opType!).filter((op) => op !== 'Identity');
  const oneRow = f32([1, 2], [1, -2]);

  test.each([
    ['a tap before both: neither, nor what only they capture', 'h', ['x'], ['Abs']],
    ['a branch: what both of its graphs take from around them', 'y', ['x', 'cond'], ['Abs', 'Exp', 'If']],
    ['a loop: what its body takes from around it', 'z', ['x', 'count'], ['Abs', 'Exp', 'Loop']],
  ])('%s', async (_, output, inputs, ops) => {
    const model = composed(output, ...inputs);
    expect(workOf(model)).toEqual(ops);
    const all = { x: oneRow, cond: new ort.Tensor('bool', Uint8Array.of(0), []), count: i64([], [3]) };
    const feeds = Object.fromEntries(inputs.map((name) => [name, all[name as keyof typeof all]]));
    if (output !== 'h') expect(bitsOf((await runModel(model, feeds))['out'])).toBe(bitsOf((await runModel(bytes, all))[output]));
    else expect(numbersOf((await runModel(model, feeds))['out'])).toEqual([1, 2]);
  });
});
