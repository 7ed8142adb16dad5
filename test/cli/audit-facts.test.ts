/** `mdl audit` derives what is said of outputs anew, and finds every byte that was altered. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import proto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditedFact } from '../../src/cli/audit/audit-facts.ts';
import { sealRecord } from '../../src/onnx/index.ts';
import { writeSafetensors } from '../../src/data/safetensors-write.ts';
import { decodeModel } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';
import { opaqueFile } from './opaque-file.ts';
import { expectShown } from './shown-calls.ts';

const source = `
import { linear, softmax, sigmoid } from "std/nn"
import { l2_normalize } from "std/norm"

labels Side = ["left", "right"]
space points @ 1.0.0
contract Point = f32[batch, 4] where range [-2, 2]
backbone Opaque @ 1.0.0 {
  source "./opaque.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 4] where range [-10, 10], space points
}
adapter Unit(x: Point) -> f32[batch, 4] where norm(-1) == 1 +- 1e-3 { x |> l2_normalize }
head Choose(x: Point) -> f32[batch, Side] where range [0, 1], sum(-1) == 1 weights "./choose.safetensors" { x |> linear(out: Side) |> softmax }
head Score(x: Point) -> f32[batch, 2] where range [0, 1] weights "./choose.safetensors" { x |> linear(out: 2) |> sigmoid }

model Sides {
  input point: Point
  output unit = Unit(point)
  output side = Choose(point)
  output score = Score(point)
  output opaque = Opaque(point).y
}
`;
const matrix = { name: 'linear.w', dtype: 'f32' as const, dims: [4, 2], bytes: new Uint8Array(Float32Array.from([5, -5, 0.123, 0.124, 1, 2, 3, 4]).buffer) };
const bias = { name: 'linear.b', dtype: 'f32' as const, dims: [2], bytes: new Uint8Array(8) };

const folder = createFolder({
  'package.json': '{ "name": "sides" }',
  'sides.mdl': source,
  'choose.safetensors': writeSafetensors([matrix, bias]),
  'opaque.onnx': opaqueFile,
});
afterAll(() => folder.remove());
const bundle = path.join(folder.path, 'dist/Sides');
const auditJson = async (target: string): Promise<{ code: number; findings: { code: string; message: string }[]; files: { facts: AuditedFact[] }[] }> => {
  const { code, stdout } = await mdl(folder.path, ['audit', target, '--json']);
  const { findings = [], files = [] } = JSON.parse(stdout) as Awaited<ReturnType<typeof auditJson>>;
  return { code, findings, files };
};

beforeAll(async () => {
  await mdl(folder.path, ['build', 'sides.mdl']);
  await mdl(folder.path, ['build', 'sides.mdl', '--split', '--link', '--weights', 'f16', '--out', 'parts']);
});

describe('facts', () => {
  const expected = [
    ['opaque', 'range [-10, 10]', 'declared', 'open'],
    ['opaque', 'space points@1.0.0', 'declared', 'nominal'],
    ['score', 'range [0, 1]', 'proved', 'derived'],
    ['side', 'range [0, 1]', 'proved', 'derived'],
    ['side', expect.stringMatching(/^sum\(-1\) == 1/), 'proved', 'derived'],
    // What the body gives, and what its signature promises of that.
    ['unit', 'norm(-1) == 1 +- 0.0001', 'proved', 'derived'],
    ['unit', 'norm(-1) == 1 +- 0.001', 'proved', 'derived'],
    ['unit', 'range [-1, 1]', 'proved', 'derived'],
  ];
  const rows = (facts: readonly AuditedFact[]) => facts.map(({ tensor, what, evidence, verdict }) => [tensor, what, evidence, verdict]).sort((a, b) => (a.join() < b.join() ? -1 : 1));

  test('are derived anew through the graph, but for what rests on a word', async () => {
    const { code, files } = await auditJson('dist/Sides');
    expect(code).toBe(0);
    expect(rows(files.flatMap(({ facts }) => facts))).toEqual(expected);
  });

  test('in the parts of a split and halved model, too', async () => {
    const { code, files } = await auditJson('parts/Sides');
    expect([code, files.length > 1]).toEqual([0, true]);
    expect(rows(files.flatMap(({ facts }) => facts))).toEqual(expected);
  });

  test('are told with their grounds', async () => {
    const { stdout } = await mdl(folder.path, ['audit', 'dist/Sides']);
    expect(stdout).toContain('derived anew: side: range [0, 1] (Softmax: ');
    expect(stdout).toContain("on somebody's word: opaque: range [-10, 10]\n");
  });

  /** The model with another graph or record, sealed again: a forgery, which no digest shows. */
  function forged(change: (model: proto.onnx.ModelProto) => void): Uint8Array {
    const model = decodeModel(readFileSync(path.join(bundle, 'model.onnx')));
    change(model);
    model.metadataProps = model.metadataProps.filter(({ key }) => key !== 'org.mdl-lang.digest');
    const body = proto.onnx.ModelProto.encode(model).finish();
    return Buffer.concat([body, sealRecord({ sha256: createHash('sha256').update(body).digest('hex') })]);
  }
  const nodeOf = (model: proto.onnx.ModelProto, op: string) => model.graph!.node!.find(({ opType }) => opType === op)!;
  const record = (model: proto.onnx.ModelProto) => model.metadataProps.find(({ key }) => key === 'org.mdl-lang.interface')!;

  test('that no longer follow are open: an operator was exchanged', async () => {
    writeFileSync(path.join(folder.path, 'forged.onnx'), forged((model) => (nodeOf(model, 'Sigmoid').opType = 'Neg')));
    const { files } = await auditJson('forged.onnx');
    expect(rows(files[0]!.facts)).toContainEqual(['score', 'range [0, 1]', 'proved', 'open']);
    const { stdout } = await mdl(folder.path, ['audit', 'forged.onnx']);
    expect(stdout).toContain("on the compiler's proof alone: score: range [0, 1]");
  });

  test('that a test of each run refutes leave the file what it says: it reports them all', async () => {
    const guarded = `contract Lower = f32[n] where range [0.1, 0.2] on violation report
part lower(x: Lower, y: f32[n]) -> f32[n] { y * 2 }
part high(x: f32[n]) -> f32[n] where range [3, 4] { onnx.Clip(x, min: 3, max: 4) }
model Never {
  input x: f32[n]
  output unread = lower(high(x), x)
  output reported: Lower = high(x)
}
`;
    const own = createFolder({ 'package.json': '{ "name": "never" }', 'never.mdl': guarded });
    try {
      expect((await mdl(own.path, ['build', 'never.mdl'])).code).toBe(0);
      const { code, stdout } = await mdl(own.path, ['audit', 'dist/Never']);
      expect([code, stdout]).toEqual([0, expect.stringContaining("on somebody's word: reported: range [0.1, 0.2]")]);
    } finally {
      own.remove();
    }
  });

  test('whose contrary follows are an error: the record promises what the graph cannot give', async () => {
    writeFileSync(
      path.join(folder.path, 'forged.onnx'),
      forged((model) => {
        const ports = JSON.parse(record(model).value!) as { outputs: { name: string; tensor: { facts: { kind: string; low: number; high: number }[] } }[] };
        const score = ports.outputs.find(({ name }) => name === 'score')!.tensor.facts.find(({ kind }) => kind === 'range')!;
        [score.low, score.high] = [2, 3];
        record(model).value = JSON.stringify(ports);
      }),
    );
    const { code, findings } = await auditJson('forged.onnx');
    expect([code, findings.map(({ message }) => message)]).toEqual([1, ['`score` of forged.onnx should be range [2, 3], and is range [0, 1]']]);
    await expectShown(folder.path, 'audit-contradiction', { args: ['audit', 'forged.onnx'], code: 1, onlyErrors: true });
  });
});

describe('a bit that was flipped is found, wherever it lies', () => {
  /** Whether an audit complains of a bundle in which one bit of one file is another. */
  async function isFound(name: string, file: string, at: number, bit: number): Promise<boolean> {
    const target = path.join(folder.path, name, 'Sides', file);
    const whole = readFileSync(target);
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << bit;
    writeFileSync(target, bytes);
    const { code } = await mdl(folder.path, ['audit', `${name}/Sides`]);
    writeFileSync(target, whole);
    return code === 1;
  }

  test('in the seal at the end of each file, every other byte', async () => {
    for (const file of ['model.onnx', 'manifest.json']) {
      const { length } = readFileSync(path.join(bundle, file));
      for (let at = length - 90; at < length; at += 2) expect([file, at, await isFound('dist', file, at, at % 8)]).toEqual([file, at, true]);
    }
  });

  test.each(['dist', 'parts'])('in the files of %s', async (name) => {
    const root = path.join(folder.path, name, 'Sides');
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\./.test(file) && !file.endsWith('.safetensors'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7), async (file, share, bit) => {
        const at = Math.floor(share * readFileSync(path.join(root, file)).length);
        expect([file, at, await isFound(name, file, at, bit)]).toEqual([file, at, true]);
      }),
      { numRuns: 40 },
    );
  });
});
