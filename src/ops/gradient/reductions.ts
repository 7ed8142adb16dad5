/** Reductions: what came is repeated along the axes that are gone, times what each element counts. */
import { countOf, fromStart, intAt, numbersAt, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

interface Reduced extends ReturnType<typeof written> {
  /** The gradient and the result with the reduced axes in place, of size 1. */
  readonly gradient: string;
  readonly result: string;
  readonly axes: readonly number[];
  /** How many elements one result stands for. */
  readonly count: number;
  readonly dims: readonly number[];
  /** A value with axes of size 1 as large as the operand. */
  readonly spread: (value: string) => string;
}

function reducedOf(call: GradientCall): Reduced {
  const operands = written(call);
  const dims = call.dims(operands.x);
  const given = numbersAt(call, 'axes', 1);
  const none = (given?.length ?? 0) === 0;
  const all = dims.map((_, axis) => axis);
  const axes = none ? (intAt(call, 'noop_with_empty_axes', 0) === 1 ? [] : all) : given!.map((axis) => fromStart(axis, dims.length));
  const kept = dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const isKept = intAt(call, 'keepdims', 1) === 1;
  const inPlace = (value: string): string => (isKept ? value : operands.reshape(value, kept));
  return {
    ...operands,
    gradient: inPlace(operands.g),
    result: inPlace(operands.y),
    axes,
    count: countOf(axes.map((axis) => dims[axis]!)),
    dims,
    spread: (value) => operands.expand(value, dims),
  };
}

const reduction = (derive: (reduced: Reduced, call: GradientCall) => string): GradientRule => (call, input) => (input === 0 ? derive(reducedOf(call), call) : undefined);

/** Equal extremes share. */
const extreme = reduction(({ where, greater, square, sub, sum, div, x, result, gradient, axes, spread }) => {
  const differs = greater(square(sub(x, result)), 0);
  return where(differs, 0, spread(div(gradient, sum(where(differs, 0, 1), axes))));
});

export const reductionRules: GradientRules = {
  ReduceSum: reduction(({ gradient, spread }) => spread(gradient)),
  ReduceMean: reduction(({ mul, gradient, count, spread }) => spread(mul(gradient, 1 / count))),
  ReduceSumSquare: reduction(({ mul, gradient, x }) => mul(mul(x, 2), gradient)),
  ReduceL1: reduction(({ mul, gradient, x }, { to }) => mul(to.node('Sign', [x]), gradient)),
  // Of a row of zeros: 0.
  ReduceL2: reduction(({ mul, div, where, greater, gradient, result, x }) => mul(x, where(greater(result, 0), div(gradient, where(greater(result, 0), result, 1)), 0))),
  ReduceLogSumExp: reduction(({ mul, exp, sub, gradient, result, x }) => mul(exp(sub(x, result)), gradient)),
  ReduceMax: extreme,
  ReduceMin: extreme,
};
