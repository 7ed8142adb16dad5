/** The derivative of each operator, as a vector-Jacobian product written down as nodes: one family of operators a file. */
import { arithmeticRules } from './arithmetic.ts';
import { convolutionRules } from './convolution.ts';
import { elementwiseRules } from './elementwise.ts';
import { layoutRules } from './layout.ts';
import { placeRules } from './places.ts';
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
  ...placeRules,
  ...convolutionRules,
  ...Object.fromEntries(steps.map((op) => [op, () => undefined])),
};

/** Forms of an operator for which its rule does not hold, as clauses. */
const limits: Readonly<Record<string, (call: GradientCall) => string | undefined>> = {
  Slice: (call) => {
    const gaps = call.node.inputs[4] ?? '';
    return numbersAt(call, 'starts', 1) === undefined || (gaps !== '' && call.numbers(gaps) === undefined) ? 'its places depend on values' : undefined;
  },
  Pad: (call) => {
    const pads = numbersAt(call, 'pads', 1);
    if (pads === undefined || (call.node.inputs[3] ?? '') !== '') return 'its places depend on values';
    if (pads.some((size) => size < 0)) return 'it cuts off elements';
    return stringAt(call, 'mode', 'constant') !== 'constant' && call.dims(call.node.inputs[0]!).length < 2 ? 'it has one axis only' : undefined;
  },
  AveragePool: (call) => (intAt(call, 'ceil_mode', 0) === 1 ? 'its last windows may stand over the edge' : listAt(call, 'dilations')?.some((gap) => gap > 1) === true ? 'its windows have gaps' : undefined),
  MaxPool: (call) => (call.to.opset < 16 ? 'what windows share can be summed up from opset 16 on' : undefined),
  Resize: (call) => {
    if (stringAt(call, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize') return 'it cuts a region out';
    if (stringAt(call, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return 'it keeps the ratio of the sides';
    const isKnown = (input: number): boolean => (call.node.inputs[input] ?? '') === '' || call.numbers(call.node.inputs[input]!) !== undefined;
    if (call.dims(call.node.inputs[0]!).length < 2) return 'it has one axis only';
    return isKnown(call.to.opset < 11 ? 1 : 2) ? undefined : 'its sizes depend on values';
  },
};

export type FoundRule = { readonly ok: true; readonly rule: GradientRule } | { readonly ok: false; readonly why: string };

/** The rule for a call, or a clause that says why there is none. */
export function gradientRuleOf(call: GradientCall & { readonly domain: string }): FoundRule {
  const { op } = call.node;
  if (call.domain !== '' || !Object.hasOwn(rules, op)) return { ok: false, why: 'its derivative is not known' };
  const limit = Object.hasOwn(limits, op) ? limits[op]!(call) : undefined;
  return limit === undefined ? { ok: true, rule: rules[op]! } : { ok: false, why: limit };
}
