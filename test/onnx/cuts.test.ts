/** Random graphs, cut at random tensors, against the same edit by hand: equal to the last bit. */
import fc from 'fast-check';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import type { Link, Operation, Program } from '../../src/ir/program.ts';
import { composeProgram, materialize, type OnnxFile } from '../../src/onnx/index.ts';
import { opener, valueOf } from './helpers.ts';
import { encodeModel, floats, node, readBytes, valueInfo } from './models.ts';
import { bitsOf, f32, runModel } from './oracles.ts';
import { info, link, operation, port, program } from './programs.ts';

const uri = 'memory:///random.onnx';
const x = f32([2, 2], [1, -0.25, 0.5, 2]);

interface Random {
  /** The operator of each node, and what it takes: an index among x, the constant and the nodes before. */
  readonly nodes: readonly { readonly op: string; readonly a: number; readonly b: number }[];
  /** Indices of the nodes whose results are replaced. */
  readonly replaced: ReadonlySet<number>;
}

const unary = new Set(['Tanh', 'Neg', 'Sigmoid']);

const random: fc.Arbitrary<Random> = fc
  .array(fc.record({ op: fc.constantFrom('Add', 'Mul', 'Sub', 'Tanh', 'Neg', 'Sigmoid'), a: fc.nat(1000), b: fc.nat(1000) }), { minLength: 2, maxLength: 14 })
  .chain((nodes) => fc.record({ nodes: fc.constant(nodes), replaced: fc.uniqueArray(fc.nat(nodes.length - 2), { maxLength: 3 }).map((list) => new Set(list)) }));

const nameOf = (index: number): string => (index === 0 ? 'x' : index === 1 ? 'c' : `t${index - 2}`);

/** The graph as a file; `edit` says by what other name the result of a node is made, and what then makes its own. */
function fileOf({ nodes }: Random, edit: (name: string) => onnx.INodeProto | undefined): Uint8Array {
  return encodeModel({
    node: nodes.flatMap(({ op, a, b }, i): onnx.INodeProto[] => {
      const from = [nameOf(a % (i + 2)), ...(unary.has(op) ? [] : [nameOf(b % (i + 2))])];
      const added = edit(`t${i}`);
      return added === undefined ? [node(op, from, [`t${i}`])] : [node(op, from, [`t${i}_old`]), added];
    }),
    input: [valueInfo('x', ['n', 2])],
    output: [valueInfo(`t${nodes.length - 1}`, ['n', 2])],
    // As large as x: what is made of it alone has to have the type that the program gives it.
    initializer: [floats('c', [2, 2], [0.75, -1.5, 1.25, -0.5])],
  });
}

/** Links of the file up to each replaced tensor in its order, then to the end; beside the file as it is. */
function cutProgram({ nodes, replaced }: Random, file: OnnxFile): Program {
  const last = `t${nodes.length - 1}`;
  const fed: Record<string, string> = { x: 'x' };
  const steps: (Link | Operation)[] = [link('Whole', file, { x: 'x' }, { [last]: 'plain' })];
  for (const index of [...replaced].sort((a, b) => a - b)) {
    steps.push(link(`Cut${index}`, file, { ...fed }, { [`t${index}`]: `old${index}` }));
    steps.push(operation('Tanh', [`old${index}`], [`new${index}`], new Map(), `n${index}`));
    fed[`t${index}`] = `new${index}`;
  }
  steps.push(link('End', file, { ...fed }, { [last]: 'end' }));
  const values = ['x', 'plain', 'end', ...[...replaced].flatMap((index) => [`old${index}`, `new${index}`])];
  return program({ inputs: [port('x')], outputs: [port('plain'), port('end')], steps, types: Object.fromEntries(values.map((name) => [name, info('f32', 'n', 2)])) });
}

describe('cuts of random graphs', () => {
  test('give what the same edit by hand gives, and leave the uncut graph alone', async () => {
    await fc.assert(
      fc.asyncProperty(random, async (graph) => {
        const bytes = fileOf(graph, () => undefined);
        const memory = new Map([[uri, bytes]]);
        const file = readBytes(bytes, uri);
        const composed = materialize(valueOf(composeProgram(cutProgram(graph, file), new Map([[uri, file]]), { producer: 'mdl', producerVersion: '0' }, opener(memory))).pieces, opener(memory));
        const edited = fileOf(graph, (name) => (graph.replaced.has(Number(name.slice(1))) ? node('Tanh', [`${name}_old`], [name]) : undefined));
        const last = `t${graph.nodes.length - 1}`;
        const found = await runModel(composed, { x });
        expect(bitsOf(found['plain'])).toBe(bitsOf((await runModel(bytes, { x }))[last]));
        expect(bitsOf(found['end'])).toBe(bitsOf((await runModel(edited, { x }))[last]));
      }),
      { numRuns: 60 },
    );
  });
});
