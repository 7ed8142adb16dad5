/** Facts that are kept with a file's header: the same as found anew, under each supposition, and without reading constants again. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createNodeHost } from '../../../src/host/node.ts';
import { tensorFacts, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { inferredModel } from '../../../src/ir/infer/index.ts';
import { printAnswers, readAnswers, type Answers } from '../../../src/ir/infer/kept-answers.ts';
import { recallLater, recollected, rememberedFacts } from '../../../src/ir/infer/remembered.ts';
import type { ForeignModel, Tensor } from '../../../src/ir/graph.ts';
import { openConstants } from '../../../src/read-constants.ts';
import { useLitePath } from '../../onnx/helpers.ts';
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

const example = (file: string): string => fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url));

test.each([useLitePath, example('fashion/models/encoder_a_cnn128.onnx'), example('fashion/models/encoder_b_mixer64.onnx')])('are read from their text as they were: %s', (path) => {
  const model = readBytes(readFileSync(path), pathToFileURL(path).href);
  const inferred = inferredModel(model);
  const constants = openConstants(createNodeHost());
  const given = new Map(model.graph.inputs.map((name) => [name, { range: { low: -0, high: Infinity }, lines: [] }]));
  const factsOf = tensorFacts(model, inferred, { given, read: constants.read });
  for (const name of inferred.tensors.keys()) {
    const answers: Answers = new Map([['', new Map([[name, factsOf(name)]])]]);
    expect(readAnswers(printAnswers(answers)!, model), name).toStrictEqual(answers);
  }
  constants.close();
});

test('are given as text where something is new, and outlive their process', () => {
  const [one, other] = [readBytes(bytes), readBytes(bytes)];
  const read = ({ bytes: own }: Tensor): Uint8Array | undefined => (own instanceof Uint8Array ? own : own && bytes.subarray(own.offset, own.offset + own.length));
  const ask = (model: ForeignModel, given: ReadonlyMap<string, ValueFacts>, by = read) => rememberedFacts(model, inferredModel(model), { given, read: by }).factsOf('y');
  expect(recollected(one)).toBeUndefined();
  const found = ask(one, within(-1, 1));
  const text = recollected(one)!;
  expect(recollected(one)).toBeUndefined();
  recallLater(other, () => text);
  expect(ask(other, within(-1, 1), () => undefined).facts).toEqual(found.facts);
  expect(recollected(other)).toBeUndefined();
  ask(other, within(-3, 1));
  expect(readAnswers(recollected(other)!, other).size).toBe(2);
});

test.each(['', 'null', '[]', '[1]', '{"a": 1}'])('are none where their text is damaged: %j', (text) => {
  const model = readBytes(bytes);
  recallLater(model, () => text);
  const found = rememberedFacts(model, inferredModel(model), { given: within(-1, 1) }).factsOf('y');
  expect(found.facts).toEqual(tensorFacts(model, inferredModel(model), { given: within(-1, 1) })('y').facts);
});
