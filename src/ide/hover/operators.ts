/** ONNX's operators as parts. */
import { aboutOperator } from '../../ops/about.ts';
import type { AttributeSpec, Operator } from '../../ops/operator.ts';
import { showDim, type Dim } from '../../types/dim.ts';
import { fence, paragraphs } from './types.ts';

/** `onnx.Softmax(x, axis: int = -1)` */
export function operatorHead({ name, inputs, attributes, optional = 0, variadic }: Operator): string {
  const written = inputs.map((input, i) => (i < inputs.length - optional ? input : `${input}?`));
  const named = Object.entries(attributes).map(([attribute, spec]) => `${attribute}: ${spec.type}${initial(spec)}`);
  return `onnx.${name}(${[...written, ...(variadic ? ['…'] : []), ...named].join(', ')})`;
}

const initial = ({ type, default: value }: AttributeSpec): string => (value === undefined ? '' : ` = ${type === 'size' ? showDim(value as Dim) : JSON.stringify(value)}`);

export function operatorText(operator: Operator): string {
  const about = aboutOperator(operator.name);
  return paragraphs(fence(operatorHead(operator)), about === undefined ? `ONNX's operator ${operator.name}.` : `${about.does} ONNX's operator ${operator.name}: \`${about.call}\`.`);
}
