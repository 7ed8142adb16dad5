/** Every kind of thing that a bundle holds, altered by itself: with the old seal, and, of the model's file, with a new one that its manifest does not know. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import proto, { type onnx } from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealRecord } from '../../src/onnx/index.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { decodeModel } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';
import { opaqueFile } from './opaque-file.ts';

const source = `
import { linear, softmax } from "std/nn"

labels Side = ["left", "right"]
contract Point = f32[batch, 4] where range [-2, 2] on violation clamp
backbone Opaque @ 1.0.0 {
  source "./opaque.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 4] where range [-10, 10]
  card { license "MIT" trained_on "points" }
}
head Choose(x: Point) -> f32[batch, Side] where range [0, 1] weights "./choose.safetensors" { x |> linear(out: Side) |> softmax }

/// Which side a point is on.
model Sides {
  input point: Point
  input many: f32[n, m] where m >= 3
  output side = Choose(point)
  output opaque = Opaque(point).y
  output twice = many * 2
}
`;
const weights = [
  { name: 'linear.w', dtype: 'f32' as const, dims: [4, 2], bytes: new Uint8Array(Float32Array.from([5, -5, 0.123, 0.124, 1, 2, 3, 4]).buffer) },
  { name: 'linear.b', dtype: 'f32' as const, dims: [2], bytes: new Uint8Array(8) },
];
const folder = createFolder({ 'package.json': '{ "name": "sides" }', 'sides.mdl': source, 'choose.safetensors': writeSafetensors(weights), 'opaque.onnx': opaqueFile });
afterAll(() => folder.remove());
beforeAll(() => mdl(folder.path, ['build', 'sides.mdl']));
const fileOf = (name: string): string => path.join(folder.path, 'dist/Sides', name);

/** What an audit of the bundle says while one of its files has other bytes: the exit code, and the codes of what is found. */
async function auditWith(name: string, bytes: Uint8Array | string): Promise<[number, readonly string[]]> {
  const whole = readFileSync(fileOf(name));
  writeFileSync(fileOf(name), bytes);
  const { code, stdout } = await mdl(folder.path, ['audit', 'dist/Sides', '--json']);
  writeFileSync(fileOf(name), whole);
  const { findings = [], error } = JSON.parse(stdout) as { findings?: { code: string }[]; error?: { code: string } };
  return [code, [...findings, ...(error === undefined ? [] : [error])].map((found) => found.code)];
}

test('what was not altered passes', async () => {
  expect(await auditWith('model.onnx', readFileSync(fileOf('model.onnx')))).toEqual([0, []]);
});

// ---------------------------------------------------------------- the model's file

type Json = { [key: string]: Json } & Json[] & number & string;
const line = (model: onnx.IModelProto, key: string): onnx.IStringStringEntryProto => model.metadataProps!.find((entry) => entry.key === `org.mdl-lang.${key}`)!;
function inLine(key: string, change: (json: Json) => void) {
  return (model: onnx.IModelProto): void => {
    const json = JSON.parse(line(model, key).value!) as Json;
    change(json);
    line(model, key).value = JSON.stringify(json);
  };
}
const nodeOf = ({ graph }: onnx.IModelProto, op: string): onnx.INodeProto => graph!.node!.find(({ opType }) => opType === op)!;
const tensorOf = ({ graph }: onnx.IModelProto, isIt: (tensor: onnx.ITensorProto) => boolean): onnx.ITensorProto => graph!.initializer!.find(isIt)!;
const flip = (tensor: onnx.ITensorProto): void => void (tensor.rawData = Buffer.from(tensor.rawData!).map((byte, at) => (at === 5 ? byte ^ 1 : byte)));
const set = (json: Json, key: string, value: unknown): void => void ((json as Record<string, unknown>)[key] = value);

function rename(model: onnx.IModelProto): void {
  tensorOf(model, ({ name }) => name === 'c').name = 'other c';
  for (const node of model.graph!.node!) node.input = node.input!.map((name) => (name === 'c' ? 'other c' : name));
}

const alterations: readonly (readonly [what: string, change: (model: onnx.IModelProto) => void])[] = [
  ['a byte of a weight of ours', (m) => flip(tensorOf(m, ({ dims }) => dims!.length === 2))],
  ["a byte of a backbone's weight", (m) => flip(tensorOf(m, ({ name }) => name === 'c'))],
  ['the name of a weight, everywhere', rename],
  ['the dimensions of a weight', (m) => void (tensorOf(m, ({ dims }) => dims!.length === 2).dims = [2, 4])],
  ['an attribute', (m) => void (nodeOf(m, 'Softmax').attribute![0]!.i = 0)],
  ['an attribute that is gone', (m) => void (nodeOf(m, 'Softmax').attribute = [])],
  ['an operator', (m) => void (nodeOf(m, 'Reciprocal').opType = 'Neg')],
  ['an edge', (m) => void (nodeOf(m, 'Add').input![0] = 'c')],
  ['the order of the edges of a node', (m) => void nodeOf(m, 'MatMul').input!.reverse()],
  ["a node's name, which leads to its source", (m) => void (nodeOf(m, 'Softmax').name = 'sides.mdl:1:1')],
  ['a node more', (m) => void m.graph!.node!.push({ opType: 'Neg', input: ['c'], output: ['unused'], name: 'more' })],
  ['the size of an input', (m) => void (m.graph!.input![0]!.type!.tensorType!.shape!.dim![1] = { dimValue: 5 })],
  ['the name of a size', (m) => void (m.graph!.input![0]!.type!.tensorType!.shape!.dim![0] = { dimParam: 'rows' })],
  ['the dtype of an output', (m) => void (m.graph!.output![0]!.type!.tensorType!.elemType = 11)],
  ['a denotation', (m) => void (m.graph!.input![0]!.type!.denotation = 'IMAGE')],
  ['the operator set', (m) => void (m.opsetImport![0]!.version = 13)],
  ['the version of the format', (m) => void (m.irVersion = 9)],
  ['the documentation', (m) => void (m.docString = 'Which side a point is not on.')],
  ['the producer', (m) => void (m.producerVersion = '9.9.9')],
  ['a fact: an end of a range', inLine('interface', ({ outputs }) => set(outputs![0]!['tensor']!['facts']![0]!, 'high', 2))],
  ['the evidence of a fact', inLine('interface', ({ outputs }) => set(outputs![1]!['tensor']!['facts']![0]!, 'evidence', 'proved'))],
  ['a fact that is gone', inLine('interface', ({ outputs }) => set(outputs![1]!['tensor']!, 'facts', []))],
  ["a contract's name", inLine('interface', ({ inputs }) => set(inputs![0]!, 'contract', 'Other'))],
  ['two labels, the other way round', inLine('interface', ({ outputs }) => void (outputs![0]!['tensor']!['dims']![1]!['classes'] as Json[]).reverse())],
  ['a comparison of sizes', inLine('interface', ({ sizes }) => set(sizes![0]!, 'right', 2))],
  ['what becomes of a violation', inLine('interface', ({ guards }) => set(guards![0]!, 'action', 'replace'))],
  ['the evidence at a joint', inLine('joints', (joints) => set(joints[0]!['requirements']![0]!, 'evidence', 'proved'))],
  ['what a joint demands', inLine('joints', (joints) => set(joints[0]!['requirements']![0]!, 'what', 'nothing'))],
  ['the tensor of a joint', inLine('places', ({ tensors }) => set(tensors![0]!, 'onnx', 'side'))],
  ['the licence on a card', inLine('backbones', (backbones) => set(backbones[0]!['card']!, 'license', 'none'))],
  ["a backbone's version", inLine('backbones', (backbones) => set(backbones[0]!, 'version', '1.0.1'))],
  ['the digest of a source', inLine('sources', (sources) => set(sources[0]!, 'sha256', '0'.repeat(64)))],
  ['the compiler', (m) => void (line(m, 'compiler').value = 'mdl-lang 9.9.9')],
  ["the model's name", (m) => void (line(m, 'model').value = 'Others')],
  ['a line of metadata more', (m) => void m.metadataProps!.unshift({ key: 'Image.BitmapPixelFormat', value: 'Rgb8' })],
  ['a line of metadata that is gone', (m) => void (m.metadataProps = m.metadataProps!.filter(({ key }) => key !== 'org.mdl-lang.places'))],
];

describe("of the model's file", () => {
  /** The file with a change; the digest in it is the old one, or of the bytes as they are now. */
  function altered(change: (model: onnx.IModelProto) => void, isResealed: boolean): Uint8Array {
    const model = decodeModel(readFileSync(fileOf('model.onnx')));
    const before = JSON.stringify(model);
    change(model);
    expect(JSON.stringify(model)).not.toBe(before);
    if (!isResealed) return proto.onnx.ModelProto.encode(model).finish();
    model.metadataProps = model.metadataProps.filter(({ key }) => key !== 'org.mdl-lang.digest');
    const body = proto.onnx.ModelProto.encode(model).finish();
    return Buffer.concat([body, sealRecord({ sha256: createHash('sha256').update(body).digest('hex') })]);
  }

  test('nothing is said of one that was only written anew, but that it is no longer the bytes', async () => {
    const [code, found] = await auditWith('model.onnx', proto.onnx.ModelProto.encode(decodeModel(readFileSync(fileOf('model.onnx')))).finish());
    expect([code, new Set(found)]).toEqual([1, new Set(['bundle-changed', 'audit-altered'])]);
  });

  test.each(alterations)('%s', async (_, change) => {
    const [code, found] = await auditWith('model.onnx', altered(change, false));
    expect([code, found]).toEqual([1, expect.arrayContaining(['audit-altered'])]);
    const [again, foundAgain] = await auditWith('model.onnx', altered(change, true));
    expect([again, foundAgain[0]]).toEqual([1, 'bundle-changed']);
  });
});

// ---------------------------------------------------------------- the files beside it

type Path = readonly (string | number)[];
function leavesOf(json: unknown, at: Path = []): readonly Path[] {
  if (typeof json !== 'object' || json === null) return [at];
  return Object.entries(json).flatMap(([key, value]) => leavesOf(value, [...at, Array.isArray(json) ? Number(key) : key]));
}
const otherThan = (value: unknown): unknown => (typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${String(value)}x`);
function withOther(json: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return otherThan(json);
  const copy = (Array.isArray(json) ? [...(json as unknown[])] : { ...(json as object) }) as Record<string | number, unknown>;
  copy[key] = withOther(copy[key], rest);
  return copy;
}

describe('of the files beside it', () => {
  test('every value in the manifest', async () => {
    const manifest: unknown = JSON.parse(readFileSync(fileOf('manifest.json'), 'utf8'));
    const leaves = leavesOf(manifest);
    const members = new Set(leaves.map(([member]) => member));
    expect([...members]).toEqual(expect.arrayContaining(['format', 'compiler', 'model', 'doc', 'onnx', 'inputs', 'outputs', 'sizes', 'backbones', 'joints', 'guards', 'costs', 'sources', 'seal']));
    for (const leaf of leaves) {
      const [code] = await auditWith('manifest.json', `${JSON.stringify(withOther(manifest, leaf), null, 2)}\n`);
      expect([leaf.join('.'), code]).toEqual([leaf.join('.'), 1]);
    }
  });

  test('every line of the declaration', async () => {
    const lines = readFileSync(fileOf('model.d.ts'), 'utf8').split('\n');
    for (const index of lines.keys()) {
      const [code] = await auditWith('model.d.ts', lines.map((text, other) => (other === index ? `${text} //` : text)).join('\n'));
      expect([index, code]).toEqual([index, 1]);
    }
  });
});
