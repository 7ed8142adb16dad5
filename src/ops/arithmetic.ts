/** Elementwise operators of two or three numbers. */
import { dtypes, type DType } from '../types/dtype.ts';
import type { Ends, Fact } from '../types/fact.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { describeDType, floats, numbers, sinceOf, works } from './dtypes.ts';
import { inferred, int, refuse, type Emitter, type Inference, type Operator, type OperatorCall } from './operator.ts';
import { atCorners, elementwiseRange, exactly, exactRange, rangeOf, roundedRange, times, wholeCorners } from './range.ts';
import { wideOf } from '../types/wide-range.ts';
import { broadcast, describeOperands, result, sameElementType } from './shapes.ts';

const narrow = new Set<ElementType>(['i8', 'u8', 'i16', 'u16']);

interface Binary {
  readonly since: (a: TensorType) => number;
  readonly facts: (a: TensorType, b: TensorType) => readonly Fact[];
  readonly onlyFloats?: boolean;
  readonly emit?: Operator['emit'];
}

const arithmeticSince = (a: TensorType): number => (narrow.has(a.dtype) ? 14 : sinceOf(a.dtype, 7));
/** Of integers and half precision since 12, when the runtime's kernels came too. */
const extremeSince = (a: TensorType): number => (a.dtype === 'f32' || a.dtype === 'f64' ? 8 : sinceOf(a.dtype, 12));

/** At the corners, unless an end is infinite on both sides in opposite ways. */
const corners = (operate: (x: number, y: number) => number, whole: (x: bigint, y: bigint) => bigint) => (a: TensorType, b: TensorType): readonly Fact[] =>
  elementwiseRange([a, b], (x, y) => (works(a.dtype, floats) ? roundedRange(atCorners(x!, y!, operate), a.dtype) : wholeCorners(x!, y!, whole, a.dtype)));

/** Division by an interval that contains 0 is unbounded, and its sign is not known. */
function quotient(a: TensorType, b: TensorType): readonly Fact[] {
  if (!works(a.dtype, floats)) return [];
  return elementwiseRange([a, b], (of, by) => {
    const { low, high } = wideOf(by!);
    if (low <= 0 && high >= 0) return [];
    return roundedRange(atCorners(of!, by!, (x, y) => (x === 0 || Math.abs(y) === Infinity ? 0 : x / y)), a.dtype);
  });
}

/**
 * The least i32 or i64 divided by -1 overflows, which ends the process on processors that trap it. Where the operands do not rule that
 * out, the quotient by 1 is taken and its sign turned, so that the least number stays itself, as in all integer arithmetic. Narrower
 * numbers are divided as i32, and do not overflow.
 */
function emitDivision({ inputs: [a, b], types: [of, by], output }: OperatorCall, to: Emitter): string {
  const dtype = output.dtype as DType;
  if (!mayOverflow(of!, by!)) return to.node('Div', [a!, b!]);
  const isNegated = to.node('Cast', [to.node('Equal', [b!, to.scalar(dtype, -1)])], { to: int(dtypes[dtype].onnx) });
  const turned = to.node('Mul', [isNegated, to.scalar(dtype, 2)]);
  const divided = to.node('Div', [a!, to.node('Add', [b!, turned])]);
  return to.node('Mul', [divided, to.node('Sub', [to.scalar(dtype, 1), turned])]);
}

/** What was only declared rules nothing out. */
function mayOverflow(a: TensorType, b: TensorType): boolean {
  if (a.dtype !== 'i32' && a.dtype !== 'i64') return false;
  const known = ({ facts, ...type }: TensorType): Ends => rangeOf({ ...type, facts: facts.filter(({ evidence }) => evidence === 'proved' || evidence === 'enforced') });
  const [of, by] = [known(a), known(b)];
  return of.low <= (a.dtype === 'i32' ? -(2 ** 31) : -(2 ** 63)) && by.low <= -1 && by.high >= -1;
}

const chosen = (choose: (x: number, y: number) => number) => (a: TensorType, b: TensorType): readonly Fact[] =>
  elementwiseRange([a, b], (x, y) => exactRange(exactly([x!, y!], extreme(choose))));

const extreme = (choose: (...all: number[]) => number) => (...all: Ends[]): Ends => ({ low: choose(...all.map(({ low }) => low)), high: choose(...all.map(({ high }) => high)) });

const binaryTable: Readonly<Record<string, Binary>> = {
  Add: { since: arithmeticSince, facts: corners((x, y) => x + y, (x, y) => x + y) },
  Sub: { since: arithmeticSince, facts: corners((x, y) => x - y, (x, y) => x - y) },
  Mul: { since: arithmeticSince, facts: corners(times, (x, y) => x * y) },
  Div: { since: arithmeticSince, facts: quotient, emit: emitDivision },
  Max: { since: extremeSince, facts: chosen(Math.max) },
  Min: { since: extremeSince, facts: chosen(Math.min) },
  Pow: { since: (a) => (a.dtype === 'bf16' ? 15 : 7), facts: () => [], onlyFloats: true },
};

function binary(name: string, row: Binary): Operator {
  return { name, inputs: ['a', 'b'], attributes: {}, since: ([a]) => row.since(a!), infer: ([a, b]) => inferBinary(name, row, a!, b!), ...(row.emit ? { emit: row.emit } : {}) };
}

function inferBinary(name: string, { facts, onlyFloats = false }: Binary, a: TensorType, b: TensorType): Inference {
  const shape = sameElementType(a.dtype, b.dtype) ? broadcast(a.shape, b.shape) : undefined;
  if (shape === undefined) return refuse(describeOperands(a, b));
  if (!works(a.dtype, onlyFloats ? floats : numbers)) return refuse(describeDType(a.dtype, onlyFloats ? 'floats' : 'numbers'));
  const zero = name === 'Div' ? zeroOf(b) : undefined;
  // Of integers no runtime goes on; of floats every element is infinite or NaN.
  if (zero !== undefined) return refuse(`nothing can be divided by 0${zero}`);
  return inferred(result([a, b], shape, facts(a, b)));
}

/** Which elements are surely 0, in words: all of them, or those of one index. */
function zeroOf({ facts }: TensorType): string | undefined {
  const isZero = ({ low, high }: { readonly low: number; readonly high: number }): boolean => low === 0 && high === 0;
  for (const fact of facts) {
    if (fact.kind !== 'range') continue;
    if (isZero(fact)) return '';
    const index = fact.rows?.ends.findIndex(isZero) ?? -1;
    if (index >= 0) return `, and number ${index} of the list, counted from 0, is 0`;
  }
  return undefined;
}

/** Both ends are scalars. Before opset 11 they were attributes: written as a maximum and a minimum there. */
const clip: Operator = {
  name: 'Clip',
  inputs: ['x', 'min', 'max'],
  attributes: {},
  since: ([x]) => (works(x!.dtype, floats) ? extremeSince(x!) : 12),
  infer: ([x, min, max]) => {
    if (!works(x!.dtype, numbers)) return refuse(describeDType(x!.dtype, 'numbers'));
    for (const end of [min!, max!]) {
      if (!sameElementType(x!.dtype, end.dtype)) return refuse(describeOperands(x!, end));
      if (end.shape.axes.length > 0 || end.shape.rest) return refuse('`min` and `max` are single numbers');
    }
    const [low, high] = [rangeOf(min!), rangeOf(max!)];
    if (low.low > high.high) return refuse('`min` is greater than `max`');
    const facts = elementwiseRange([x!], (range) => exactRange(exactly([exactly([range!, low], extreme(Math.max)), high], extreme(Math.min))));
    return inferred(result([x!, min!, max!], x!.shape, facts));
  },
  emit: ({ inputs: [x, min, max] }: OperatorCall, to: Emitter) =>
    to.opset >= 11 ? to.node('Clip', [x!, min!, max!]) : to.node('Min', [to.node('Max', [x!, min!]), max!]),
};

export const arithmeticOperators: readonly Operator[] = [...Object.entries(binaryTable).map(([name, row]) => binary(name, row)), clip];
