import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import proto from 'onnx-proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGlosses, mdl } from './harness.ts';

const { ModelProto } = proto.onnx;
let folder = { path: '', remove: (): void => undefined };
let built = Buffer.alloc(0);
beforeAll(async () => {
  folder = createGlosses();
  await mdl(folder.path, ['build', 'glosses.mdl']);
  await mdl(folder.path, ['build', 'glosses.mdl', '--split', '--link', '--out', 'parts']);
  built = readFileSync(path.join(folder.path, 'dist/Glosses/model.onnx'));
});
afterAll(() => folder.remove());

/** Audits these bytes, and answers the exit code and the codes and messages of the findings. */
async function audit(bytes: Uint8Array): Promise<[number, string[]]> {
  writeFileSync(path.join(folder.path, 'model.onnx'), bytes);
  const { code, stdout } = await mdl(folder.path, ['audit', 'model.onnx', '--json']);
  const { findings = [], error } = JSON.parse(stdout) as { findings?: { code: string; message: string }[]; error?: { code: string; message: string } };
  return [code, [...findings, ...(error === undefined ? [] : [error])].map((finding) => `${finding.code} ${finding.message}`)];
}

/** The model with something changed, written by another program. */
function changed(change: (model: proto.onnx.ModelProto) => void): Uint8Array {
  const model = ModelProto.decode(built);
  change(model);
  return ModelProto.encode(model).finish();
}

describe('what was built', () => {
  test('passes as a file and as a bundle, and says what rests on words', async () => {
    expect(await audit(built)).toEqual([0, []]);
    const { code, stdout } = await mdl(folder.path, ['audit', 'dist/Glosses']);
    expect(code).toBe(0);
    for (const part of ['Glosses, by mdl-lang', "on somebody's word", 'norm(-1) == 1', 'models/use-lite/model.onnx', 'Nothing was altered'])
      expect(stdout).toContain(part);
  });

  test('passes in parts', async () => {
    const { code, stdout } = await mdl(folder.path, ['audit', 'parts/Glosses', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { files: { part: string }[] }).files.map(({ part }) => part)).toEqual(['encoder', 'topic', 'living']);
  });

  test('is the same bytes when it is built again, elsewhere', async () => {
    const other = createGlosses();
    await mdl(other.path, ['build', 'glosses.mdl']);
    for (const name of ['model.onnx', 'manifest.json', 'model.d.ts'])
      expect(readFileSync(path.join(other.path, 'dist/Glosses', name)).equals(readFileSync(path.join(folder.path, 'dist/Glosses', name)))).toBe(true);
    other.remove();
  });
});

describe('what was altered is found', () => {
  test('a bit of a weight', async () => {
    const bytes = Buffer.from(built);
    bytes[bytes.length >> 1]! ^= 1;
    const [code, [finding = '']] = await audit(bytes);
    expect([code, finding.split(' ')[0]]).toEqual([1, 'audit-altered']);
  });

  test('something appended, which protobuf would merge', async () => {
    const [code, findings] = await audit(Buffer.concat([built, Buffer.from('\x12\x03abc')]));
    expect([code, findings.length]).toEqual([1, 1]);
    expect(findings[0]).toContain('5 bytes follow its seal');
  });

  test('a seal that is gone', async () => {
    const [code, findings] = await audit(changed((model) => model.metadataProps.pop()));
    expect([code, findings[0]]).toEqual([1, expect.stringContaining('its seal is missing')]);
  });

  test('an output of another size or type, even where the seal were forged', async () => {
    const [, findings] = await audit(
      changed((model) => {
        const topic = model.graph!.output!.find(({ name }) => name === 'topic')!;
        topic.type!.tensorType!.shape!.dim![1] = { dimValue: 11 };
      }),
    );
    expect(findings.some((finding) => finding.startsWith('audit-contradiction `topic`'))).toBe(true);
    expect(findings.join()).toContain('f32[batch, 10]');
  });

  test('an output that nobody promised, and one that is gone', async () => {
    const [, more] = await audit(changed((model) => void model.graph!.output!.push({ ...model.graph!.output![0]!, name: model.graph!.node![0]!.output![0]! })));
    expect(more.join()).toContain('should be no part of its interface');
    const [, less] = await audit(changed((model) => void model.graph!.output!.pop()));
    expect(less.join()).toContain('is not there');
  });

  test('names of classes in the manifest, which an app would show', async () => {
    const file = path.join(folder.path, 'parts/Glosses/manifest.json');
    const whole = readFileSync(file, 'utf8');
    const manifest = JSON.parse(whole) as { outputs: { name: string; tensor: { dims: { classes?: string[] }[] } }[] };
    const output = manifest.outputs.findIndex(({ name }) => name === 'topic');
    const classes = manifest.outputs[output]!.tensor.dims[1]!.classes!;
    [classes[0], classes[1]] = [classes[1]!, classes[0]!];
    writeFileSync(file, JSON.stringify(manifest));
    const { code, stdout } = await mdl(folder.path, ['audit', 'parts/Glosses', '--json']);
    writeFileSync(file, whole);
    const { findings } = JSON.parse(stdout) as { findings: { code: string; message: string }[] };
    expect([code, findings.map((finding) => finding.code)]).toEqual([1, ['audit-altered', 'audit-altered', 'audit-manifest', 'audit-manifest', 'audit-manifest']]);
    expect(findings[2]!.message).toBe(
      `manifest.json says at \`outputs[${output}].tensor.dims[1].classes[0]\`: "${classes[0]}"; the record of parts/Glosses/encoder.onnx says: "${classes[1]}"`,
    );
  });

  test('a file of a bundle', async () => {
    const weights = path.join(folder.path, 'parts/Glosses/head.topic.onnx');
    const whole = readFileSync(weights);
    appendFileSync(weights, '\x12\x01a');
    const { code, stdout } = await mdl(folder.path, ['audit', 'parts/Glosses']);
    writeFileSync(weights, whole);
    expect(code).toBe(1);
    expect(stdout).toContain('bundle-changed');
  });
});

const recordOf = (model: proto.onnx.ModelProto, key: string) => model.metadataProps.find((entry) => entry.key === `org.mdl-lang.${key}`)!;

test('a folder that is no bundle is a wrong call, and says what is meant', async () => {
  const { code, stderr } = await mdl(folder.path, ['audit', 'dist']);
  expect([code, stderr]).toEqual([2, 'error[audit-no-record]: dist cannot be audited: there is no manifest.json in it\n  = Did you mean dist/Glosses?\n']);
});

test.each([
  ['none at all', (model: proto.onnx.ModelProto) => (model.metadataProps = []), 'audit-no-record'],
  ['one that is no JSON', (model: proto.onnx.ModelProto) => (recordOf(model, 'joints').value = '{'), 'audit-no-record'],
  ['one of another shape', (model: proto.onnx.ModelProto) => (recordOf(model, 'interface').value = '{"inputs": 1}'), 'audit-no-record'],
  ['null', (model: proto.onnx.ModelProto) => (recordOf(model, 'interface').value = 'null'), 'audit-no-record'],
])('a record that is %s', async (_, change, expected) => {
  const [code, findings] = await audit(changed(change));
  expect(code).toBe(1);
  expect(findings[0]).toContain(expected);
});
