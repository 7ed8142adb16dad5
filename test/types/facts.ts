/** Statements about tensors, tested on data: the meaning that the checker's rules are held to. */
import type { Statement } from '../../src/types/fact.ts';

/** The rows along an axis that is counted from the end. */
export function rowsOf(values: readonly number[], dims: readonly number[], axis: number): number[][] {
  const at = dims.length + axis;
  const size = dims[at]!;
  const inner = dims.slice(at + 1).reduce((a, b) => a * b, 1);
  const outer = dims.slice(0, at).reduce((a, b) => a * b, 1);
  return Array.from({ length: outer * inner }, (_, r) => {
    const start = Math.floor(r / inner) * size * inner + (r % inner);
    return Array.from({ length: size }, (__, i) => values[start + i * inner]!);
  });
}

const sum = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0);

/** The number that a reduction is about. */
function reduced(kind: 'norm' | 'sum' | 'mean' | 'std', row: readonly number[]): number {
  const mean = sum(row) / row.length;
  switch (kind) {
    case 'norm':
      return Math.hypot(...row);
    case 'sum':
      return sum(row);
    case 'mean':
      return mean;
    case 'std':
      return Math.sqrt(sum(row.map((v) => (v - mean) ** 2)) / row.length);
  }
}

/** Where the elements at an index of an axis leave the range of that index. */
function wrongRows({ rows }: Statement & { readonly kind: 'range' }, values: readonly number[], dims: readonly number[], slack: number): string | undefined {
  if (rows === undefined) return undefined;
  const bad = rowsOf(values, dims, rows.axis).flatMap((row) => row.filter((v, i) => v < rows.ends[i]!.low - slack || v > rows.ends[i]!.high + slack));
  return bad.length === 0 ? undefined : `a row of the range does not hold of ${bad[0]}`;
}

/**
 * Where data contradicts a statement, or undefined. NaN contradicts only what speaks of each element's kind: a range
 * or a reduction says nothing of it. `norm` exempts rows of zeros. `slack` is for rounding.
 */
export function violation(fact: Statement, values: readonly number[], dims: readonly number[], slack: number): string | undefined {
  const wrong = (test: (v: number) => boolean): string | undefined => {
    const bad = values.find((v) => !test(v));
    return bad === undefined ? undefined : `${fact.kind} does not hold of ${bad}`;
  };
  switch (fact.kind) {
    case 'range':
      return wrong((v) => Number.isNaN(v) || (v >= fact.low - slack && v <= fact.high + slack)) ?? wrongRows(fact, values, dims, slack);
    case 'finite':
      return wrong(Number.isFinite);
    case 'integer':
      return wrong((v) => Number.isInteger(v) || Math.abs(v) === Infinity || Number.isNaN(v));
    case 'mask':
      return wrong((v) => v === 0 || v === 1);
    case 'prefix_mask':
      return rowsOf(values, dims, -1).every((row) => row.every((v, i) => v === 0 || (v === 1 && (i === 0 || row[i - 1] === 1)))) ? undefined : 'prefix_mask does not hold';
    case 'one_hot':
      return rowsOf(values, dims, -1).every((row) => row.every((v) => v === 0 || v === 1) && sum(row) === 1) ? undefined : 'one_hot does not hold';
    case 'nonzero':
      return rowsOf(values, dims, -1).some((row) => row.length > 0 && row.every((v) => v === 0)) ? 'a row is all zeros' : undefined;
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std': {
      const rows = rowsOf(values, dims, fact.axis).filter((row) => row.every((v) => !Number.isNaN(v)) && !(fact.kind === 'norm' && row.every((v) => v === 0)));
      const bad = rows.map((row) => reduced(fact.kind, row)).find((v) => !(Math.abs(v - fact.value) <= fact.tolerance + slack));
      return bad === undefined ? undefined : `${fact.kind}(${fact.axis}) is ${bad}, not ${fact.value} +- ${fact.tolerance}`;
    }
    case 'space':
    case 'tokenizer':
    case 'attribute':
      return undefined;
  }
}
