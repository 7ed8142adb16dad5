/** The derivative of each operator, as a vector-Jacobian product written down as nodes: one family of operators a file. */
import { arithmeticRules } from './arithmetic.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { layoutRules } from './layout.ts';
import { productRules } from './products.ts';
import { reductionRules } from './reductions.ts';
import { rowRules } from './rows.ts';
import { intAt, listAt, numbersAt, stringAt, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

/** What comes of these changes by jumps only, or not at all. */
const steps = ['And', 'ArgMax', 'ArgMin', 'Ceil', 'Constant', 'ConstantOfShape', 'Equal', 'Floor', 'Greater', 'GreaterOrEqual', 'IsInf', 'IsNaN', 'Less', 'LessOrEqual', 'NonZero', 'Not', 'OneHot', 'Or', 'Range', 'Round', 'Shape', 'Sign', 'Size', 'Xor'];

const rules: GradientRules = {
  ...elementwiseRules,
  ...arithmeticRules,
  ...productRules,
  ...rowRules,
  ...reductionRules,
  ...layoutRules,
  ...convolutionRules,
  ...Object.fromEntries(steps.map((op) => [op, () => undefined])),
};

/** Forms of an operator for which its rule does not hold, as clauses. */
const limits: Readonly<Record<string, (call: GradientCall) => string | undefined>> = {
  Slice: (call) => {
    if (numbersAt(call, 'starts', 1) === undefined) return 'its places depend on values';
    return call.node.inputs[4] !== undefined && numbersAt(call, 'steps', 4)?.every((step) => step === 1) !== true ? 'it takes steps' : undefined;
  },
  Pad: (call) => {
    if (stringAt(call, 'mode', 'constant') !== 'constant') return 'it repeats elements';
    return numbersAt(call, 'pads', 1) === undefined || call.node.inputs[3] !== undefined ? 'its places depend on values' : undefined;
  },
  AveragePool: (call) => {
    if (stringAt(call, 'auto_pad', 'NOTSET') !== 'NOTSET' || intAt(call, 'ceil_mode', 0) === 1) return 'it finds its padding by itself';
    return intAt(call, 'count_include_pad', 0) === 0 && listAt(call, 'pads')?.some((size) => size > 0) === true ? 'windows at the edge are means of fewer elements' : undefined;
  },
  Conv: (call) => (stringAt(call, 'auto_pad', 'NOTSET') === 'NOTSET' || listAt(call, 'pads') !== undefined ? undefined : 'it finds its padding by itself'),
};

export type FoundRule = { readonly ok: true; readonly rule: GradientRule } | { readonly ok: false; readonly why: string };

/** The rule for a call, or a clause that says why there is none. */
export function gradientRuleOf(call: GradientCall & { readonly domain: string }): FoundRule {
  const { op } = call.node;
  if (call.domain !== '' || !Object.hasOwn(rules, op)) return { ok: false, why: 'its derivative is not known' };
  const limit = Object.hasOwn(limits, op) ? limits[op]!(call) : undefined;
  return limit === undefined ? { ok: true, rule: rules[op]! } : { ok: false, why: limit };
}
