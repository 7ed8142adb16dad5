/** Facts of one type beside each other: what is said twice, and what cannot be true of the same tensor. */
import { showStatement } from '../../types/show.ts';
import type { Fact, NominalStatement, ReductionStatement, Statement } from '../../types/fact.ts';
import { decideSize } from '../../types/size-bounds.ts';
import type { TensorType } from '../../types/type.ts';
import { whyNoNumbers, whyNotOfDtype } from './no-such-numbers.ts';

/** What stands against saying a fact, and what was said before it. */
export interface Clash {
  readonly why: string;
  /** Undefined where the element type itself stands against it. */
  readonly first?: Fact;
  /** Whether it is the same once more. */
  readonly same: boolean;
}

/** `own` are the facts that stand before it in its own `where`, by what they say; a fact of a contract may be said again. */
export function clashOf(fact: Statement, { facts: before, ...type }: TensorType, own: ReadonlyMap<string, Fact>): Clash | undefined {
  const same = own.get(showStatement(fact));
  if (same !== undefined) return { why: 'it is said already', first: same, same: true };
  const first = before.find((other) => excludes(other, fact));
  if (first !== undefined) return { why: `it says ${showStatement(first)} already, and no tensor is both`, first, same: false };
  return fact.kind === 'size' ? clashOfSizes(fact, before) : clashOfNumbers(fact, before, { ...type, facts: [] });
}

function clashOfNumbers(fact: Statement, before: readonly Fact[], type: TensorType): Clash | undefined {
  for (const first of before) {
    const why = whyNoNumbers(first, fact, type);
    if (why !== undefined) return { why: `it says ${showStatement(first)} already, and ${why}`, first, same: false };
  }
  const why = whyNotOfDtype(fact, type);
  return why === undefined ? undefined : { why, same: false };
}

function excludes(known: Statement, fact: Statement): boolean {
  switch (fact.kind) {
    case 'range':
      return known.kind === 'range' && known.rows === undefined && fact.rows === undefined && (known.low > fact.high || known.high < fact.low);
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std':
      return known.kind === fact.kind && areApart(known, fact);
    case 'space':
    case 'tokenizer':
      return known.kind === fact.kind && areOthers(known, fact);
    default:
      return false;
  }
}

const areApart = (a: ReductionStatement, b: ReductionStatement): boolean => a.axis === b.axis && Math.abs(a.value - b.value) > a.tolerance + b.tolerance;

/** A parameter stands for whichever is given for it. */
const areOthers = (a: NominalStatement, b: NominalStatement): boolean => !a.nominal.parameter && !b.nominal.parameter && a.nominal.id !== b.nominal.id;

/** Sizes that cannot be, because of what is said of them before. */
function clashOfSizes(fact: Extract<Statement, { kind: 'size' }>, before: readonly Fact[]): Clash | undefined {
  const known = before.filter((other) => other.kind === 'size');
  if (known.length === 0 || decideSize(fact) === 'refuted' || decideSize(fact, known) !== 'refuted') return undefined;
  const first = known.find((other) => decideSize(fact, [other]) === 'refuted') ?? known[0]!;
  return { why: `no sizes are so where ${showStatement(first)}`, first, same: false };
}
