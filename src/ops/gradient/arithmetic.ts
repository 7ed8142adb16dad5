/** Operators of two and more operands that are broadcast. */
import { notation } from '../notation.ts';
import { unbroadcast, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

/** The derivative by each operand, before what was repeated is summed up. */
type Derivatives = readonly ((operands: ReturnType<typeof operandsOf>, call: GradientCall) => string)[];

const operandsOf = (call: GradientCall) => ({ ...written(call), a: call.node.inputs[0]!, b: call.node.inputs[1]! });

const binary = (derivatives: Derivatives): GradientRule => (call, input) => {
  const operands = operandsOf(call);
  return unbroadcast(derivatives[input]!(operands, call), call.dims(operands.y), call.dims(call.node.inputs[input]!), operands);
};

/** The first of the operands that is the extreme one takes it all. */
const extreme: GradientRule = (call, input) => {
  const { inputs } = call.node;
  const operands = operandsOf(call);
  const { sub, square, greater, where, y, g } = operands;
  const differs = (value: string): string => greater(square(sub(value, y)), 0);
  const others = inputs.slice(0, input).reduce((rest, earlier) => where(differs(earlier), rest, 0), g);
  return unbroadcast(where(differs(inputs[input]!), 0, others), call.dims(y), call.dims(inputs[input]!), operands);
};

const choice: GradientRule = (call, input) => {
  if (input === 0) return undefined;
  const { where, g, y, ...rest } = operandsOf(call);
  const [condition] = call.node.inputs;
  const chosen = input === 1 ? where(condition!, g, 0) : where(condition!, 0, g);
  return unbroadcast(chosen, call.dims(y), call.dims(call.node.inputs[input]!), { ...rest, where });
};

const sum: GradientRule = (call, input) => unbroadcast(call.gradient, call.dims(call.node.outputs[0]!), call.dims(call.node.inputs[input]!), notation(call.to, call.dtype));

export const arithmeticRules: GradientRules = {
  Add: sum,
  Sum: sum,
  Sub: binary([({ g }) => g, ({ neg, g }) => neg(g)]),
  Mul: binary([({ mul, b, g }) => mul(g, b), ({ mul, a, g }) => mul(g, a)]),
  Div: binary([({ div, b, g }) => div(g, b), ({ div, mul, neg, b, y, g }) => neg(div(mul(g, y), b))]),
  // By the exponent only of powers of what is above 0.
  Pow: binary([
    ({ mul, pow, sub, a, b, g }) => mul(g, mul(b, pow(a, sub(b, 1)))),
    ({ mul, log, where, greater, a, y, g }) => where(greater(a, 0), mul(g, mul(y, log(where(greater(a, 0), a, 1)))), 0),
  ]),
  Max: extreme,
  Min: extreme,
  Where: choice,
};
