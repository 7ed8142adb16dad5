/** Quantisation: numbers as integers with a scale and a zero point. */
import { known } from './known.ts';
import { dimsAt, dtypeAt, dtypeOf, has, hasAttribute, intOf, type Rule, type Rules } from './rule.ts';

/** The zero point has the dtype of the result; without one it is u8, or what `output_dtype` says. */
const quantize: Rule = (call) => {
  const isNamed = hasAttribute(call, 'output_dtype') && intOf(call, 'output_dtype', 0) !== 0;
  const dtype = has(call, 2) ? dtypeAt(call, 2) : isNamed ? dtypeOf(call, 'output_dtype', undefined) : 'u8';
  return [known(dtype, dimsAt(call, 0))];
};

/** The scale has the dtype of the result. */
const dequantize: Rule = (call) => {
  const isNamed = hasAttribute(call, 'output_dtype') && intOf(call, 'output_dtype', 0) !== 0;
  return [known(isNamed ? dtypeOf(call, 'output_dtype', undefined) : dtypeAt(call, 1), dimsAt(call, 0))];
};

const dynamicQuantize: Rule = (call) => [known('u8', dimsAt(call, 0)), known('f32', []), known('u8', [])];

export const quantisedRules: Rules = {
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  QuantizeLinear: quantize,
};
