/** What a model comes to of what its budget bounds, and at which sizes it keeps to it. */
import type { ProgramCosts } from '../../ir/costs/program.ts';
import { addDims, bareSymbol, constantOf, intDim, substituteDim, symbolDim, symbolsOf, type Dim, type DimSymbol } from '../../types/dim.ts';
import type { SizeStatement } from '../../types/fact.ts';
import { decideSize } from '../../types/size-bounds.ts';
import { costsOf } from '../models/costs.ts';
import type { CheckedModel } from '../model.ts';
import type { CheckedLimit } from './model.ts';

/** What of a budget follows from the program. */
export const proved = ['parameters', 'bytes', 'macs'] as const;
export type ProvedCost = (typeof proved)[number];
export const isProvable = (metric: string): metric is ProvedCost => (proved as readonly string[]).includes(metric);

export interface Share {
  readonly part: string;
  /** Undefined where it is too long to be read. */
  readonly figure: Dim | undefined;
}

export interface Figure {
  /** What is bounded: of a share what the model has beside its backbones. */
  readonly figure: Dim | undefined;
  /** What it must not exceed. */
  readonly limit: Dim | undefined;
  /** Of a share: what the backbones have. */
  readonly whole?: Dim | undefined;
  /** What it is made of, in the order of the program. */
  readonly parts: readonly Share[];
  /** Operators of which the multiply-adds are not known. */
  readonly uncounted: readonly string[];
}

/** Undefined where a share is meant of backbones that the model does not have. Multiply-adds are those of one row. */
export function figureOf(metric: ProvedCost, { bound }: Pick<CheckedLimit, 'bound'>, model: Pick<CheckedModel, 'program' | 'parts' | 'name'>): Figure | undefined {
  const costs = costsOf(model);
  const row = rowOf(model);
  const of = (part: Pick<ProgramCosts, ProvedCost>): Dim | undefined => {
    const figure = part[metric];
    if (typeof figure === 'number') return intDim(figure);
    return figure && row ? substituteDim(figure, (symbol) => (symbol.key === row.key ? intDim(1) : undefined)) : figure;
  };
  const shareOf = (part: ProgramCosts['parts'][number]): Share => ({ part: part.name, figure: of(part) });
  const uncounted = metric === 'macs' ? costs.uncounted.operators : [];
  if (bound.kind === 'absolute') return { figure: of(costs), limit: intDim(bound.value), parts: costs.parts.map(shareOf), uncounted };
  const backbones = costs.parts.filter(({ kind }) => kind === 'backbone');
  if (backbones.length === 0) return undefined;
  const own = costs.parts.filter(({ kind }) => kind === 'part').map(shareOf);
  const whole = sum(backbones.map(of));
  return { figure: sum(own.map(({ figure }) => figure)), limit: whole && shareIn(whole, bound.value), whole, parts: own, uncounted };
}

const sum = (figures: readonly (Dim | undefined)[]): Dim | undefined => (figures.every((figure) => figure !== undefined) ? figures.reduce(addDims, intDim(0)) : undefined);

/** Coefficients that are not whole are only compared with. */
const shareIn = (whole: Dim, share: number): Dim => ({ terms: whole.terms.map((term) => ({ ...term, coefficient: term.coefficient * share })) });

/** The size that counts rows: the one called `batch`, else the first axis of the first input. */
export function rowOf({ program }: Pick<CheckedModel, 'program'>): DimSymbol | undefined {
  const axes = program.inputs.map(({ value }) => program.types.get(value)?.dims ?? []);
  const named = axes.flat().map(bareSymbol).find((symbol) => symbol?.name === 'batch');
  return named ?? (axes[0]?.[0] && bareSymbol(axes[0][0]));
}

/** A size of the inputs, and how large it may be, at the most, where the others are at their least. */
export interface Breach {
  readonly symbol: DimSymbol;
  readonly most: number;
  /** How large the others are then. */
  readonly others: readonly { readonly name: string; readonly size: number }[];
}

export type BudgetVerdict = { readonly kind: 'kept' | 'exceeded' | 'unknown' } | ({ readonly kind: 'breached' } & Breach);

/** Whether a figure keeps to its limit at all sizes, at none, or up to some. */
export function decideBudget(figure: Dim, limit: Dim, isStrict: boolean, tested: readonly SizeStatement[]): BudgetVerdict {
  const left = isStrict ? addDims(figure, intDim(1)) : figure;
  // Sizes of a run are at least 1.
  const sizes = new Map([...symbolsOf(figure), ...symbolsOf(limit)].map((symbol) => [symbol.key, symbol]));
  const known = [...tested, ...[...sizes.values()].map((symbol): SizeStatement => ({ kind: 'size', op: '>=', left: symbolDim(symbol), right: intDim(1) }))];
  const verdict = decideSize({ kind: 'size', op: '<=', left, right: limit }, known);
  if (verdict !== 'unknown') return { kind: verdict === 'proved' ? 'kept' : 'exceeded' };
  const breach = findBreach(left, limit, known);
  return breach === undefined ? { kind: 'unknown' } : { kind: 'breached', ...breach };
}

/** No axis that anybody means is longer. */
const longest = 2 ** 40;

function findBreach(figure: Dim, limit: Dim, known: readonly SizeStatement[]): Breach | undefined {
  const symbols = [...new Map([...symbolsOf(figure), ...symbolsOf(limit)].map((symbol) => [symbol.key, symbol])).values()];
  const least = (symbol: DimSymbol): number => leastOf(symbol, known);
  for (const symbol of symbols) {
    const isKept = (size: number): boolean => {
      const at = (dim: Dim): number => constantOf(substituteDim(dim, (s) => (s.atom === undefined ? intDim(s.key === symbol.key ? size : least(s)) : undefined))) ?? Number.NaN;
      return at(figure) <= at(limit);
    };
    const isAllowed = (size: number): boolean => known.every((statement) => decideSize(at(statement, symbol, size)) !== 'refuted');
    let over = least(symbol);
    while (over < longest && isKept(over)) over *= 2;
    if (isKept(over)) continue;
    const most = lastKept(least(symbol) - 1, over, isKept);
    if (isAllowed(most + 1)) return { symbol, most, others: symbols.filter((s) => s !== symbol).map((s) => ({ name: s.name, size: least(s) })) };
  }
  return undefined;
}

/** Of sizes between one that keeps to the limit, or none, and one that does not. */
function lastKept(kept: number, over: number, isKept: (size: number) => boolean): number {
  let [low, high] = [kept, over];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isKept(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const at = (statement: SizeStatement, symbol: DimSymbol, size: number): SizeStatement => {
  const put = (dim: Dim): Dim => substituteDim(dim, (s) => (s.key === symbol.key ? intDim(size) : undefined));
  return { ...statement, left: put(statement.left), right: put(statement.right) };
};

function leastOf(symbol: DimSymbol, known: readonly SizeStatement[]): number {
  const alone = symbolDim(symbol);
  let least = Math.max(1, symbol.least ?? 0);
  for (const size of known.flatMap(({ left, right }) => [constantOf(left), constantOf(right)])) {
    if (size !== undefined && size > least && decideSize({ kind: 'size', op: '>=', left: alone, right: intDim(size) }, known) === 'proved') least = size;
  }
  return least;
}

