/** What `mdl inspect` says of a tensor's values, and how it is known. */
import type { FactsOf, FoundFacts, ValueFacts } from '../../ir/infer/facts.ts';
import { isMask, longest, oneHotAxis, prefixAxis, type Line } from '../../ops/foreign/facts/value-facts.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import { showBound } from '../../types/show.ts';

/** An end that is not there is null. */
type End = number | null;

export type DescribedFact =
  | { readonly kind: 'range'; readonly low: End; readonly high: End }
  /** Bounds of their own for each index of an axis. */
  | { readonly kind: 'ranges'; readonly axis: number; readonly low: readonly End[]; readonly high: readonly End[] }
  /** `exempt`: vectors that were shorter before than this may be shorter than `low`. */
  | { readonly kind: 'sum' | 'norm'; readonly axis: number; readonly low: End; readonly high: End; readonly exempt?: number }
  | { readonly kind: 'non_negative' | 'integer' | 'finite' | 'mask' }
  | { readonly kind: 'one_hot' | 'prefix_mask'; readonly axis: number };

/** One step of a derivation, from the tensor in question backwards. */
export interface DescribedStep {
  readonly tensor: string;
  readonly operator: string | null;
  readonly node: string | null;
  readonly rule: string;
  readonly uses: readonly string[];
}

export interface DescribedFacts {
  readonly facts: readonly (DescribedFact & { readonly evidence: 'proved' | 'given' })[];
  /** How they follow; absent where nothing is known. */
  readonly because?: readonly DescribedStep[];
}

const end = (value: number): End => (Number.isFinite(value) ? value : null);

/** Ranges of more indices than these are told of outputs alone. */
const mostInnerRows = 16;
const mostSteps = 32;

export function describeFacts(name: string, dtype: DType | undefined, factsOf: FactsOf, isPort: boolean): DescribedFacts {
  const found = factsOf(name);
  const facts = listFacts(found.facts, dtype, isPort);
  if (facts.length === 0) return { facts: [] };
  const evidence = found.isGiven ? 'given' : 'proved';
  return { facts: facts.map((fact) => ({ ...fact, evidence })), ...(isPort ? { because: derivation(name, factsOf) } : {}) };
}

function listFacts(facts: ValueFacts, dtype: DType | undefined, isPort: boolean): readonly DescribedFact[] {
  const { range, rows, lines, ball } = facts;
  const isWhole = dtype !== undefined && dtypes[dtype].class !== 'float';
  const oneHot = oneHotAxis(facts);
  const prefix = prefixAxis(facts);
  const most = ball && longest(ball);
  return [
    ...(end(range.low) === null && end(range.high) === null ? [] : [{ kind: 'range', low: end(range.low), high: end(range.high) } as const]),
    ...(rows && (isPort || rows.low.length <= mostInnerRows) ? [{ kind: 'ranges', axis: rows.axis, low: Array.from(rows.low, end), high: Array.from(rows.high, end) } as const] : []),
    ...lines.map((line): DescribedFact => ({ kind: line.kind, axis: line.axis, low: end(line.low), high: end(line.high), ...(line.exempt === undefined ? {} : { exempt: line.exempt }) })),
    ...(ball && Number.isFinite(most) && !lines.some(({ kind, axis }) => kind === 'norm' && axis === ball.axis) ? [{ kind: 'norm', axis: ball.axis, low: 0, high: most! } as const] : []),
    ...(range.low >= 0 ? [{ kind: 'non_negative' } as const] : []),
    // Of whole numbers that goes without saying.
    ...(facts.integer && !isWhole ? [{ kind: 'integer' } as const] : []),
    ...(facts.finite && !isWhole ? [{ kind: 'finite' } as const] : []),
    ...(isMask(facts) && dtype !== 'bool' ? [{ kind: 'mask' } as const] : []),
    ...(prefix === undefined ? [] : [{ kind: 'prefix_mask', axis: prefix } as const]),
    ...(oneHot === undefined ? [] : [{ kind: 'one_hot', axis: oneHot } as const]),
  ];
}

/** The steps that the facts rest on, each tensor once, the one in question first. */
export function derivation(name: string, factsOf: FactsOf): readonly DescribedStep[] {
  const steps: DescribedStep[] = [];
  const queue = [name];
  const seen = new Set(queue);
  while (queue.length > 0 && steps.length < mostSteps) {
    const tensor = queue.shift()!;
    const found = factsOf(tensor);
    steps.push({ tensor, ...nodeOf(found), rule: found.rule, uses: found.uses });
    for (const use of found.uses) if (!seen.has(use) && seen.add(use)) queue.push(use);
  }
  return steps;
}

const nodeOf = ({ node }: FoundFacts): Pick<DescribedStep, 'operator' | 'node'> => ({
  operator: node === undefined ? null : node.domain === '' ? node.op : `${node.domain}.${node.op}`,
  node: node?.name ? node.name : null,
});

/** For the columns of the listing: `[0, 1], sum(-1) = 1`. */
export function showFacts(facts: readonly DescribedFact[]): string {
  const kinds = new Set(facts.map(({ kind }) => kind));
  return facts.flatMap((fact): string[] => {
    switch (fact.kind) {
      case 'range':
        return [`[${showBound(fact.low ?? -Infinity)}, ${showBound(fact.high ?? Infinity)}]`];
      case 'sum':
      case 'norm':
        return [showLine(fact)];
      case 'integer':
        return kinds.has('mask') ? [] : [fact.kind];
      case 'mask':
        return [kinds.has('one_hot') ? 'one hot' : kinds.has('prefix_mask') ? 'prefix mask' : 'mask'];
      default:
        return [];
    }
  }).join(', ');
}

const showLine = ({ kind, axis, low, high }: Pick<Line, 'kind' | 'axis'> & { readonly low: End; readonly high: End }): string =>
  low !== null && high !== null && high - low < 0.1 ? `${kind}(${axis}) = ${showBound((low + high) / 2)}` : `${kind}(${axis}) <= ${showBound(high ?? Infinity)}`;
