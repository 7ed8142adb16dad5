/** What the operator table says of dtypes, shapes and values, against what ONNX Runtime computes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizesTested } from '../../src/check/types/size-facts.ts';
import type { CheckedModel } from '../../src/check/model.ts';
import { fromHalf } from '../../src/types/half.ts';
import { constantOf, substituteDim, intDim, type Dim } from '../../src/types/dim.ts';
import type { TensorType } from '../../src/types/type.ts';
import { operators } from '../../src/ops/table.ts';
import { violation } from '../types/facts.ts';
import { compile, expression, run } from './random.ts';

const ortTypes: Readonly<Record<string, string>> = {
  f16: 'float16', f32: 'float32', f64: 'float64', i64: 'int64', i32: 'int32', u8: 'uint8', bool: 'bool',
};

/** The sizes that the random models' inputs have. */
const dimsOf = (type: TensorType, a: number): (number | undefined)[] => type.shape.axes.map((axis) => sizeAt(axis.size, a));
const sizeAt = (size: Dim, a: number): number | undefined => constantOf(substituteDim(size, ({ name }) => (name === 'a' ? intDim(a) : undefined)));

/** Whether the runtime would run it at this size. */
const isRun = (model: CheckedModel, a: number): boolean => sizesTested(model).every(({ fact: { left, right } }) => sizeAt(left, a)! >= sizeAt(right, a)!);

/** One run of a text that the checker accepts, the size `a` being given: "" or what is not as the checker says. */
export async function contradiction(text: string, a = 2): Promise<string | undefined> {
  const { model } = compile(text);
  if (model === undefined || !isRun(model, a)) return undefined;
  const type = model.outputs[0]!.type as TensorType;
  const tensor = await run(model, a);
  if (tensor === undefined) return undefined;
  if (tensor.type !== ortTypes[type.dtype as string]) return `dtype ${type.dtype as string}, but ${tensor.type}`;
  if (JSON.stringify(tensor.dims) !== JSON.stringify(dimsOf(type, a))) return `shape [${dimsOf(type, a).join(', ')}], but [${tensor.dims.join(', ')}]`;
  const numbers = Array.from(tensor.data as ArrayLike<number | bigint | boolean>, Number);
  const values = tensor.type === 'float16' && tensor.data instanceof Uint16Array ? numbers.map(fromHalf) : numbers;
  const tolerance = tensor.type === 'float64' ? 1e-9 : tensor.type === 'float16' ? 1e-2 : 1e-4;
  return type.facts.map((fact) => violation(fact.kind === 'range' ? { ...fact, ...fact.wide } : fact, values, tensor.dims, fact.kind === 'range' ? 0 : tolerance)).find((found) => found !== undefined) ?? '';
}

describe('what is accepted runs, and is as it was inferred to be', () => {
  test('random calls', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(expression, fc.integer({ min: 1, max: 4 }), async (text, a) => {
        const found = await contradiction(text, a);
        if (found !== undefined) for (const [op] of text.matchAll(/(?<=onnx\.)\w+/g)) seen.add(op);
        expect(found ?? '').toBe('');
      }),
      { numRuns: 1500 },
    );
    const missed = [...operators.keys()].filter((op) => !seen.has(op));
    console.log(`operators that no accepted call had: ${missed.join(', ') || 'none'}`);
    expect(missed.length).toBeLessThan(operators.size / 2);
  });
});
