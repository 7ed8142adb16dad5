/** What a state is in the first run: a number, or a list of numbers, in lists, that fills its last axes. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { constantRange } from '../../ops/range.ts';
import type { Expr, StateMember } from '../../syntax/ast.ts';
import type { Location } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import { hasConstants, holds } from '../../types/dtype.ts';
import type { Fact, FlagStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { leaveOutHere } from '../leave-out.ts';
import { literalNumber } from '../files/input-default.ts';
import { showFact } from '../joints/show-fact.ts';
import { carriedPlace } from './uncarried-ports.ts';

/** Numbers in row-major order; they are repeated over the axes before those that they fill. */
export interface FirstValue {
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** What a literal says; undefined for what is no number and no list of such, `ragged` where lists beside each other differ. */
export function literalValue(expr: Expr): FirstValue | 'ragged' | undefined {
  const number = literalNumber(expr);
  if (number !== undefined) return { dims: [], values: [number] };
  if (expr.kind !== 'ListExpr' || expr.items.length === 0) return undefined;
  const items = expr.items.map(literalValue);
  if (items.includes(undefined)) return undefined;
  const [first] = items;
  const even = items.filter((item): item is FirstValue => typeof item === 'object' && typeof first === 'object' && item.dims.join() === first.dims.join());
  if (even.length < items.length) return 'ragged';
  return { dims: [items.length, ...even[0]!.dims], values: even.flatMap((item) => item.values) };
}

/** Whether a first value is of a state's type: it fills its last axes, its dtype holds the numbers, and its facts follow. */
export function checkFirstValue(value: FirstValue, type: TensorType, member: StateMember, location: Location, env: Env): boolean {
  const { report, checker } = env;
  const { name: { text: name }, type: written } = member;
  const { dtype, shape } = type;
  const { dims, values } = value;
  if (typeof dtype !== 'string') return false;
  const last = shape.axes.slice(Math.max(0, shape.axes.length - dims.length));
  if (last.length < dims.length || last.some(({ size }, i) => constantOf(size) !== dims[i])) {
    report(partCodes.report('state-shape', { name, found: `[${dims.join(', ')}]`, type: showTensor(type) }, location, { notes: ['A list has a number for each index of the last axis, lists of lists for the last two, and so on; they are repeated over the axes before.'] }));
    return false;
  }
  const misfit = values.find((number) => !(dtype === 'bool' && (number === 0 || number === 1)) && !holds(dtype, number));
  if (misfit !== undefined) {
    report(partCodes.report('constant-misfit', { value: misfit, dtype, isWritten: hasConstants(dtype), family: undefined }, location, hasConstants(dtype) ? {} : carriedPlace(member, dtype, env)));
    return false;
  }
  const filled: TensorType = { ...type, facts: [...factsOf(value, type), ...evenFacts(value, type)], evidence: 'proved' };
  const unmet = type.facts.find((fact) => implying(filled, fact) === undefined);
  if (unmet === undefined) return true;
  const related = unmet.location ? [{ location: unmet.location, text: 'demanded here' }] : [];
  const label = dims.length === 0 ? 'all elements are this' : 'its elements are these';
  const from = dims.length === 0 ? `\`${values[0]}\`` : 'its first value';
  report(jointCodes.report('unmet-fact', { to: name, from, fact: showFact(unmet, checker) }, location, {
    label,
    related,
    notes: unmet.kind === 'space' || unmet.kind === 'tokenizer' ? [`Numbers that are written out lie in no ${unmet.kind}: what an encoder gives does. Leave it out of the state's type, and what is made in the first run may still go into \`next ${name}\`; a backbone's input for its own state says no ${unmet.kind} either.`] : [],
    fixes: unmet.kind === 'space' || unmet.kind === 'tokenizer' ? leaveOutHere(unmet, type, { uri: location.uri, span: written.span }, checker) : [],
  }));
  return false;
}

/** What holds of all elements, and of the lines along the last axis where that is filled. */
function factsOf({ dims, values }: FirstValue, { dtype }: TensorType): readonly Fact[] {
  const width = dims.at(-1);
  const lines = width === undefined ? values.map((value) => [value]) : Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
  const flags: readonly [FlagStatement['kind'], boolean][] = [
    ['finite', values.every(Number.isFinite)],
    ['integer', values.every(Number.isInteger)],
    ['mask', values.every((value) => value === 0 || value === 1)],
    ['prefix_mask', lines.every((line) => line.every((value, i) => value === 0 || (value === 1 && (i === 0 || line[i - 1] === 1))))],
    ['nonzero', lines.every((line) => line.some((value) => value !== 0))],
  ];
  // Single numbers are rounded to the dtype as constants are; a column lies between its least and its greatest.
  const columns = width === undefined ? [values] : Array.from({ length: width }, (_, i) => lines.map((line) => line[i]!));
  const spans = columns.flatMap((column) => constantRange([Math.min(...column)], dtype).flatMap((low) => constantRange([Math.max(...column)], dtype).flatMap((high) => (low.kind === 'range' && high.kind === 'range' ? [{ low: low.low, high: high.high }] : []))));
  return [
    { kind: 'range', low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)), rows: { axis: -1, ends: spans }, evidence: 'proved' },
    ...flags.flatMap(([kind, holding]): Fact[] => (holding ? [{ kind, evidence: 'proved' }] : [])),
    ...(width === undefined ? [] : [reduced('sum', lines.map((line) => line.reduce((sum, value) => sum + value, 0))), reduced('norm', lines.filter((line) => line.some((value) => value !== 0)).map((line) => Math.hypot(...line)))].flat()),
  ];
}

/** Of lines that are one number throughout: their sum and norm follow from their length. */
function evenFacts({ dims, values }: FirstValue, { shape }: TensorType): readonly Fact[] {
  const last = shape.axes.at(-1);
  const width = last === undefined ? undefined : constantOf(last.size);
  const [value] = values;
  if (dims.length > 0 || width === undefined || value === undefined) return [];
  return [...reduced('sum', [value * width]), ...(value === 0 ? [] : reduced('norm', [Math.abs(value) * Math.sqrt(width)]))];
}

/** What lines sum up to, or their norms, where there are any. */
function reduced(kind: 'sum' | 'norm', found: readonly number[]): Fact[] {
  if (found.length === 0) return [];
  const [low, high] = [Math.min(...found), Math.max(...found)];
  return [{ kind, axis: -1, value: (low + high) / 2, tolerance: (high - low) / 2, evidence: 'proved' }];
}
