import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../src/bundle/read.ts';
import { useLiteManifest } from './bundles.ts';

const good = {
  ...useLiteManifest(),
  joints: [{ at: 'a.mdl:1:2', from: 'a', to: 'b', requirements: [{ what: 'dtype', evidence: 'proved' }] }],
};

type Json = { [key: string]: Json } & Json[];

/** The good manifest with the value at a path replaced; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(good) as unknown as Json;
  const keys = path.split('/');
  const last = keys.pop()!;
  const owner = keys.reduce<Json>((at, key) => at[key]!, copy);
  if (value === undefined) delete owner[last];
  else owner[last] = value as Json;
  return copy;
}

function refusal(json: unknown): string {
  const manifest = readManifest(json);
  if (manifest.ok) throw new Error('read without a finding');
  return `${manifest.finding.code}: ${manifest.finding.message}`;
}

test('a good manifest is read as it is', () => {
  const future = { ...good, signature: 'of a later version' };
  expect(readManifest(good)).toEqual({ ok: true, value: good });
  expect(readManifest(future).ok).toBe(true);
});

describe('a manifest with', () => {
  const field = 'inputs/0/fields/ids';
  const fact = (value: unknown) => changed(`${field}/facts/0`, value);
  const range = { kind: 'range', low: 0, high: 'inf', evidence: 'proved' };
  test.each<[string, unknown, string]>([
    ['nothing', null, 'manifest-invalid: The manifest is wrong: `the whole` should be an object, found null'],
    [
      'another format',
      { ...good, format: 'mdl-bundle@2', inputs: 0 },
      '`format` should be "mdl-bundle@1", found "mdl-bundle@2"',
    ],
    ['no model', changed('model', undefined), '`model` should be a string, found nothing'],
    ['inputs that are no list', changed('inputs', {}), '`inputs` should be a list, found an object'],
    [
      'a port without a tensor',
      changed('inputs/0/fields', undefined),
      '`inputs[0]` should be one tensor or a record of fields, found neither',
    ],
    [
      'a port with both',
      changed('outputs/0/fields', {}),
      '`outputs[0]` should be one tensor or a record of fields, found both',
    ],
    [
      'two ports of one name',
      changed('outputs/1', good.outputs[0]),
      '`outputs[1].name` should be a name of its own, found "embedding"',
    ],
    [
      'an unknown dtype',
      changed(`${field}/dtype`, 'f128'),
      '`inputs[0].fields.ids.dtype` should be a dtype that this version knows, found "f128"',
    ],
    ['a dtype named like a property of objects', changed(`${field}/dtype`, 'toString'), 'dtype'],
    [
      'a negative size',
      changed(`${field}/dims/1/size`, -1),
      '`inputs[0].fields.ids.dims[1].size` should be a whole number from 0 or an expression over names, found -1',
    ],
    [
      'more classes than the axis counts',
      changed('outputs/0/tensor/dims/1/classes', ['a']),
      '`outputs[0].tensor.dims[1].classes` should be a list of 512',
    ],
    [
      'an unknown fact',
      fact({ kind: 'lucky', evidence: 'proved' }),
      '`inputs[0].fields.ids.facts[0].kind` should be "range" or "norm"',
    ],
    ['an unknown evidence', fact({ ...range, evidence: 'felt' }), '.evidence` should be "proved" or "measured"'],
    [
      'a range without an end',
      fact({ ...range, high: null }),
      '`inputs[0].fields.ids.facts[0].high` should be a number or "inf", found null',
    ],
    [
      'a norm along half an axis',
      fact({ kind: 'norm', axis: 0.5, value: 1, tolerance: 0, evidence: 'proved' }),
      '.axis` should be a whole number',
    ],
    [
      'a tokenizer that no file stands for',
      changed('inputs/0/tokenizer', 'toString'),
      '`inputs[0].tokenizer` should be a key of `tokenizers`, found "toString"',
    ],
    ['a hash that is none', changed('onnx/sha256', 'abc'), '`onnx.sha256` should be 64 lower-case hexadecimal digits'],
    ...['/etc/passwd', '../x', 'a/../../x', 'C:\\x', 'a\\b', '', 'a\0'].map((path): [string, unknown, string] => [
      `the path ${JSON.stringify(path)}`,
      changed('onnx/path', path),
      '`onnx.path` should be a relative path inside the bundle',
    ]),
    [
      'a joint without evidence',
      changed('joints/0/requirements/0/evidence', undefined),
      '`joints[0].requirements[0].evidence`',
    ],
    ['a key that needs quoting', changed('tokenizers/a b', 1), '`tokenizers["a b"]` should be an object, found 1'],
  ])('%s', (_, json, expected) => {
    expect(refusal(json)).toContain(expected);
  });

  test('any change at any place is read or refused', () => {
    const paths = [
      'format',
      'onnx',
      'inputs',
      'inputs/0',
      `${field}`,
      `${field}/dims`,
      `${field}/dims/0`,
      `${field}/facts`,
      `${field}/facts/0`,
      'tokenizers',
      'joints/0',
      'opsets',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const manifest = readManifest(changed(path, value));
        return manifest.ok || manifest.finding.code === 'manifest-invalid';
      }),
      { numRuns: 1000, verbose: 1 },
    );
    fc.assert(
      fc.property(fc.anything(), (json) => !readManifest(json).ok),
      { verbose: 1 },
    );
  });
});
