/** How many bytes of tensors are alive at the worst moment of a run. */
import { maxDim } from '../../types/dim-atoms.ts';
import { isAtLeast, isPlainlyAtLeast } from '../../types/dim-bounds.ts';
import { addDims, constantOf, dimKey, intDim, multiplyDims, substituteDim, termKey, type Dim, type Monomial } from '../../types/dim.ts';

/** One node, run after those before it. */
export interface Step {
  /** `MatMul`, `com.microsoft.Attention` */
  readonly op: string;
  readonly uses: readonly string[];
  readonly makes: readonly string[];
  /** Undefined where it is not known. */
  readonly macs: Dim | undefined;
  /** What its subgraphs hold at their worst moment, beside its inputs and outputs. */
  readonly inner: Dim;
}

export interface Kept {
  /** There before the first step, until the last. */
  readonly inputs: Iterable<string>;
  /** Until the end, once they are made. */
  readonly outputs: Iterable<string>;
}

/**
 * Each tensor has memory of its own, from the step that makes it to the last one that uses it; nothing is computed in
 * place, but Identity makes nothing. `bytes` is 0 for what is stored. Undefined where the sizes have too little to do with
 * each other.
 */
export function peakOf(all: readonly Step[], kept: Kept, bytes: (name: string) => Dim): Dim | undefined {
  const nameOf = handedOn(all);
  const steps = all.filter(({ op }) => op !== 'Identity').map((step) => ({ ...step, uses: step.uses.map(nameOf) }));
  return worstMoment(steps, { inputs: kept.inputs, outputs: [...kept.outputs].map(nameOf) }, bytes);
}

/** The tensor that a name stands for, behind any Identity. */
function handedOn(steps: readonly Step[]): (name: string) => string {
  const of = new Map<string, string>();
  const nameOf = (name: string): string => of.get(name) ?? name;
  for (const { op, uses, makes } of steps) if (op === 'Identity' && makes[0] !== undefined && uses[0] !== undefined) of.set(makes[0], nameOf(uses[0]));
  return nameOf;
}

function worstMoment(steps: readonly Step[], { inputs, outputs }: Kept, bytes: (name: string) => Dim): Dim | undefined {
  const live = openTotal([...[...inputs].map(bytes), ...steps.flatMap(({ makes, inner }) => [...makes.map(bytes), inner])]);
  if (live === undefined) return undefined;
  const lastUse = new Map<string, number>();
  for (const [i, { uses }] of steps.entries()) for (const name of uses) lastUse.set(name, i);
  const given = new Set(inputs);
  const kept = new Set([...given, ...outputs]);
  const alive = new Set<string>();
  const moments = new Map<string, Dim>();
  const note = (): void => {
    const key = live.key();
    if (!moments.has(key)) moments.set(key, live.size());
  };
  for (const name of given) live.add(bytes(name), 1);
  note();
  for (const [i, { makes, uses, inner }] of steps.entries()) {
    for (const name of makes) {
      if (name === '' || alive.has(name) || given.has(name)) continue;
      alive.add(name);
      live.add(bytes(name), 1);
    }
    live.add(inner, 1);
    note();
    live.add(inner, -1);
    for (const name of [...makes, ...uses]) {
      if (kept.has(name) || !alive.has(name) || (lastUse.get(name) ?? i) > i) continue;
      alive.delete(name);
      live.add(bytes(name), -1);
    }
  }
  return greatest([...moments.values()]);
}

/** No graph that anybody means has sums of more terms. */
const mostTerms = 200;

/** A sum that is added to and taken from in place. */
interface Total {
  add(size: Dim, times: 1 | -1): void;
  /** Tells sums apart. */
  key(): string;
  size(): Dim;
}

/** A sum of these sizes or some of them, at first of none; undefined where it could be too long to be read. */
function openTotal(sizes: readonly Dim[]): Total | undefined {
  const kinds = new Map<string, { readonly index: number; readonly term: Monomial }>();
  for (const { terms } of sizes) {
    for (const term of terms) {
      const key = termKey(term);
      if (!kinds.has(key)) kinds.set(key, { index: kinds.size, term });
    }
  }
  if (kinds.size > mostTerms) return undefined;
  const coefficients = new Float64Array(kinds.size);
  return {
    add: ({ terms }, times) => {
      for (const term of terms) coefficients[kinds.get(termKey(term))!.index]! += times * term.coefficient;
    },
    key: () => coefficients.join(),
    size: () => [...kinds.values()].reduce((sum, { index, term }) => addDims(sum, multiplyDims(intDim(coefficients[index]!), { terms: [{ ...term, coefficient: 1 }] })), intDim(0)),
  };
}

/** Undefined where it would be too long to be read. */
export function sumOf(sizes: readonly Dim[]): Dim | undefined {
  const total = openTotal(sizes);
  for (const size of sizes) total?.add(size, 1);
  return total?.size();
}

/** More that are not comparable are not told apart: above all of them is the sum of the largest terms of each kind. */
const mostCompared = 8;

/** The maximum of some sizes, with only those in it that are the greatest somewhere, as far as that can be decided. */
export function greatest(sizes: readonly Dim[]): Dim {
  if (sizes.length === 0) return intDim(0);
  const sorted = sizes.map((size) => ({ size, usual: atUsualSizes(size) })).sort((a, b) => b.usual - a.usual);
  const plain = undominated(sorted.map(({ size }) => size), isPlainlyAtLeast);
  const kept = plain.length > 1 ? undominated(plain, isAtLeast) : plain;
  return maxDim(...kept.slice(0, mostCompared - 1), ...(kept.length < mostCompared ? [] : [kept.slice(mostCompared - 1).reduce(termwise)]));
}

/** Without those that one before them is never smaller than. */
function undominated(sizes: readonly Dim[], isAbove: (a: Dim, b: Dim) => boolean): readonly Dim[] {
  const kept: Dim[] = [];
  for (const size of sizes) if (!kept.some((other) => isAbove(other, size))) kept.push(size);
  return kept;
}

/** By which the likely greatest ones are looked at first. */
const atUsualSizes = (size: Dim): number => constantOf(substituteDim(size, (symbol) => (symbol.atom === undefined ? intDim(Math.max(symbol.least ?? 0, 64)) : undefined))) ?? 0;

/** Above both, for terms that are never negative. */
function termwise(a: Dim, b: Dim): Dim {
  const larger = new Map<string, Dim>();
  for (const term of [...a.terms, ...b.terms]) {
    const key = dimKey({ terms: [{ ...term, coefficient: 1 }] });
    const known = larger.get(key);
    if (known === undefined || known.terms[0]!.coefficient < term.coefficient) larger.set(key, { terms: [term] });
  }
  return [...larger.values()].reduce(addDims, intDim(0));
}
