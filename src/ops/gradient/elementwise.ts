/** Operators on each element of one operand: the derivative times what came. */
import { dtypes } from '../../types/dtype.ts';
import type { Notation } from '../notation.ts';
import { int } from '../operator.ts';
import { floatAt, stringAt, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

type Operands = ReturnType<typeof written>;

const unary = (derive: (operands: Operands, call: GradientCall) => string): GradientRule => (call, input) => (input === 0 ? derive(written(call), call) : undefined);

/** Between the bounds as it came; what was cut off is the bound's. */
const clip: GradientRule = (call, input) => {
  const { sub, square, where, greater, sum, reshape, x, y, g } = written(call);
  const bound = call.node.inputs[input]!;
  if (input === 0) return where(greater(square(sub(x, y)), 0), 0, g);
  const cut = where(input === 1 ? greater(bound, x) : greater(x, bound), g, 0);
  return reshape(sum(cut, call.dims(x).map((_, axis) => axis)), []);
};

/** φ(x) / φ(0) = exp(-x² / 2). */
const bell = ({ exp, mul, square }: Notation, x: string): string => exp(mul(square(x), -0.5));

/** Φ(x) + x φ(x), and the same of the approximation by a tanh. */
const gelu = unary((operands, call) => {
  const { add, sub, mul, square, x, g } = operands;
  if (stringAt(call, 'approximate', 'none') !== 'tanh') {
    const share = mul(add(call.to.node('Erf', [mul(x, Math.SQRT1_2)]), 1), 0.5);
    return mul(g, add(share, mul(mul(x, bell(operands, x)), 1 / Math.sqrt(2 * Math.PI))));
  }
  const slope = Math.sqrt(2 / Math.PI);
  const curve = call.to.node('Tanh', [mul(mul(x, add(mul(square(x), 0.044715), 1)), slope)]);
  const inner = mul(add(mul(square(x), 3 * 0.044715), 1), slope);
  const change = mul(mul(mul(x, sub(1, square(curve))), inner), 0.5);
  return mul(g, add(mul(add(curve, 1), 0.5), change));
});

const swish = unary(({ add, sub, mul, x, g }, call) => {
  const alpha = floatAt(call, 'alpha', 1);
  const share = call.to.node('Sigmoid', [mul(x, alpha)]);
  return mul(g, mul(share, add(mul(mul(x, alpha), sub(1, share)), 1)));
});

/** Between floating-point numbers the same in the other dtype; whole numbers change by jumps. */
const cast: GradientRule = ({ node, gradient, dtype, dtypeOf, to }, input) => {
  if (input > 0) return undefined;
  const from = dtypeOf(node.inputs[0]!);
  return dtypes[from].class === 'float' && dtypes[dtype].class === 'float' ? to.node('Cast', [gradient], { to: int(dtypes[from].onnx) }) : undefined;
};

export const elementwiseRules: GradientRules = {
  Cast: cast,
  CastLike: cast,
  Identity: unary(({ g }) => g),
  Neg: unary(({ neg, g }) => neg(g)),
  Abs: unary(({ mul, x, g }, { to }) => mul(g, to.node('Sign', [x]))),
  Exp: unary(({ mul, y, g }) => mul(g, y)),
  Log: unary(({ div, x, g }) => div(g, x)),
  Sqrt: unary(({ div, mul, y, g }) => div(mul(g, 0.5), y)),
  Reciprocal: unary(({ neg, mul, square, y, g }) => neg(mul(g, square(y)))),
  Relu: unary(({ where, greater, x, g }) => where(greater(x, 0), g, 0)),
  LeakyRelu: unary(({ where, greater, mul, x, g }, call) => where(greater(x, 0), g, mul(g, floatAt(call, 'alpha', 0.01)))),
  Clip: clip,
  Sigmoid: unary(({ mul, sub, y, g }) => mul(g, mul(y, sub(1, y)))),
  HardSigmoid: unary(({ mul, sub, where, greater, y, g }, call) => where(greater(mul(y, sub(1, y)), 0), mul(g, floatAt(call, 'alpha', 0.2)), 0)),
  Tanh: unary(({ mul, sub, square, y, g }) => mul(g, sub(1, square(y)))),
  Erf: unary(({ mul, exp, neg, square, x, g }) => mul(mul(g, exp(neg(square(x)))), 2 / Math.sqrt(Math.PI))),
  Softplus: unary(({ mul, x, g }, { to }) => mul(g, to.node('Sigmoid', [x]))),
  Softsign: unary(({ div, square, add, x, g }, { to }) => div(g, square(add(to.node('Abs', [x]), 1)))),
  Gelu: gelu,
  Swish: swish,
};
