/** Facts that are kept with a file's header: the same as found anew, under each supposition, and without reading constants again. */
import { expect, test } from 'vitest';
import { tensorFacts, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { inferredModel } from '../../../src/ir/infer/index.ts';
import { rememberedFacts } from '../../../src/ir/infer/remembered.ts';
import type { Tensor } from '../../../src/ir/graph.ts';
import { dataTypes, encodeModel, node, readBytes, valueInfo } from '../../onnx/models.ts';

const weights = Array.from({ length: 64 * 256 }, (_, i) => Math.sin(i));
const bytes = encodeModel({ input: [valueInfo('x', ['n', 64])], output: [{ name: 'y' }], initializer: [{ name: 'w', dims: [64, 256], dataType: dataTypes.FLOAT, rawData: new Uint8Array(Float32Array.from(weights).buffer) }], node: [node('MatMul', ['x', 'w'], ['y'])] });
const within = (low: number, high: number): ReadonlyMap<string, ValueFacts> => new Map([['x', { range: { low, high }, lines: [] }]]);

test('are those that are found anew, and read no constant twice', () => {
  const model = readBytes(bytes);
  const inferred = inferredModel(model);
  let reads = 0;
  const read = ({ bytes: own }: Tensor): Uint8Array | undefined => {
    reads++;
    return own instanceof Uint8Array ? own : own && bytes.subarray(own.offset, own.offset + own.length);
  };
  for (const given of [within(-1, 1), within(0, Infinity), within(-1, 1), within(-2, 1)]) {
    const kept = rememberedFacts(model, inferred, { given, read });
    expect(kept.factsOf('y').facts).toEqual(tensorFacts(model, inferred, { given, read })('y').facts);
    expect(kept.alone('y').facts).toEqual(tensorFacts(model, inferred, { read })('y').facts);
  }
  reads = 0;
  for (const given of [within(-1, 1), within(-2, 1)]) rememberedFacts(model, inferred, { given, read }).factsOf('y');
  expect(reads).toBe(0);
  const again = readBytes(bytes);
  rememberedFacts(again, inferredModel(again), { given: within(-1, 1), read }).factsOf('y');
  expect(reads).toBe(1);
});
