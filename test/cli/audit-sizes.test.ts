/** Comparisons of sizes at joints, derived anew from what each run tests. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import proto from 'onnx-proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditedPlace } from '../../src/cli/audit/audit-facts.ts';
import { sealRecord } from '../../src/onnx/index.ts';
import { decodeModel } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const source = `
contract Big = f32[batch, w] where w >= 8
contract Square = f32[h, w] where h == w, h <= 100
part big(x: Big) -> f32[batch, w] { x * 2 }
part square(x: Square) -> f32[h, w] { x * 2 }

model Sizes {
  input a: f32[batch, 16]
  input b: f32[n, v] where v >= 10
  input c: f32[k, k] where k <= 64
  output fixed = big(a)
  output joined = big(onnx.Concat(b, b, axis: 1))
  output squared = square(c)
}
`;

const folder = createFolder({ 'package.json': '{ "name": "sizes" }', 'sizes.mdl': source });
afterAll(() => folder.remove());
beforeAll(() => mdl(folder.path, ['build', 'sizes.mdl']));
const model = path.join(folder.path, 'dist/Sizes/model.onnx');

async function audit(target: string) {
  const { code, stdout } = await mdl(folder.path, ['audit', target, '--json']);
  const { findings, files } = JSON.parse(stdout) as { findings: { message: string }[]; files: { places: AuditedPlace[] }[] };
  const facts = files.flatMap(({ places }) => places).flatMap((place) => place.facts);
  return { code, messages: findings.map(({ message }) => message), facts: facts.map(({ what, verdict, because }) => [what, verdict, because]) };
}

/** The model with another record, sealed again. */
function forge(change: (lines: { interface: { sizes?: { right: number }[] }; places: { tensors: { sizes?: { right: number | string; left: number | string }[] }[] } }) => void): void {
  const decoded = decodeModel(readFileSync(model));
  const line = (key: string) => decoded.metadataProps.find((entry) => entry.key === `org.mdl-lang.${key}`)!;
  const lines = { interface: JSON.parse(line('interface').value!), places: JSON.parse(line('places').value!) };
  change(lines);
  line('interface').value = JSON.stringify(lines.interface);
  line('places').value = JSON.stringify(lines.places);
  decoded.metadataProps = decoded.metadataProps.filter(({ key }) => key !== 'org.mdl-lang.digest');
  const body = proto.onnx.ModelProto.encode(decoded).finish();
  writeFileSync(path.join(folder.path, 'forged.onnx'), Buffer.concat([body, sealRecord({ sha256: createHash('sha256').update(body).digest('hex') })]));
}

test('follow from the sizes alone, or from the tests of the inputs', async () => {
  expect(await audit('dist/Sizes')).toEqual({
    code: 0,
    messages: [],
    facts: [
      ['16 >= 8', 'derived', 'for all sizes'],
      ['2*v >= 8', 'derived', 'each run tests v >= 10'],
      ['k == k', 'derived', 'for all sizes'],
      ['k <= 100', 'derived', 'each run tests k <= 64'],
    ],
  });
  const { stdout } = await mdl(folder.path, ['audit', 'dist/Sizes']);
  expect(stdout).toContain('on a test when it runs: v >= 10, which b demands\n');
});

test('no longer follow where a test is gone', async () => {
  forge(({ interface: own }) => void delete own.sizes);
  const { code, facts } = await audit('forged.onnx');
  expect([code, facts.slice(1)]).toEqual([0, [['2*v >= 8', 'open', ''], ['k == k', 'derived', 'for all sizes'], ['k <= 100', 'open', '']]]);
  const { stdout } = await mdl(folder.path, ['audit', 'forged.onnx']);
  expect(stdout).toContain('5 enforced');
});

test('whose contrary follows are an error', async () => {
  forge(({ places }) => (places.tensors[0]!.sizes![0]!.right = 17));
  expect((await audit('forged.onnx')).messages).toEqual(['`a` of forged.onnx should be 16 >= 17, and is 16 >= 17 for no size']);
});

test('that are no expressions are left open', async () => {
  forge(({ places }) => (places.tensors[0]!.sizes![0]!.left = '((' ));
  const { code, facts } = await audit('forged.onnx');
  expect([code, facts[0]]).toEqual([0, ['(( >= 8', 'open', '']]);
});

test('are compared between the manifest and the file', async () => {
  const manifest = path.join(folder.path, 'dist/Sizes/manifest.json');
  const whole = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, whole.replace('"right": 10', '"right": 11'));
  const { messages } = await audit('dist/Sizes');
  writeFileSync(manifest, whole);
  expect(messages).toContainEqual('manifest.json says at `sizes[0].right`: 11; the record of dist/Sizes/model.onnx says: 10');
});
