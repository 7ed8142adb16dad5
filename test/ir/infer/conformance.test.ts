/** Inference against the recorded cases of ONNX's own test suite. */
import { describe, expect, test } from 'vitest';
import { inferGraph, type InferredTensor } from '../../../src/ir/infer/index.ts';
import { constantOf, showDim } from '../../../src/types/dim.ts';
import { missing, readCases, type Case, type Recorded } from './testdata.ts';

type Verdict = 'exact' | 'partial' | 'wrong';
interface Judged {
  readonly verdict: Verdict;
  readonly text: string;
}

function judgeTensor(name: string, found: InferredTensor | undefined, { dtype, dims }: Recorded): Judged {
  const sizes = found?.dims?.map(constantOf);
  const text = `${name} is inferred as ${found?.dtype}[${found?.dims?.map(showDim).join(', ')}], recorded as ${dtype}[${dims.join(', ')}]`;
  // numpy has no bf16: its bits are recorded as u16.
  const isOtherDType = found?.dtype !== undefined && found.dtype !== dtype && !(found.dtype === 'bf16' && dtype === 'u16');
  const isOtherShape = sizes !== undefined && (sizes.length !== dims.length || sizes.some((size, i) => size !== undefined && size !== dims[i]));
  if (isOtherDType || isOtherShape) return { verdict: 'wrong', text };
  const isWhole = found?.dtype !== undefined && sizes?.every((size) => size !== undefined) === true;
  return { verdict: isWhole ? 'exact' : 'partial', text };
}

function judge({ name, model, inputs, outputs }: Case, withValues: boolean): Judged {
  if (model === undefined) return { verdict: 'partial', text: `${name} could not be read` };
  const found = inferGraph(model, { ignoreDeclared: true, inputs: new Map(withValues ? [...inputs].map(([input, { known }]) => [input, known]) : []) });
  const all = [...outputs].map(([output, recorded]) => judgeTensor(output, found.get(output), recorded));
  const worst = all.find((j) => j.verdict === 'wrong') ?? all.find((j) => j.verdict === 'partial');
  return { verdict: worst?.verdict ?? 'exact', text: `${name}: ${worst?.text}` };
}

if (missing !== undefined) console.log(`conformance of inference is skipped: ${missing}`);

describe.skipIf(missing !== undefined)('recorded operators', () => {
  const all = missing === undefined ? readCases('node', 'simple', 'pytorch-converted', 'pytorch-operator') : [];
  const cases = all.filter((c) => !c.isSequence && c.outputs.size > 0);

  const count = (withValues: boolean): Record<Verdict, readonly Judged[]> => {
    const judged = cases.map((c) => judge(c, withValues));
    const of = (verdict: Verdict): readonly Judged[] => judged.filter((j) => j.verdict === verdict);
    const counts = { exact: of('exact'), partial: of('partial'), wrong: of('wrong') };
    console.log(`${withValues ? 'with the inputs as constants' : 'from types alone'}: exact ${counts.exact.length} of ${cases.length}, partial ${counts.partial.length}, wrong ${counts.wrong.length}`);
    return counts;
  };

  test('are inferred from types alone as well as by ONNX itself, and never wrongly', () => {
    const { exact, wrong } = count(false);
    expect(wrong.map((j) => j.text)).toEqual([]);
    // ONNX 1.12's own inference: 674 of 795.
    expect(exact.length / cases.length).toBeGreaterThan(674 / 795);
    expect(exact.length).toBeGreaterThanOrEqual(910);
  });

  test('are inferred nearly always where the inputs are constants', () => {
    const { exact, wrong } = count(true);
    expect(wrong.map((j) => j.text)).toEqual([]);
    expect(exact.length / cases.length).toBeGreaterThanOrEqual(0.97);
  });
});
