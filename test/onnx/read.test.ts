import { readFileSync } from 'node:fs';
import type { onnx } from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import type { Attribute } from '../../src/ir/graph.ts';
import { readModel } from '../../src/onnx/index.ts';
import { showDim } from '../../src/types/dim.ts';
import { dtypes } from '../../src/types/dtype.ts';
import { memorySource, readUseLite, useLitePath, useLiteUri, valueOf } from './helpers.ts';
import { attributeTypes, dataTypes, decodeModel, encodeModel, floats, node, readBytes, valueInfo } from './models.ts';

const bytes = new Uint8Array(readFileSync(useLitePath));
const decoded = decodeModel(bytes);
const graph = decoded.graph!;
const file = readUseLite();

/** What onnx-proto says of an attribute, in our words. */
function expectAttribute(ours: Attribute | undefined, theirs: onnx.IAttributeProto): void {
  if (theirs.type === attributeTypes.INT) expect(ours).toEqual({ type: 'int', value: BigInt(String(theirs.i)) });
  else if (theirs.type === attributeTypes.INTS)
    expect(ours).toEqual({ type: 'ints', value: theirs.ints!.map((value) => BigInt(String(value))) });
  else if (theirs.type === attributeTypes.FLOAT) expect(ours).toEqual({ type: 'float', value: theirs.f });
  else if (theirs.type === attributeTypes.TENSOR) {
    if (ours?.type !== 'tensor') throw new Error(`${theirs.name} is no tensor`);
    expect(dtypes[ours.value.dtype].onnx).toBe(theirs.t!.dataType);
    expect(ours.value.dims).toEqual(theirs.t!.dims!.map(Number));
    expect(ours.value.bytes).toEqual(Uint8Array.from(theirs.t!.rawData!));
  } else throw new Error(`no expectation for attributes of type ${theirs.type}`);
}

function sizesOf(info: onnx.IValueInfoProto): string[] {
  return info.type!.tensorType!.shape!.dim!.map((dim) => dim.dimParam || String(dim.dimValue));
}

describe('use-lite, as onnx-proto decodes it', () => {
  test('the model: version, producer, operator sets', () => {
    expect(file.uri).toBe(useLiteUri);
    expect(file.size).toBe(bytes.length);
    expect(file.irVersion).toBe(Number(decoded.irVersion));
    expect(file.producer).toBe(decoded.producerName);
    expect([...file.opsets]).toEqual(decoded.opsetImport.map(({ domain, version }) => [domain ?? '', Number(version)]));
  });

  test('every node with its names and attributes', () => {
    expect(file.graph.nodes.length).toBe(graph.node!.length);
    for (const [index, theirs] of graph.node!.entries()) {
      const ours = file.graph.nodes[index]!;
      expect([ours.name, ours.op, ours.domain]).toEqual([theirs.name, theirs.opType, theirs.domain]);
      expect(ours.inputs).toEqual(theirs.input);
      expect(ours.outputs).toEqual(theirs.output);
      expect([...ours.attributes.keys()]).toEqual(theirs.attribute!.map((attribute) => attribute.name));
      for (const attribute of theirs.attribute!) expectAttribute(ours.attributes.get(attribute.name!), attribute);
    }
  });

  test('inputs and outputs with their types', () => {
    expect(file.graph.inputs).toEqual(graph.input!.map((input) => input.name));
    expect(file.graph.outputs).toEqual(graph.output!.map((output) => output.name));
    for (const theirs of [...graph.input!, ...graph.output!]) {
      const ours = file.graph.types.get(theirs.name!)!;
      expect(dtypes[ours.dtype!].onnx).toBe(theirs.type!.tensorType!.elemType);
      expect(ours.dims!.map(showDim)).toEqual(sizesOf(theirs));
    }
  });

  test("every initializer's dtype, dims and bytes", () => {
    expect(file.graph.initializers.size).toBe(graph.initializer!.length);
    for (const theirs of graph.initializer!) {
      const ours = file.graph.initializers.get(theirs.name!)!;
      expect(dtypes[ours.dtype].onnx).toBe(theirs.dataType);
      expect(ours.dims).toEqual(theirs.dims!.map(Number));
      const stored =
        ours.bytes instanceof Uint8Array
          ? ours.bytes
          : bytes.subarray(ours.bytes!.offset, ours.bytes!.offset + ours.bytes!.length);
      expect(Buffer.compare(stored, theirs.rawData!)).toBe(0);
    }
  });

  test('the layout: each extent is one record of the file', () => {
    const { nodes, initializers } = file.layout;
    for (const { start, body, end } of [...nodes, ...initializers]) {
      expect(start).toBeLessThan(body);
      expect(body).toBeLessThanOrEqual(end);
    }
    const last = initializers.at(-1)!;
    const name = Buffer.from(bytes.subarray(last.body, last.end)).toString('latin1');
    expect(name).toContain(last.name);
  });
});

test('the weights are not read', () => {
  const source = memorySource(bytes);
  valueOf(readModel(source));
  expect(source.asked()).toBeLessThan(bytes.length / 10);
});

test('old files: attributes without types, initializers among the inputs, no operator sets', () => {
  const model = readBytes(
    encodeModel(
      {
        node: [node('Concat', ['x', 'w'], ['y'], { attribute: [{ name: 'axis', i: 1 }] })],
        input: [valueInfo('x', ['N', 2]), valueInfo('w', [1, 2])],
        output: [valueInfo('y', ['N', 4])],
        initializer: [floats('w', [1, 2], [1, 2])],
      },
      { irVersion: 2, opsetImport: [] },
    ),
  );
  expect(model.graph.inputs).toEqual(['x']);
  expect(model.layout.inputs.map((input) => input.name)).toEqual(['x', 'w']);
  expect(model.graph.nodes[0]!.attributes.get('axis')).toEqual({ type: 'int', value: 1n });
  expect([...model.opsets]).toEqual([['', 1]]);
});

test('elements in typed fields become little-endian bytes', () => {
  const model = readBytes(
    encodeModel({
      initializer: [
        { name: 'f', dims: [2], dataType: dataTypes.FLOAT, floatData: [1.5, -2] },
        { name: 'i', dims: [2], dataType: dataTypes.INT64, int64Data: [-1, 5] },
        { name: 'h', dims: [1], dataType: dataTypes.FLOAT16, int32Data: [0x3c00] },
        { name: 'b', dims: [3], dataType: dataTypes.INT8, int32Data: [-1, 0, 127] },
        { name: 'u', dims: [1], dataType: dataTypes.UINT32, uint64Data: [0xfffffffe] },
        { name: 's', dims: [1], dataType: dataTypes.STRING, stringData: [Buffer.from('no')] },
      ],
    }),
  );
  const bytesOf = (name: string) => model.graph.initializers.get(name)!.bytes;
  expect(bytesOf('f')).toEqual(new Uint8Array(Float32Array.of(1.5, -2).buffer));
  expect(bytesOf('i')).toEqual(new Uint8Array(BigInt64Array.of(-1n, 5n).buffer));
  expect(bytesOf('h')).toEqual(Uint8Array.of(0x00, 0x3c));
  expect(bytesOf('b')).toEqual(Uint8Array.of(0xff, 0, 127));
  expect(bytesOf('u')).toEqual(Uint8Array.of(0xfe, 0xff, 0xff, 0xff));
  expect(bytesOf('s')).toBeUndefined();
});

test('large typed elements stay in the file: floats as a range, varints unread', () => {
  const values = Array.from({ length: 3000 }, (_, i) => i / 8);
  const encoded = encodeModel({
    initializer: [
      { name: 'f', dims: [3000], dataType: dataTypes.FLOAT, floatData: values },
      { name: 'i', dims: [3000], dataType: dataTypes.INT64, int64Data: values.map(Math.floor) },
    ],
  });
  const { initializers } = readBytes(encoded).graph;
  const range = initializers.get('f')!.bytes;
  if (range === undefined || range instanceof Uint8Array) throw new Error('a range was expected');
  expect(encoded.slice(range.offset, range.offset + range.length)).toEqual(
    new Uint8Array(Float32Array.from(values).buffer),
  );
  expect(initializers.get('i')!.bytes).toBeUndefined();
});

test('sizes without a name, and negative ones, are each their own', () => {
  const model = readBytes(
    encodeModel({
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{}, {}, { dimValue: -1 }] } } } }],
    }),
  );
  const dims = model.graph.types.get('x')!.dims!;
  const keys = dims.map((dim) => dim.terms[0]!.symbols[0]!);
  expect(keys.map((symbol) => symbol.name)).toEqual(['?', '?', '?']);
  expect(new Set(keys.map((symbol) => symbol.key)).size).toBe(3);
});

test('a graph in two parts is one graph, and nodes out of order are put in order', () => {
  const first = encodeModel({ node: [node('Neg', ['h'], ['y'])], output: [valueInfo('y', [1])] });
  const second = encodeModel(
    { node: [node('Abs', ['x'], ['h'])], input: [valueInfo('x', [1])] },
    { irVersion: 8, opsetImport: [] },
  );
  const model = readBytes(Buffer.concat([first, second]));
  expect(model.graph.nodes.map((each) => each.op)).toEqual(['Abs', 'Neg']);
  expect(model.layout.nodes[0]!.start).toBeGreaterThan(model.layout.nodes[1]!.start);
});
