/** Joints inside a composition, derived anew through the graph, and what was altered of their record. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import proto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FilePlaces } from '../../src/bundle/places.ts';
import { auditFile } from '../../src/cli/audit/audit-file.ts';
import type { AuditedPlace } from '../../src/cli/audit/audit-facts.ts';
import { readMetadata, sealRecord } from '../../src/onnx/index.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { decodeModel } from '../onnx/models.ts';
import { memorySource } from '../onnx/helpers.ts';
import { createFolder, mdl } from './harness.ts';
import { opaqueFile } from './opaque-file.ts';

const source = `
import { linear, sigmoid } from "std/nn"
import { l2_normalize } from "std/norm"

contract Unit = f32[batch, 4] where norm(-1) == 1 +- 1e-3
contract Share = f32[batch, 2] where range [0, 1]
contract Ten(d: int) = f32[batch, d] where range [-10, 10]
contract Six(d: int) = f32[batch, d] where range [-6, 6]
contract Pair { a: Share b: Unit }
contract Wide = f32[batch, 2] where range [-8, 8] on violation clamp
backbone Opaque @ 1.0.0 {
  source "./opaque.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 4] where range [-10, 10] from "y"
}
head Score(u: Unit) -> Share weights "./w.safetensors" { u |> linear(out: 2) |> sigmoid }
part odds(p: Share) -> f32[batch, 2] { p * 3 }
part half(x: Ten(d: 4)) -> f32[batch, 4] where range [-5, 5] { x * 0.5 }
part need(x: Six(d: 4)) -> f32[batch, 4] { x + 1 }
part kept(x: Wide) -> f32[batch, 2] { x - 1 }
part both(r: Pair) -> f32[batch, 2] { r.a + 1 }

model Inner {
  input x: f32[batch, 4]
  input more: f32[batch, 4] where range [-10, 10]
  let u = l2_normalize(x)
  output odds = odds(Score(u))
  output word = need(half(Opaque(x).y))
  output twice = need(half(more))
  output clamped = kept(Score(u) * 30)
  output record = both({ a: Score(u), b: u })
}
`;
const weights = [
  { name: 'linear.w', dtype: 'f32' as const, dims: [4, 2], bytes: new Uint8Array(Float32Array.from([5, -5, 0.123, 0.124, 1, 2, 3, 4]).buffer) },
  { name: 'linear.b', dtype: 'f32' as const, dims: [2], bytes: new Uint8Array(8) },
];
const folder = createFolder({
  'package.json': '{ "name": "inner" }',
  'inner.mdl': source,
  'w.safetensors': writeSafetensors(weights),
  'opaque.onnx': opaqueFile,
});
afterAll(() => folder.remove());

interface Report {
  readonly code: number;
  readonly findings: readonly { readonly code: string; readonly message: string }[];
  readonly files: readonly { readonly part?: string; readonly places: readonly (Omit<AuditedPlace, 'joints'> & { readonly joints: readonly string[] })[] }[];
}
async function auditJson(target: string): Promise<Report> {
  const { code, stdout } = await mdl(folder.path, ['audit', target, '--json']);
  return { findings: [], files: [], ...(JSON.parse(stdout) as object), code } as Report;
}
const layouts = { whole: [], split: ['--split'], half: ['--weights', 'f16'], linked: ['--link'], all: ['--split', '--link', '--weights', 'f16'] } as const;
const built = (name: string): string => path.join(folder.path, name, 'Inner');
beforeAll(async () => {
  for (const [name, options] of Object.entries(layouts)) await mdl(folder.path, ['build', 'inner.mdl', ...options, '--out', name]);
});

describe('joints inside a composition', () => {
  /** Each fact at a joint that is not one of a port: the parameter that demands it, the fact, how it is known and how it stands. */
  const rows = ({ files }: Report) =>
    files
      .flatMap(({ places }) => places)
      .flatMap(({ joints, facts }) => facts.map(({ what, evidence, verdict }) => [joints.map((joint) => joint.replace(/^.* to /, '')).sort().join(', '), what, evidence, verdict]))
      .sort((a, b) => (a.join() < b.join() ? -1 : 1));
  const expected = [
    // All calls of Score on one vector are one, and so is the sigmoid in them.
    ["Score's result, both.r, odds.p", 'range [0, 1]', 'proved', 'derived'],
    ['Score.u, Score.u, Score.u, both.r, linear.x', 'norm(-1) == 1 +- 0.001', 'proved', 'derived'],
    // What the file gives is a word, and so is what follows from it alone.
    ["half's result, need.x", 'range [-5, 5]', 'declared', 'open'],
    ["half's result, need.x", 'range [-5, 5]', 'enforced', 'derived'],
    ["half's result, need.x", 'range [-6, 6]', 'declared', 'open'],
    ["half's result, need.x", 'range [-6, 6]', 'enforced', 'derived'],
    ['half.x', 'range [-10, 10]', 'declared', 'open'],
    // A guard that mends is in the graph: what it enforces follows.
    ['kept.x', 'range [-8, 8]', 'enforced', 'derived'],
  ];

  test.each(Object.keys(layouts))('are derived anew where the bundle is %s', async (name) => {
    const report = await auditJson(`${name}/Inner`);
    expect([report.code, report.findings]).toEqual([0, []]);
    expect(rows(report)).toEqual(expected);
    const shapes = report.files.flatMap(({ places }) => places).filter(({ shape }) => shape !== 'derived');
    expect(shapes).toEqual([]);
  });

  test('are told to a reader with their places and grounds', async () => {
    const { stdout } = await mdl(folder.path, ['audit', 'whole/Inner/model.onnx']);
    expect(stdout).toContain('tensors at joints: the type of each derived anew\n');
    expect(stdout).toContain("  derived anew: inner.mdl:16:81/Sigmoid (inner.mdl:16:58: u |> linear(out: 2) |> sigmoid to Score's result): range [0, 1] (Sigmoid: lies between 0 and 1 whatever comes in)\n");
    expect(stdout).toContain("on somebody's word: inner.mdl:28:27: Opaque(x).y to half.x: range [-10, 10]\n");
  });

  test('of a part that is called very often are recorded where it is called first', async () => {
    const calls = Array.from({ length: 40 }, (_, i) => `  let y${i + 1} = step(y${i})\n`).join('');
    const program = `contract Unit = f32[batch, 4] where range [0, 1]\npart inner(x: Unit) -> f32[batch, 4] { x * 0.5 }\npart step(x: f32[batch, 4]) -> f32[batch, 4] { inner(onnx.Sigmoid(x)) }\nmodel Often {\n  input y0: f32[batch, 4]\n${calls}  output y = y40\n}\n`;
    writeFileSync(path.join(folder.path, 'often.mdl'), program);
    expect((await mdl(folder.path, ['build', 'often.mdl', '--out', 'often'])).code).toBe(0);
    const { stdout } = await mdl(folder.path, ['audit', 'often/Often', '--json']);
    const [file] = (JSON.parse(stdout) as { files: { places: unknown[]; left: number }[] }).files;
    // Of each of three joints in the parts sixteen; those of the model's own lines are forty.
    expect(file!.left).toBe(3 * (40 - 16));
    expect(await readable('often/Often')).toContain('72 more are not in the record');
  });
});

describe('what a part gives on of an input with a guard', () => {
  const modes = [['reject', 'enforced'], ['clamp', 'enforced'], ['replace(0.5)', 'enforced'], ['report', 'declared']] as const;

  test.each(modes)('on violation %s: its range is %s in the body', async (mode, evidence) => {
    const file = `guard-${mode.slice(0, 4)}.mdl`;
    const contract = `contract Share = f32[batch, 4] where range [0, 1] on violation ${mode}\n`;
    writeFileSync(path.join(folder.path, file), `${contract}part same(x: Share) -> f32[batch, 4] where range [0, 1] { x }\nmodel Same { input x: f32[batch, 4] output y = same(x) }\n`);
    const { models: [{ joints } = { joints: [] }] } = JSON.parse((await mdl(folder.path, ['check', file, '--json'])).stdout) as { models: { joints: { to: string; requirements: { what: string; evidence: string }[] }[] }[] };
    expect(joints.find(({ to }) => to === "same's result")?.requirements).toContainEqual(expect.objectContaining({ what: 'range [0, 1]', evidence }));
    expect((await mdl(folder.path, ['build', file, '--out', file.slice(0, -4)])).code).toBe(0);
    expect((await readable(`${file.slice(0, -4)}/Same`)).includes("on somebody's word")).toBe(evidence === 'declared');
  });
});

const readable = async (target: string): Promise<string> => (await mdl(folder.path, ['audit', target])).stdout;

describe('a record of joints that was forged, with a new seal,', () => {
  /** The model with another graph or record, sealed again. */
  function forge(change: (model: proto.onnx.ModelProto, places: { tensors: { -readonly [K in keyof FilePlaces['tensors'][number]]: FilePlaces['tensors'][number][K] }[] }) => void): Promise<Report> {
    const model = decodeModel(readFileSync(path.join(built('whole'), 'model.onnx')));
    const line = model.metadataProps.find(({ key }) => key === 'org.mdl-lang.places')!;
    const places = JSON.parse(line.value!) as Parameters<typeof change>[1];
    change(model, places);
    line.value = JSON.stringify(places);
    model.metadataProps = model.metadataProps.filter(({ key }) => key !== 'org.mdl-lang.digest');
    const body = proto.onnx.ModelProto.encode(model).finish();
    writeFileSync(path.join(folder.path, 'forged.onnx'), Buffer.concat([body, sealRecord({ sha256: createHash('sha256').update(body).digest('hex') })]));
    return auditJson('forged.onnx');
  }
  const withRange = (places: Parameters<Parameters<typeof forge>[0]>[1], high: number) => places.tensors.find(({ facts }) => facts.some((fact) => fact.kind === 'range' && fact.high === high))!;

  test('names a tensor that is not there', async () => {
    const { code, findings } = await forge((_, places) => (places.tensors[0]!.onnx = 'nowhere'));
    expect([code, findings.map(({ message }) => message)]).toEqual([1, [expect.stringMatching(/^`nowhere` of forged\.onnx should be .*, and is not there$/)]]);
  });

  test('says another size', async () => {
    const { findings } = await forge((_, places) => (withRange(places, 1).dims = [{ size: 'batch' }, { size: 3 }]));
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('should be f32[batch, 3], and is f32[batch, 2]')]);
  });

  test('says another dtype', async () => {
    const { findings } = await forge((_, places) => (withRange(places, 1).dtype = 'f64'));
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('should be f64[batch, 2], and is f32[batch, 2]')]);
  });

  test('says what the graph cannot give', async () => {
    const { findings } = await forge((_, places) => (withRange(places, 1).facts = [{ kind: 'range', low: 2, high: 3, evidence: 'proved' }]));
    expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('should be range [2, 3], and is range [0, 1]')]);
  });

  test('is silent, as files of older compilers are', async () => {
    await forge((model) => void model.metadataProps.splice(model.metadataProps.findIndex(({ key }) => key === 'org.mdl-lang.places'), 1));
    expect(await readable('forged.onnx')).toContain('no tensors at joints are in its record\n');
  });

  test('speaks of a joint that is none', async () => {
    const { code } = await forge((_, places) => (places.tensors[0]!.joints = [99]));
    expect(code).toBe(1);
  });

  test('no longer follows from the graph: an operator was exchanged', async () => {
    const { files } = await forge((model) => (model.graph!.node!.find(({ opType }) => opType === 'LpNormalization')!.opType = 'Neg'));
    const facts = files[0]!.places.flatMap((place) => place.facts);
    expect(facts.filter(({ what }) => what.startsWith('norm')).map(({ evidence, verdict }) => [evidence, verdict])).toEqual([['proved', 'open']]);
    expect(await readable('forged.onnx')).toMatch(/on the compiler's proof alone: \S+ \(.* to Score\.u\): norm\(-1\) == 1/);
  });
});

describe('one bit', () => {
  const complains = (bytes: Uint8Array): boolean => {
    const audit = auditFile(memorySource(bytes), { shown: 'model.onnx', given: new Map(), read: () => undefined });
    return !audit.ok || audit.value.findings.length > 0;
  };

  test('is found in the metadata, the record of joints in it, in whatever byte', () => {
    const bytes = readFileSync(path.join(built('whole'), 'model.onnx'));
    expect(complains(bytes)).toBe(false);
    const lines = readMetadata(memorySource(bytes));
    if (!lines.ok) throw new Error(lines.finding.message);
    const [first, ...others] = [...lines.value].map(([key, value]) => ({ from: bytes.indexOf(key) - 8, to: bytes.indexOf(value) + Buffer.byteLength(value) }));
    const from = Math.max(0, first!.from);
    const to = Math.max(...others.map((line) => line.to));
    fc.assert(
      fc.property(fc.integer({ min: from, max: to - 1 }), fc.nat(7), (at, bit) => {
        const altered = Buffer.from(bytes);
        altered[at]! ^= 1 << bit;
        expect([at, complains(altered)]).toEqual([at, true]);
      }),
      { numRuns: 120 },
    );
  });

  test('is found anywhere in the file', () => {
    const bytes = readFileSync(path.join(built('whole'), 'model.onnx'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const altered = Buffer.from(bytes);
        altered[at]! ^= 1 << bit;
        expect(complains(altered)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
