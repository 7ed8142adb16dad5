/**
 * Narrow dtypes, floats of 8 bits and numbers of fewer: ONNX brought them one after the other, each to all operators that take any.
 * From its changelog, https://github.com/onnx/onnx/blob/main/docs/Changelog.md; held to what ONNX Runtime's own reading of a file refuses.
 */
import { isNarrow, type DType } from '../types/dtype.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { refuse, type AttributeValues, type Inference, type Operator } from './operator.ts';

/** The opset that brought a dtype. Floats of 8 bits came to most operators with those of 4 bits. */
const broughtBy: Partial<Record<DType, number>> = {
  f8e4m3fn: 19,
  f8e4m3fnuz: 19,
  f8e5m2: 19,
  f8e5m2fnuz: 19,
  u4: 21,
  i4: 21,
  f4e2m1: 23,
  f8e8m0: 24,
  u2: 25,
  i2: 25,
};

/** Operators that take narrow dtypes, and the first opset in which they do. */
const takers: Readonly<Record<string, number>> = { Identity: 19, Reshape: 19, Cast: 19, CastLike: 19, Transpose: 21, Unsqueeze: 21, Squeeze: 21, Flatten: 21 };

/** The opset from which a dtype is one; 0 of those that are older than all that we write. */
export const opsetOf = (dtype: ElementType | undefined): number => (typeof dtype === 'string' ? (broughtBy[dtype] ?? 0) : 0);

/** The operator as ONNX has it for narrow dtypes: of an opset that takes them, or not at all. */
export function withNarrow(operator: Operator): Operator {
  const first = takers[operator.name];
  return {
    ...operator,
    since: (inputs, attributes) => {
      const opsets = elementTypes(inputs, attributes).map(opsetOf).filter((opset) => opset > 0);
      return Math.max(operator.since(inputs, attributes), ...(opsets.length === 0 ? [] : [first ?? 0, ...opsets]));
    },
    infer: (inputs, attributes) => {
      const found = operator.infer(inputs, attributes);
      const narrow = first === undefined && found.ok ? inputs.find(({ dtype }) => typeof dtype === 'string' && isNarrow(dtype)) : undefined;
      return narrow === undefined ? found : refuseNarrow(narrow);
    },
  };
}

const refuseNarrow = ({ dtype }: TensorType): Inference => refuse(`ONNX has none for ${String(dtype)}; \`onnx.Cast\` it first, and back afterwards`);

/** What the operator meets: of its operands, and what it is asked for. */
const elementTypes = (inputs: readonly TensorType[], attributes: AttributeValues): readonly ElementType[] => {
  const to = attributes.get('to');
  return [...inputs.map(({ dtype }) => dtype), ...(typeof to === 'string' ? [to as DType] : [])];
};
