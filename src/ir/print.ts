/** Programs as text, one step a line: for people and for golden files. */
import { showDim } from '../types/dim.ts';
import type { Attribute, TensorInfo } from './graph.ts';
import type { Program } from './program.ts';

/** `f32[batch, 512]` */
export function printInfo(info: TensorInfo | undefined): string {
  if (info === undefined) return '?';
  return `${info.dtype ?? '?'}${info.dims === undefined ? '[?]' : `[${info.dims.map(showDim).join(', ')}]`}`;
}

function printAttribute(attribute: Attribute): string {
  switch (attribute.type) {
    case 'ints':
    case 'floats':
    case 'strings':
      return `[${attribute.value.join(', ')}]`;
    case 'tensor':
      return `tensor ${attribute.value.name}`;
    case 'graph':
      return `graph ${attribute.value.name}`;
    case 'opaque':
      return '…';
    default:
      return String(attribute.value);
  }
}

export function printProgram(program: Program): string {
  const typed = (value: string): string => `${value}: ${printInfo(program.types.get(value))}`;
  const opsets = [...program.opsets].map(([domain, version]) => `${domain === '' ? 'onnx' : domain}@${version}`);
  const lines = [`program ${program.name} (${opsets.join(', ')})`];
  for (const port of program.inputs) lines.push(`input ${port.name} = ${typed(port.value)}`);
  for (const tensor of program.initializers) lines.push(`initializer ${tensor.name}: ${tensor.dtype}[${tensor.dims.join(', ')}]`);
  for (const step of program.steps) {
    if (step.kind === 'link') {
      const pairs = (map: ReadonlyMap<string, string>): string => [...map].map(([name, value]) => `${name}: ${value}`).join(', ');
      lines.push(`link ${step.name}(${pairs(step.inputs)}) -> { ${pairs(step.outputs)} }`);
    } else {
      const attributes = [...step.attributes].map(([name, value]) => `${name}: ${printAttribute(value)}`);
      lines.push(`${step.outputs.map(typed).join(', ')} = ${step.op}(${[...step.inputs, ...attributes].join(', ')})`);
    }
  }
  for (const port of program.outputs) lines.push(`output ${port.name} = ${port.value}`);
  return `${lines.join('\n')}\n`;
}
