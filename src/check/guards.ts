/**
 * Guards: what a consumer's contract makes of values for which a demand is not known to hold (`on violation`). `clamp`
 * moves each element to the nearest end of its range, `replace` puts a number in its place. NaN, which lies in no
 * range, becomes the number of the range that is nearest to 0. Where the demand is proved, there is no guard.
 */
import { describeDType, numbers, works } from '../ops/dtypes.ts';
import type { AttributeValue } from '../ops/operator.ts';
import { members } from '../ops/range.ts';
import { operators } from '../ops/table.ts';
import type { ViolationClause } from '../syntax/ast.ts';
import type { Location } from '../text/source.ts';
import { intDim } from '../types/dim.ts';
import { dtypes, holds } from '../types/dtype.ts';
import type { Ends, Fact, RangeStatement, Violation } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import { showElementType, showStatement } from '../types/show.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { Env } from './env.ts';
import type { TensorValue, Value } from './values.ts';

export type GuardedFact = Fact & { readonly violation: Violation };

/** Whether a fact is one that its consumer makes hold in the graph. */
export const isMended = (fact: Fact): fact is GuardedFact => fact.violation?.mode === 'clamp' || fact.violation?.mode === 'replace';

export const violationOf = ({ mode, value }: ViolationClause): Violation => ({ mode, ...(value === undefined ? {} : { value: value.value }) });

/** Why a guard cannot make a fact hold; undefined where it can, or need not. */
export function guardFault(fact: Fact, { mode, value }: Violation, type: TensorType): string | undefined {
  if (mode !== 'clamp' && mode !== 'replace') return undefined;
  if (!works(type.dtype, numbers)) return describeDType(type.dtype, 'numbers');
  if (fact.kind === 'range' && fact.rows !== undefined && fact.rows.axis !== -1) return `\`${mode}\` knows the ranges of the indices of the last axis only`;
  const misfit = value === undefined ? undefined : members(type.dtype).find((member) => !holds(member, value));
  if (misfit !== undefined) return `${value} does not fit ${misfit}`;
  const empty = fact.kind === 'range' && typeof type.dtype === 'string' && (fact.rows?.ends ?? [fact]).some((end) => endsIn(end, type).low > endsIn(end, type).high);
  if (empty) return `no number of ${showElementType(type.dtype)} lies in it`;
  if (mode === 'clamp') return fact.kind === 'range' ? undefined : `\`clamp\` makes only a range hold, not ${showStatement(fact)}`;
  switch (fact.kind) {
    case 'range':
      return (fact.rows?.ends ?? [fact]).every(({ low, high }) => value! >= low && value! <= high) ? undefined : `${value} does not lie in it`;
    case 'mask':
      return value === 0 || value === 1 ? undefined : `${value} is neither 0 nor 1`;
    case 'integer':
      return Number.isInteger(value) ? undefined : `${value} is not whole`;
    case 'finite':
      return undefined;
    default:
      return `\`replace\` makes only facts about single elements hold, not ${showStatement(fact)}`;
  }
}

/** The value with a guard for each of these demands on it, or on a field of it, that is not known to hold. */
export function guardValue(value: Value, wanted: Type, site: Location, env: Env): Value {
  if (value.kind === 'tensor' && wanted.kind === 'tensor') return guardTensor(value, wanted, site, env);
  if (value.kind !== 'record' || wanted.kind !== 'record') return value;
  const fields = new Map(value.type.fields);
  const refs = new Map(value.refs);
  for (const [name, type] of wanted.fields) {
    const field = fields.get(name);
    if (field === undefined) continue;
    const ref = refs.get(name);
    const guarded = guardTensor({ kind: 'tensor', type: field, ...(ref === undefined ? {} : { ref }) }, type, site, env);
    fields.set(name, guarded.type);
    if (guarded.ref !== undefined) refs.set(name, guarded.ref);
  }
  return { ...value, type: { ...value.type, fields }, ...(value.refs ? { refs } : {}) };
}

function guardTensor(value: TensorValue, wanted: TensorType, site: Location, env: Env): TensorValue {
  return wanted.facts.filter(isMended).reduce((guarded, fact) => {
    if (implying(guarded.type, fact) !== undefined) return guarded;
    const { ref } = env.deep === undefined ? guarded : mend(guarded, fact, site, env);
    const facts: Fact[] = [...guarded.type.facts, { ...fact, evidence: 'enforced' }];
    return { kind: 'tensor', type: { ...guarded.type, facts }, ...(ref === undefined ? {} : { ref }) };
  }, value);
}

/** The nodes of a guard. */
function mend(x: TensorValue, fact: GuardedFact, site: Location, env: Env): TensorValue {
  const place: Place = { site, env };
  const { mode, value } = fact.violation;
  if (mode === 'clamp' && fact.kind === 'range') return clamp(x, fact, place);
  return apply('Where', [conforms(x, fact, place), x, constant([value ?? 0], x.type, place)], place);
}

function clamp(x: TensorValue, { rows, ...whole }: RangeStatement, place: Place): TensorValue {
  const ends = (rows?.ends ?? [whole]).map((end) => endsIn(end, x.type));
  const neutral = constant(ends.map(nearestToZero), x.type, place);
  const known = isFloat(x.type) ? apply('Where', [apply('Equal', [x, x], place), x, neutral], place) : x;
  const raised = ends.every(({ low }) => low === -Infinity) ? known : apply('Max', [known, constant(ends.map(({ low }) => low), x.type, place)], place);
  return ends.every(({ high }) => high === Infinity) ? raised : apply('Min', [raised, constant(ends.map(({ high }) => high), x.type, place)], place);
}

/** Where the elements are as they should be, as truth values; NaN is as nothing should be. */
function conforms(x: TensorValue, fact: Fact, place: Place): TensorValue {
  const number = (n: number): TensorValue => constant([n], x.type, place);
  switch (fact.kind) {
    case 'range': {
      const ends = (fact.rows?.ends ?? [fact]).map((end) => endsIn(end, x.type));
      const above = apply('GreaterOrEqual', [x, constant(ends.map(({ low }) => low), x.type, place)], place);
      return apply('And', [above, apply('LessOrEqual', [x, constant(ends.map(({ high }) => high), x.type, place)], place)], place);
    }
    case 'mask':
      return apply('Or', [apply('Equal', [x, number(0)], place), apply('Equal', [x, number(1)], place)], place);
    case 'integer':
      return apply('Equal', [apply('Floor', [x], place), x], place);
    default:
      // Infinity less infinity is NaN, which equals nothing.
      return apply('Equal', [apply('Sub', [x, x], place), number(0)], place);
  }
}

const nearestToZero = ({ low, high }: Ends): number => Math.min(Math.max(0, low), high);
const isFloat = ({ dtype }: TensorType): boolean => typeof dtype === 'string' && dtypes[dtype].class === 'float';

/** The lowest and the highest number of a dtype that lie in a range; what a float cannot hold is infinite to it. */
function endsIn({ low, high }: Ends, { dtype }: TensorType): Ends {
  if (typeof dtype !== 'string') return { low, high };
  const { class: kind, bits } = dtypes[dtype];
  if (kind === 'float') return { low: holds(dtype, low) ? low : Math.sign(low) * Infinity, high: holds(dtype, high) ? high : Math.sign(high) * Infinity };
  const least = kind === 'uint' ? 0 : Math.max(-(2 ** (bits - 1)), Number.MIN_SAFE_INTEGER);
  const most = Math.min(kind === 'uint' ? 2 ** bits - 1 : 2 ** (bits - 1) - 1, Number.MAX_SAFE_INTEGER);
  return { low: Math.max(Math.ceil(low), least), high: Math.min(Math.floor(high), most) };
}

// ---------------------------------------------------------------- nodes

interface Place {
  readonly site: Location;
  readonly env: Env;
}

/** One number, or one for each index of the last axis. */
function constant(values: readonly number[], { dtype }: TensorType, { env }: Place): TensorValue {
  const type: TensorType = { kind: 'tensor', dtype, shape: { axes: values.length === 1 ? [] : [{ size: intDim(values.length) }] }, facts: [], evidence: 'proved' };
  return { kind: 'tensor', type, ref: env.deep!.sink.constant(values, type) };
}

function apply(name: string, inputs: readonly TensorValue[], { site, env }: Place): TensorValue {
  const operator = operators.get(name)!;
  const attributes = new Map<string, AttributeValue>();
  const types = inputs.map((input) => input.type);
  const inference = operator.infer(types, attributes);
  // The fact was found to be sayable of the type; of a dtype that the operator does not take it is not.
  if (!inference.ok || inference.type.kind !== 'tensor') throw new Error(`a guard of ${name} does not fit: ${inference.ok ? 'a record' : inference.why}`);
  const ref = env.deep!.sink.operation(operator, inputs.map((input) => input.ref ?? ''), attributes, { inputs: types, output: inference.type }, site);
  return { kind: 'tensor', type: inference.type, ref };
}
