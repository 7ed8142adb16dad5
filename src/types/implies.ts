/** When what is known of a tensor implies what a consumer demands of it. */
import { dtypes } from './dtype.ts';
import { compareEvidence, weakest } from './evidence.ts';
import type { Ends, Evidence, Fact, FlagStatement, NominalStatement, RangeRows, ReductionStatement, Statement } from './fact.ts';
import type { TensorType } from './type.ts';
import { roundingOf, slackOf } from './rounding.ts';
import { decideSize } from './size-bounds.ts';
import { isServed, mayMix } from './version.ts';

/** The flags that follow from a flag. */
const consequences: Readonly<Partial<Record<FlagStatement['kind'], readonly Statement[]>>> = {
  mask: [{ kind: 'range', low: 0, high: 1 }, { kind: 'integer' }, { kind: 'finite' }],
  prefix_mask: [{ kind: 'mask' }, { kind: 'range', low: 0, high: 1 }, { kind: 'integer' }, { kind: 'finite' }],
  one_hot: [
    { kind: 'mask' }, { kind: 'range', low: 0, high: 1 }, { kind: 'integer' }, { kind: 'finite' }, { kind: 'nonzero' },
    { kind: 'sum', axis: -1, value: 1, tolerance: 0 }, { kind: 'norm', axis: -1, value: 1, tolerance: 0 },
  ],
};

const within = (known: ReductionStatement, demanded: ReductionStatement): boolean =>
  known.kind === demanded.kind &&
  known.axis === demanded.axis &&
  Math.abs(known.value - demanded.value) + known.tolerance <= demanded.tolerance;

const lies = (known: Ends, demanded: Ends): boolean => known.low >= demanded.low && known.high <= demanded.high;

/** Row by row where both have rows of one axis; else all elements lie in each of the rows. */
function followsRowwise(known: Statement, { axis, ends }: RangeRows): boolean {
  const rows = known.kind === 'range' && known.rows?.axis === axis && known.rows.ends.length === ends.length ? known.rows.ends : undefined;
  return ends.every((row, i) => (rows ? lies(rows[i]!, row) : follows(known, { kind: 'range', ...row })));
}

/** The ranges of versions that are meant. */
export const meantVersions = ({ nominal, versions }: NominalStatement): readonly string[] => (versions.length > 0 ? versions : [nominal.version]);

/** Whether each version that is known to be possible is served; beside another argument, whether the two may be of one. */
function servesNominal(known: NominalStatement, demanded: NominalStatement): boolean {
  if (known.nominal.id !== demanded.nominal.id) return false;
  const [ranges, wanted, declared] = [meantVersions(known), meantVersions(demanded), [known.nominal, demanded.nominal]];
  if (demanded.joined === undefined) return isServed(ranges, wanted, declared);
  return (known.value !== undefined && demanded.value === known.value) || mayMix(ranges, wanted, declared);
}

function follows(known: Statement, demanded: Statement): boolean {
  switch (demanded.kind) {
    case 'range':
      if (demanded.rows !== undefined) return followsRowwise(known, demanded.rows);
      if (known.kind === 'range') return lies(known, demanded);
      break;
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std':
      if (known.kind === demanded.kind) return within(known, demanded);
      break;
    case 'space':
    case 'tokenizer':
      return known.kind === demanded.kind && servesNominal(known, demanded);
    case 'size':
      return known.kind === 'size' && decideSize(demanded, [known]) === 'proved';
    case 'attribute':
      return known.kind === 'attribute' && known.attribute.id === demanded.attribute.id && known.value === demanded.value;
    case 'nonzero':
      if (known.kind === 'range') return known.low > 0 || known.high < 0;
      break;
    default:
  }
  if (known.kind === demanded.kind) return true;
  return (consequences[known.kind as FlagStatement['kind']] ?? []).some((fact) => fact.kind !== known.kind && follows(fact, demanded));
}

type ReductionFact = Fact & ReductionStatement;

/** The fact of the type that implies the demanded statement, the best known one first; undefined if none does. */
export function implying(type: TensorType, demanded: Statement): Fact | undefined {
  const said = bestOf(type.facts, demanded);
  if (said?.evidence === 'proved') return said;
  const derived = derivable.has(demanded.kind) ? derivedFacts(type) : [];
  const best = bestOf(said === undefined ? derived : [said, ...derived], demanded);
  return best ?? (followsFromDtype(type, demanded) ? { ...demanded, evidence: 'proved' } : undefined);
}

/** The best known of the facts that imply a statement; of several, the first. */
function bestOf(facts: readonly Fact[], demanded: Statement): Fact | undefined {
  let best: Fact | undefined;
  for (const known of facts) {
    if ((best === undefined || compareEvidence(known.evidence, best.evidence) < 0) && follows(known, demanded)) best = known;
  }
  return best;
}

/** What those can imply that follow from several facts together. */
const derivable: ReadonlySet<Statement['kind']> = new Set(['range', 'norm', 'sum', 'nonzero', 'mask', 'one_hot', 'integer', 'finite']);

/** What follows from several facts together, or from one and the dtype: sums and norms carry its rounding. */
function derivedFacts(type: TensorType): readonly Fact[] {
  const { facts } = type;
  const rounding = roundingOf(type.dtype);
  const range = facts.find((fact) => fact.kind === 'range');
  const reduced = facts.flatMap((fact) => (fact.kind === 'norm' || fact.kind === 'sum' || fact.kind === 'mean' || fact.kind === 'std' ? [fact] : []));
  const derived = reduced.flatMap((fact): Fact[] => {
    const slack = slackOf(fact, type);
    const [least, most] = [fact.value - slack, fact.value + slack];
    const { evidence } = fact;
    const measured = evidence === 'measured' && fact.because !== undefined ? { because: fact.because } : {};
    // No element of a row exceeds the row's norm, nor a sum of what is not negative.
    if (fact.kind === 'norm') return [{ kind: 'range', low: -most, high: most, evidence, ...measured }];
    const found: Fact[] = fact.axis === -1 && (least > 0 || most < 0) ? [{ kind: 'nonzero', evidence, ...measured }] : [];
    if (fact.kind === 'sum' && range?.kind === 'range' && range.low >= 0 && most >= 0) found.push({ kind: 'range', low: 0, high: most, evidence: weakest(evidence, range.evidence) });
    return found;
  });
  return [...derived, ...wholeNumbers(type, reduced, rounding)];
}

/** Whole numbers from 0 to 1 are a mask, and a mask whose rows sum to 1 is one hot. */
function wholeNumbers(type: TensorType, reduced: readonly ReductionFact[], rounding: number): readonly Fact[] {
  const { facts } = type;
  const isBool = followsFromDtype(type, { kind: 'mask' });
  if (!isBool && !facts.some(({ kind }) => kind === 'mask' || kind === 'range')) return [];
  const of = (kind: Fact['kind']): Evidence | undefined => facts.find((fact) => fact.kind === kind)?.evidence ?? (followsFromDtype(type, { kind } as Statement) ? 'proved' : undefined);
  const unit = facts.find((fact) => fact.kind === 'range' && fact.low >= 0 && fact.high <= 1);
  const [integer, finite] = [of('integer'), of('finite')];
  const mask = of('mask') ?? (unit && integer && finite && weakest(unit.evidence, integer, finite));
  if (mask === undefined) return [];
  const sum = reduced.find((fact) => fact.kind === 'sum' && fact.axis === -1 && Math.abs(fact.value - 1) + fact.tolerance + rounding < 0.5);
  return [{ kind: 'mask', evidence: mask }, ...(sum ? [{ kind: 'one_hot', evidence: weakest(mask, sum.evidence) } as const] : [])];
}

/** What every tensor of a dtype satisfies. */
function followsFromDtype(type: TensorType, demanded: Statement): boolean {
  if (demanded.kind === 'size') return decideSize(demanded) === 'proved';
  if (demanded.kind === 'range' && demanded.rows !== undefined) return demanded.rows.ends.every((row) => followsFromDtype(type, { kind: 'range', ...row }));
  if (demanded.kind === 'range' && demanded.low === -Infinity && demanded.high === Infinity) return true;
  if (typeof type.dtype !== 'string') return type.dtype.family === 'int' && (demanded.kind === 'integer' || demanded.kind === 'finite');
  const row = dtypes[type.dtype];
  if (row.class === 'float' || row.class === 'complex' || row.class === 'string') return false;
  if (demanded.kind === 'integer' || demanded.kind === 'finite') return true;
  if (demanded.kind === 'mask') return row.class === 'bool';
  if (demanded.kind !== 'range') return false;
  const low = row.class === 'int' ? -(2 ** (row.bits - 1)) : 0;
  const high = row.class === 'bool' ? 1 : row.class === 'int' ? 2 ** (row.bits - 1) - 1 : 2 ** row.bits - 1;
  return low >= demanded.low && high <= demanded.high;
}
