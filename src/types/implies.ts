/** When what is known of a tensor implies what a consumer demands of it. */
import { dtypes } from './dtype.ts';
import type { Ends, Fact, FlagStatement, RangeRows, ReductionStatement, Statement } from './fact.ts';
import type { TensorType } from './type.ts';
import { decideSize } from './size-bounds.ts';
import { isAccepted } from './version.ts';

/** The flags that follow from a flag. */
const consequences: Readonly<Partial<Record<FlagStatement['kind'], readonly Statement[]>>> = {
  mask: [{ kind: 'range', low: 0, high: 1 }, { kind: 'integer' }, { kind: 'finite' }],
  one_hot: [{ kind: 'mask' }, { kind: 'range', low: 0, high: 1 }, { kind: 'integer' }, { kind: 'finite' }, { kind: 'nonzero' }],
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

function follows(known: Statement, demanded: Statement): boolean {
  switch (demanded.kind) {
    case 'range':
      if (demanded.rows !== undefined) return followsRowwise(known, demanded.rows);
      if (known.kind === 'range') return lies(known, demanded);
      // No element of a row exceeds the row's norm.
      if (known.kind !== 'norm') break;
      return known.value + known.tolerance <= Math.min(-demanded.low, demanded.high);
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std':
      return known.kind === demanded.kind && within(known, demanded);
    case 'space':
    case 'tokenizer':
      return (
        known.kind === demanded.kind &&
        known.nominal.id === demanded.nominal.id &&
        isAccepted(known.nominal.version, known.nominal.compatible, demanded.versions)
      );
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

/** The fact of the type that implies the demanded statement, the best known one first; undefined if none does. */
export function implying(type: TensorType, demanded: Statement): Fact | undefined {
  const order = ['proved', 'enforced', 'measured', 'declared'];
  const facts = type.facts.filter((known) => follows(known, demanded));
  const best = facts.sort((a, b) => order.indexOf(a.evidence) - order.indexOf(b.evidence))[0];
  return best ?? (followsFromDtype(type, demanded) ? { ...demanded, evidence: 'proved' } : undefined);
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
