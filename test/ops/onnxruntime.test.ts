/** What the operator table says of dtypes, shapes and values, against what ONNX Runtime computes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantOf, substituteDim, intDim } from '../../src/types/dim.ts';
import type { TensorType } from '../../src/types/type.ts';
import { operators } from '../../src/ops/table.ts';
import { violation } from '../types/facts.ts';
import { compile, expression, run } from './random.ts';

const ortTypes: Readonly<Record<string, string>> = {
  f32: 'float32', f64: 'float64', i64: 'int64', i32: 'int32', u8: 'uint8', bool: 'bool',
};

/** The sizes that the random models' inputs have. */
const dimsOf = (type: TensorType): (number | undefined)[] =>
  type.shape.axes.map((axis) => constantOf(substituteDim(axis.size, ({ name }) => (name === 'a' ? intDim(2) : undefined))));

/** One run of a text that the checker accepts: "" or what is not as the checker says. */
export async function contradiction(text: string): Promise<string | undefined> {
  const { model } = compile(text);
  if (model === undefined) return undefined;
  const type = model.outputs[0]!.type as TensorType;
  const tensor = await run(model);
  if (tensor === undefined) return undefined;
  if (tensor.type !== ortTypes[type.dtype as string]) return `dtype ${type.dtype as string}, but ${tensor.type}`;
  if (JSON.stringify(tensor.dims) !== JSON.stringify(dimsOf(type))) return `shape [${dimsOf(type).join(', ')}], but [${tensor.dims.join(', ')}]`;
  const values = Array.from(tensor.data as ArrayLike<number | bigint | boolean>, Number);
  const tolerance = tensor.type === 'float64' ? 1e-9 : 1e-4;
  return type.facts.map((fact) => violation(fact, values, tensor.dims, fact.kind === 'range' ? 0 : tolerance)).find((found) => found !== undefined) ?? '';
}

describe('what is accepted runs, and is as it was inferred to be', () => {
  test('random calls', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(expression, async (text) => {
        const found = await contradiction(text);
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
