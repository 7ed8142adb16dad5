/** Matrix products. */
import type { Dim } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { broadcast, simplest } from './broadcast.ts';
import { known } from './known.ts';
import { dimsAt, dtypeAt, intOf, textOf, type Rule, type RuleCall, type Rules } from './rule.ts';

type Dims = readonly Dim[];

/** As numpy's: a vector is a row on the left and a column on the right, and its axis is not in the result. */
export function matmulDims(a: Dims | undefined, b: Dims | undefined, size: () => Dim): Dims | undefined {
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return undefined;
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)], size);
  return batch && [...batch, ...(a.length > 1 ? [a.at(-2)!] : []), ...(b.length > 1 ? [b.at(-1)!] : [])];
}

const matmul = (bAt: number, dtype: (call: RuleCall) => DType | undefined): Rule => (call) => [known(dtype(call), matmulDims(dimsAt(call, 0), dimsAt(call, bAt), call.size))];

const gemm: Rule = (call) => {
  const [a, b] = [dimsAt(call, 0), dimsAt(call, 1)];
  const rows = a?.[intOf(call, 'transA', 0) === 0 ? 0 : 1];
  const columns = b?.[intOf(call, 'transB', 0) === 0 ? 1 : 0];
  return [known(dtypeAt(call, 0) ?? dtypeAt(call, 1), [rows ?? call.size(), columns ?? call.size()])];
};

/** A letter is one size wherever it stands; `...` are the axes that are broadcast. */
const einsum: Rule = (call) => {
  const dtype = dtypeAt(call, 0);
  const [left = '', right] = textOf(call, 'equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (terms.length !== call.inputs.length) return [known(dtype, undefined)];
  const sizes = new Map<string, Dim>();
  let rest: Dims = [];
  for (const [i, term] of terms.entries()) {
    const dims = dimsAt(call, i);
    const found = dims && readTerm(term, dims);
    if (found === undefined) return [known(dtype, undefined)];
    for (const [letter, dim] of found.letters) sizes.set(letter, meet(sizes.get(letter), dim));
    const wider = broadcast([rest, found.rest], call.size);
    if (wider === undefined) return [known(dtype, undefined)];
    rest = wider;
  }
  const out = right ?? impliedOutput(terms);
  const labels: readonly string[] = out.match(/\.\.\.|[A-Za-z]/g) ?? [];
  const dims = labels.flatMap((label) => (label === '...' ? rest : [sizes.get(label) ?? call.size()]));
  return [known(dtype, dims)];
};

/** A size of 1 is stretched to the other one. */
const meet = (a: Dim | undefined, b: Dim): Dim => {
  if (a === undefined) return b;
  return broadcast([[a], [b]], () => simplest(a, b))![0]!;
};

function readTerm(term: string, dims: Dims): { readonly letters: readonly (readonly [string, Dim])[]; readonly rest: Dims } | undefined {
  const labels: readonly string[] = term.match(/\.\.\.|[A-Za-z]/g) ?? [];
  const at = labels.indexOf('...');
  const spare = dims.length - labels.length + (at < 0 ? 0 : 1);
  if (spare < 0 || (at < 0 && spare > 0)) return undefined;
  const letters = labels.flatMap((label, i): (readonly [string, Dim])[] => (label === '...' ? [] : [[label, dims[at >= 0 && i > at ? i + spare - 1 : i]!]]));
  return { letters, rest: at < 0 ? [] : dims.slice(at, at + spare) };
}

/** Without an arrow: the broadcast axes, then all letters that stand once, in alphabetical order. */
function impliedOutput(terms: readonly string[]): string {
  const letters = [...terms.join('').replaceAll('.', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  return `${terms.some((term) => term.includes('...')) ? '...' : ''}${once.join('')}`;
}

const det: Rule = (call) => [known(dtypeAt(call, 0), dimsAt(call, 0)?.slice(0, -2))];

export const matmulRules: Rules = {
  Det: det,
  Einsum: einsum,
  Gemm: gemm,
  MatMul: matmul(1, (call) => dtypeAt(call, 0) ?? dtypeAt(call, 1)),
  MatMulInteger: matmul(1, () => 'i32'),
  QLinearMatMul: matmul(3, (call) => dtypeAt(call, 7) ?? dtypeAt(call, 0)),
};
