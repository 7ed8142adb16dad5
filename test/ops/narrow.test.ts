/** Narrow dtypes: a call that is taken gives a file of the first opset that has it, and of what is refused there is none; ONNX Runtime's reading of files is the judge. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { allDTypes, dtypes, isNarrow, type DType } from '../../src/types/dtype.ts';
import { checkText, errorsOf } from '../check/world.ts';
import { buildText } from '../compile/build.ts';
import { decodeModel, encodeModel } from '../onnx/models.ts';
import { runModel } from '../onnx/oracles.ts';
import { plainSession } from '../plain-session.ts';

const calls: Readonly<Record<string, string>> = {
  Identity: 'onnx.Identity(x)',
  Transpose: 'onnx.Transpose(x, perm: [-1, -2])',
  Reshape: 'onnx.Reshape(x, shape: [16])',
  Unsqueeze: 'onnx.Unsqueeze(x, axes: [-1])',
  Squeeze: 'onnx.Squeeze(onnx.Unsqueeze(x, axes: [-1]), axes: [-1])',
  Flatten: 'onnx.Flatten(x)',
  Cast: 'onnx.Cast(x, to: f32)',
  Expand: 'onnx.Expand(x, x)',
  Tile: 'onnx.Tile(x, axis: -1, times: 3)',
  Concat: 'onnx.Concat(x, x, axis: -1)',
  Slice: 'onnx.Slice(x, axis: -1, start: 0, end: 4)',
  Gather: 'onnx.Gather(x, [0, 1], axis: -1)',
  Where: 'onnx.Where(onnx.Equal(b, 1), x, x)',
  CenterCropPad: 'onnx.CenterCropPad(x, sizes: [4])',
  Add: 'x + x',
  Relu: 'onnx.Relu(x)',
  MatMul: 'onnx.MatMul(x, onnx.Transpose(x, perm: [-1, -2]))',
};

const sourceOf = (call: string, dtype: DType): string => `model M {\n  input x: ${dtype}[2, 8]\n${call.includes('b,') ? '  input b: i64[2, 8]\n' : ''}  output y = ${call}\n}\n`;

const buildBytes = (text: string): Uint8Array => buildText(text).bytes;

/** Whether ONNX Runtime reads the file as ONNX: for what is valid, it may have no kernel. */
async function isValid(bytes: Uint8Array): Promise<boolean> {
  try {
    await (await ort.InferenceSession.create(bytes, { ...plainSession, logSeverityLevel: 4 })).release();
    return true;
  } catch (error) {
    return !/invalid model|Type Error|no Op registered|is under development/i.test((error as Error).message);
  }
}

/** The file at another opset, of the newest IR that the runtime reads; its tensors of one dtype as those of another. */
function changed(bytes: Uint8Array, opset: number, from?: DType, to?: DType): Uint8Array {
  const model = decodeModel(bytes);
  const graph = model.graph!;
  for (const { type } of [...graph.input!, ...graph.output!, ...graph.valueInfo!]) {
    const tensor = type!.tensorType!;
    if (from !== undefined && tensor.elemType === dtypes[from].onnx) tensor.elemType = dtypes[to!].onnx;
  }
  return encodeModel(graph, { irVersion: 13, opsetImport: [{ domain: '', version: opset }] });
}

const opsetIn = (bytes: Uint8Array): number => Number(decodeModel(bytes).opsetImport![0]!.version);
const narrow = allDTypes.filter(isNarrow);
const newest = 25;

describe.each(Object.keys(calls))('%s', (name) => {
  test.each(narrow)('of %s', async (dtype) => {
    const text = sourceOf(calls[name]!, dtype);
    if (errorsOf(checkText(text)).length > 0) {
      // Of f16, which all of these take, the same nodes are right: only the element type makes them wrong.
      const like = buildBytes(sourceOf(calls[name]!, 'f16'));
      expect(await isValid(changed(like, newest))).toBe(true);
      expect(await isValid(changed(like, newest, 'f16', dtype))).toBe(false);
      return;
    }
    const bytes = buildBytes(text);
    expect(await isValid(bytes)).toBe(true);
    expect(await isValid(changed(bytes, opsetIn(bytes) - 1))).toBe(false);
  });
});

test('a narrow input that is handed on makes the opset that of its Identity', async () => {
  const bytes = buildBytes('model M {\n  input x: i4[n]\n  output y = x\n}\n');
  expect([opsetIn(bytes), await isValid(bytes), await isValid(changed(bytes, 20))]).toEqual([21, true, false]);
});

test('casts there and back: the nearest numbers of 8 bits, none past the greatest, and whole numbers of 4 bits', async () => {
  const bytes = buildBytes('model M {\n  input x: f32[6]\n  output y = onnx.Cast(onnx.Cast(x, to: f8e4m3fn), to: f32)\n  output z = onnx.Cast(onnx.Cast(onnx.Clip(x, -8, 7), to: i4), to: f32)\n}\n');
  const { y, z } = await runModel(bytes, { x: new ort.Tensor('float32', Float32Array.of(1.06, -500, 17, 3, 0, -9), [6]) });
  // The numbers from 1 on are eighths, those from 16 on even; 448 is the greatest.
  expect([...(y!.data as Float32Array)]).toEqual([1, -448, 16, 3, 0, -9]);
  expect([...(z!.data as Float32Array)]).toEqual([1, -8, 7, 3, 0, -8]);
});

test.each([['onnx.Clip(x, 0, 7.4)', 'i4'], ['onnx.Clip(x, -1, 3)', 'u4']])('what may lie outside is not cast: %s to %s', (call, to) => {
  expect(errorsOf(checkText(`model M {\n  input x: f32[6]\n  output z = onnx.Cast(${call}, to: ${to})\n}\n`)).map(({ code }) => code)).toEqual(['operator-type']);
});

test('`any` of a part stands for none of them', () => {
  const part = 'part twice(a: any[n]) -> any[2*n] {\n  onnx.Concat(a, a, axis: -1)\n}\n';
  const found = (dtype: DType) => errorsOf(checkText(`${part}model M {\n  input x: ${dtype}[n]\n  output y = twice(x)\n}\n`)).map(({ code }) => code);
  expect(allDTypes.filter((dtype) => found(dtype).length > 0)).toEqual(narrow);
});
