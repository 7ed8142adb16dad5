import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { rolldown } from 'rolldown';
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../../src/ir/graph.ts';
import { composeProgram, materialize } from '../../src/onnx/index.ts';
import { opener, valueOf } from './helpers.ts';
import { readBytes } from './models.ts';
import { i64, runModel } from './oracles.ts';
import { info, operation, port, program } from './programs.ts';

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;
const extremes = [least, greatest, 0n, -1n, 2n ** 32n, -(2n ** 53n) - 1n];

const elements = new Uint8Array(BigInt64Array.from(extremes).buffer);
const constant = { name: 'c', dtype: 'i64', dims: [extremes.length], bytes: elements } as const;

/** Numbers as an attribute of a Constant, as an initializer, and INT64_MAX as a Slice's end. */
const extremeProgram = program({
  inputs: [port('x')],
  outputs: [port('attribute'), port('sum'), port('slice')],
  steps: [
    operation('Constant', [], ['attribute'], new Map([['value_ints', { type: 'ints', value: extremes }]])),
    operation('Add', ['x', 'c'], ['sum']),
    operation('Slice', ['x', 'start', 'end'], ['slice']),
  ],
  initializers: [
    constant,
    { name: 'start', dtype: 'i64', dims: [1], bytes: new Uint8Array(BigInt64Array.of(1n).buffer) },
    { name: 'end', dtype: 'i64', dims: [1], bytes: new Uint8Array(BigInt64Array.of(greatest).buffer) },
  ],
  types: {
    x: info('i64', extremes.length),
    attribute: info('i64', extremes.length),
    sum: info('i64', extremes.length),
    slice: info('i64', 'some'),
  },
});

const composed = valueOf(
  composeProgram(extremeProgram, new Map(), { producer: 'mdl', producerVersion: '0' }, opener()),
);
const bytes = materialize(composed.pieces, opener());

test('extremes reach ONNX Runtime', async () => {
  const zeros = i64(
    [extremes.length],
    extremes.map(() => 0n),
  );
  const found = await runModel(bytes, { x: zeros });
  expect([...(found['attribute']!.data as BigInt64Array)]).toEqual(extremes);
  expect([...(found['sum']!.data as BigInt64Array)]).toEqual(extremes);
  expect(found['slice']!.dims).toEqual([extremes.length - 1]);
});

test('extremes come back through the reader', () => {
  const { graph } = readBytes(bytes);
  expect(graph.nodes[0]!.attributes.get('value_ints')).toEqual({ type: 'ints', value: extremes });
  expect(graph.initializers.get('c')!.bytes).toEqual(elements);
});

describe('bundled with a current protobufjs, as the package is', () => {
  test('writes the same numbers', async () => {
    const require = createRequire(import.meta.url);
    const bundle = await rolldown({
      input: fileURLToPath(new URL('../../src/onnx/write/proto.ts', import.meta.url)),
      platform: 'node',
      resolve: { alias: { 'protobufjs/minimal': require.resolve('protobufjs/minimal') } },
    });
    const { output } = await bundle.generate({ format: 'esm' });
    await bundle.close();
    const folder = mkdtempSync(join(tmpdir(), 'mdl-bundle-'));
    try {
      const path = join(folder, 'proto.mjs');
      writeFileSync(path, output[0].code);
      const { encodeAttribute } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as {
        encodeAttribute: (name: string, attribute: Attribute) => Uint8Array;
      };
      for (const value of extremes) expect(readVarint(encodeAttribute('', { type: 'int', value }))).toBe(value);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** The varint after the tag 0x18 (AttributeProto.i), by protobuf's rule: seven bits a byte, the lowest first. */
function readVarint(attribute: Uint8Array): bigint {
  let value = 0n;
  for (let at = attribute.indexOf(0x18) + 1, shift = 0n; ; at++, shift += 7n) {
    value |= BigInt(attribute[at]! & 0x7f) << shift;
    if (attribute[at]! < 0x80) return BigInt.asIntN(64, value);
  }
}
