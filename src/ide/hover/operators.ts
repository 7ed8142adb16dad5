/** ONNX's operators as parts. */
import type { AttributeSpec, Operator } from '../../ops/operator.ts';
import { fence, paragraphs } from './types.ts';

/** `onnx.Softmax(x, axis: int = -1)` */
export function operatorHead({ name, inputs, attributes, optional = 0, variadic }: Operator): string {
  const written = inputs.map((input, i) => (i < inputs.length - optional ? input : `${input}?`));
  const named = Object.entries(attributes).map(([attribute, spec]) => `${attribute}: ${spec.type}${initial(spec)}`);
  return `onnx.${name}(${[...written, ...(variadic ? ['…'] : []), ...named].join(', ')})`;
}

const initial = ({ default: value }: AttributeSpec): string => (value === undefined ? '' : ` = ${JSON.stringify(value)}`);

export function operatorText(operator: Operator): string {
  const plural = operator.inputs.length === 1 ? 'input' : 'inputs';
  return paragraphs(
    fence(operatorHead(operator)),
    `ONNX's operator ${operator.name}. ${operator.inputs.length} ${plural}: ${operator.inputs.map((input) => `\`${input}\``).join(', ')}.`,
  );
}
