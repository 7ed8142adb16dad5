/** Calls of ONNX operators: `onnx.Softmax(x, axis: -1)`, and what infix signs stand for. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { at } from '../names/modules.ts';
import type { AttributeValue, Operator } from '../ops/operator.ts';
import type { Span } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import type { TensorType } from '../types/type.ts';
import type { Argument } from './call.ts';
import type { Env } from './env.ts';
import { describeValue, isStatic, numberOf, unknownValue, type TensorValue, type Value } from './values.ts';

export function applyOperator(operator: Operator, args: readonly Argument[], span: Span, env: Env): Value {
  const operands = args.filter((arg) => arg.name === undefined || operator.inputs.includes(arg.name.text));
  const attributes = readAttributes(operator, args, span, env);
  if (attributes === undefined || operands.some((arg) => arg.value.kind === 'unknown')) return unknownValue;
  const tensors = readOperands(operator, operands, span, env);
  if (tensors === undefined) return unknownValue;
  const types = tensors.map((t) => t.type);
  const inference = operator.infer(types, attributes);
  if (!inference.ok) {
    env.report(partCodes.report('operator-type', { operator: `onnx.${operator.name}`, why: inference.why }, at(env.scope.module, span), { label: 'these do not fit' }));
    return unknownValue;
  }
  if (env.deep === undefined) return { kind: 'tensor', type: inference.type };
  const refs = tensors.map((t) => t.ref ?? '');
  const ref = env.deep.sink.operation(operator, refs, attributes, { inputs: types, output: inference.type }, env.deep.site);
  return { kind: 'tensor', type: inference.type, ref };
}

/** The operands in the operator's order; a number beside a tensor becomes a scalar of its dtype. */
function readOperands(operator: Operator, args: readonly Argument[], span: Span, env: Env): TensorValue[] | undefined {
  const name = `onnx.${operator.name}`;
  const slots = new Map<string, Argument>();
  const positional = args.filter((arg) => arg.name === undefined);
  if (positional.length > operator.inputs.length) {
    const extra = positional[operator.inputs.length]!;
    const given = { part: name, takes: operator.inputs.length, given: positional.length };
    env.report(partCodes.report('too-many-arguments', given, at(env.scope.module, extra.expr.span), { label: 'one too many' }));
    return undefined;
  }
  positional.forEach((arg, i) => slots.set(operator.inputs[i]!, arg));
  for (const arg of args) if (arg.name !== undefined) slots.set(arg.name.text, arg);
  const dtype = [...slots.values()].map((a) => a.value).find((v) => v.kind === 'tensor')?.type.dtype;
  const tensors: TensorValue[] = [];
  for (const input of operator.inputs) {
    const arg = slots.get(input);
    if (arg === undefined) {
      env.report(partCodes.report('missing-argument', { part: name, parameter: input }, at(env.scope.module, span)));
      return undefined;
    }
    const tensor = toTensor(arg.value, dtype, env);
    if (tensor === undefined) {
      const args = { found: describeValue(arg.value), where: `\`${input}\` of \`${name}\`` };
      env.report(partCodes.report('tensor-needed', args, at(env.scope.module, arg.expr.span)));
      return undefined;
    }
    tensors.push(tensor);
  }
  return tensors;
}

function toTensor(value: Value, dtype: TensorType['dtype'] | undefined, env: Env): TensorValue | undefined {
  if (value.kind === 'tensor') return value;
  const number = isStatic(value) ? numberOf(value) : undefined;
  if (number === undefined || dtype === undefined) return undefined;
  const type: TensorType = { kind: 'tensor', dtype, shape: { axes: [] }, facts: [{ kind: 'range', low: number, high: number, evidence: 'proved' }], evidence: 'proved' };
  const ref = env.deep?.sink.scalar(number, type);
  return { kind: 'tensor', type, ...(ref === undefined ? {} : { ref }) };
}

function readAttributes(operator: Operator, args: readonly Argument[], span: Span, env: Env): Map<string, AttributeValue> | undefined {
  const values = new Map<string, AttributeValue>();
  for (const [name, spec] of Object.entries(operator.attributes)) if (spec.default !== undefined) values.set(name, spec.default);
  let sound = true;
  for (const arg of args) {
    if (arg.name === undefined || operator.inputs.includes(arg.name.text)) continue;
    const spec = operator.attributes[arg.name.text];
    const value = spec && toAttributeValue(arg.value);
    if (value !== undefined) values.set(arg.name.text, value);
    else if (arg.value.kind !== 'unknown' || spec === undefined) reportAttribute(operator, arg, spec !== undefined, env);
    sound &&= value !== undefined;
  }
  for (const [name, spec] of Object.entries(operator.attributes)) {
    if (spec.default !== undefined || values.has(name) || !sound) continue;
    env.report(partCodes.report('missing-argument', { part: `onnx.${operator.name}`, parameter: name }, at(env.scope.module, span)));
    sound = false;
  }
  return sound ? values : undefined;
}

function toAttributeValue(value: Value): AttributeValue | undefined {
  if (!isStatic(value)) return undefined;
  if (value.kind === 'text' || value.kind === 'flag') return value.value;
  return value.kind === 'list' ? value.values : numberOf(value);
}

function reportAttribute(operator: Operator, arg: Argument, known: boolean, env: Env): void {
  const part = `onnx.${operator.name}`;
  const name = arg.name!.text;
  if (known) {
    const args = { part, name, expected: `${/^[aeiou]/.test(operator.attributes[name]!.type) ? 'an' : 'a'} ${operator.attributes[name]!.type}`, found: describeValue(arg.value) };
    env.report(partCodes.report('argument-kind', args, at(env.scope.module, arg.expr.span)));
    return;
  }
  const near = suggest(name, [...Object.keys(operator.attributes), ...operator.inputs]);
  const location = at(env.scope.module, arg.name!.span);
  env.report(
    partCodes.report('unknown-argument', { part, name }, location, {
      ...mistyped(near, location, 'unknown'),
    }),
  );
}
