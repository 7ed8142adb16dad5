/** Costs against what ONNX Runtime computed: bytes and products counted from the shapes of a run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { graphCosts } from '../../../src/ir/costs/index.ts';
import { bytesIn } from '../../../src/ir/costs/steps.ts';
import type { ForeignModel } from '../../../src/ir/graph.ts';
import { inferScope } from '../../../src/ir/infer/index.ts';
import { bareSymbol, constantOf, intDim, substituteDim, type Dim } from '../../../src/types/dim.ts';
import { useLitePath } from '../../onnx/helpers.ts';
import { decodeModel, readBytes } from '../../onnx/models.ts';
import { randomNumbers } from '../infer/random/drawing.ts';
import { feedsFor, observe, randomGraph, sizesFor } from '../infer/random/graphs.ts';

type Sizes = ReadonlyMap<string, number>;
const at = (dim: Dim | undefined, sizes: Sizes): number | undefined => dim && constantOf(substituteDim(dim, ({ name }) => (sizes.has(name) ? intDim(sizes.get(name)!) : undefined)));

const elementBytes: Readonly<Record<string, number>> = { float32: 4, float64: 8, float16: 2, int64: 8, int32: 4, int16: 2, int8: 1, uint8: 1, uint16: 2, uint32: 4, uint64: 8, bool: 1 };
const bytesOf = (tensor: ort.Tensor): number => elementBytes[tensor.type]! * tensor.dims.reduce((product, n) => product * n, 1);

/** At each node the sum over all tensors that are made by then and used from then on. */
function observedPeak({ graph: written }: ForeignModel, tensors: ReadonlyMap<string, ort.Tensor>, feeds: Readonly<Record<string, ort.Tensor>>): number {
  // What an Identity gives is what it takes.
  const same = new Map(written.nodes.filter(({ op }) => op === 'Identity').map(({ inputs, outputs }) => [outputs[0]!, inputs[0]!]));
  const nameOf = (name: string): string => (same.has(name) ? nameOf(same.get(name)!) : name);
  const graph = { outputs: written.outputs.map(nameOf), nodes: written.nodes.filter(({ op }) => op !== 'Identity').map((node) => ({ ...node, inputs: node.inputs.map(nameOf) })) };
  const nodes = graph.nodes.filter(({ op }) => op !== 'Constant');
  const madeAt = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i] as const)));
  const isNeeded = (name: string, from: number): boolean => graph.outputs.includes(name) || nodes.some(({ inputs }, i) => i >= from && inputs.includes(name));
  const moments = nodes.map((_, i) => [...madeAt].filter(([name, made]) => name !== '' && made <= i && (made === i || isNeeded(name, i))).reduce((sum, [name]) => sum + bytesOf(tensors.get(name)!), 0));
  return Object.values(feeds).reduce((sum, tensor) => sum + bytesOf(tensor), Math.max(0, ...moments));
}

describe('random graphs', () => {
  test('hold as many bytes as they take at the worst moment', async () => {
    let compared = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const graph = await randomGraph(seed, { inBodies: false });
      const read = readBytes(graph.bytes);
      // Drawn graphs give all they make; these give what they end with, so that the rest goes on the way.
      const model: ForeignModel = { ...read, graph: { ...read.graph, outputs: read.graph.nodes.at(-1)?.outputs ?? [], types: new Map([...read.graph.types].filter(([name]) => read.graph.inputs.includes(name))) } };
      const { peak, uncounted } = graphCosts(model);
      const random = randomNumbers(seed);
      const sizes = sizesFor(random);
      const feeds = feedsFor(graph.inputs, sizes, random);
      const observed = await observe(graph.bytes, feeds);
      if (observed === undefined || uncounted.tensors.length > 0) continue;
      compared++;
      expect([seed, at(peak, new Map(Object.entries(sizes)))]).toEqual([seed, observedPeak(model, observed, feeds)]);
    }
    expect(compared).toBeGreaterThan(15);
  });
});

describe('a real encoder', () => {
  const bytes = readFileSync(useLitePath);
  const model = readBytes(bytes);
  const costs = graphCosts(model);

  test('has the parameters that another reader counts', () => {
    const { initializer = [] } = decodeModel(bytes).graph!;
    const floats = initializer!.filter((tensor) => tensor.dataType === 1 && tensor.dims!.length > 0);
    expect(costs.parameters).toBe(floats.reduce((sum, tensor) => sum + tensor.rawData!.length / 4, 0));
  });

  test.each([[1, 1], [3, 7], [2, 40]])('makes the tensors that ONNX Runtime notes, and multiplies their elements: %i rows of %i', async (batch, sequence) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mdl-profile-'));
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled', executionMode: 'sequential', enableProfiling: true, profileFilePrefix: path.join(folder, 'p'), logSeverityLevel: 4 });
    const ids = new ort.Tensor('int64', BigInt64Array.from({ length: batch * sequence }, (_, i) => BigInt(i % 100)), [batch, sequence]);
    const mask = new ort.Tensor('int64', new BigInt64Array(batch * sequence).fill(1n), [batch, sequence]);
    await session.run({ input_ids: ids, attention_mask: mask });
    session.endProfiling();
    await session.release();
    const profile = readProfile(folder);
    rmSync(folder, { recursive: true });
    const sizes = new Map([['batch', batch], ['sequence', sequence]]);
    const bytesAt = bytesIn(model.graph, inferScope(model));
    let products = 0;
    for (const node of model.graph.nodes) {
      const event = profile.get(node.name);
      // Casts of what is of the type already are left out of the run.
      if (node.op === 'Constant' || (node.op === 'Cast' && event === undefined)) continue;
      expect([node.name, node.outputs.reduce((sum, name) => sum + at(bytesAt(name), sizes)!, 0)]).toEqual([node.name, Number(event!.output_size)]);
      const [a] = event!.input_type_shape.map((each) => Object.values(each)[0]!);
      const [y] = event!.output_type_shape.map((each) => Object.values(each)[0]!);
      if (node.op === 'MatMul' || node.op === 'Gemm') products += y!.reduce((product, n) => product * n, 1) * a!.at(-1)!;
    }
    expect(at(costs.macs, sizes)).toBe(products);
    expect(costs.uncounted).toEqual({ operators: [], tensors: [] });
  });

  test('has its sizes in nothing but the inputs', () => {
    const names = model.graph.inputs.flatMap((name) => model.graph.types.get(name)!.dims!.map((dim) => bareSymbol(dim)!.name));
    expect(new Set(costs.macs!.terms.flatMap((term) => term.symbols.map((symbol) => symbol.name)))).toEqual(new Set(names));
  });
});

interface NodeEvent {
  readonly output_size: string;
  readonly input_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
  readonly output_type_shape: readonly Readonly<Record<string, readonly number[]>>[];
}

/** What each node took and gave, by the node's name. */
function readProfile(folder: string): ReadonlyMap<string, NodeEvent> {
  const [file] = readdirSync(folder);
  const events = JSON.parse(readFileSync(path.join(folder, file!), 'utf8')) as { readonly cat: string; readonly name: string; readonly args: NodeEvent }[];
  return new Map(events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time')).map(({ name, args }) => [name.slice(0, -'_kernel_time'.length), args]));
}
