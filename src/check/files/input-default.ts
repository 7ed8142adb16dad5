/** `input types: i64[batch, seq] = 0`: what a backbone's input is where a call does not give it. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Symbol } from '../../names/modules.ts';
import { fill, fillAttributes, type FillAxis } from '../../ops/fill.ts';
import { constantRange } from '../../ops/range.ts';
import type { BackboneDecl, BackboneInput, Expr } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { substituteTensor, type Bindings } from '../../types/bindings.ts';
import { bareSymbol, constantOf, toldBy } from '../../types/dim.ts';
import { hasConstants, holds } from '../../types/dtype.ts';
import { implying } from '../../types/implies.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Bound } from '../expressions/arguments.ts';
import type { Checker } from '../context.ts';
import type { Deep } from '../env.ts';
import { showFact } from '../joints/show-fact.ts';
import { tensorsOf, type TensorParameter } from '../parts/signature.ts';
import type { Report } from '../types/type-scope.ts';

/** The number that a literal says; true is 1. */
export function literalNumber(expr: Expr): number | undefined {
  if (expr.kind === 'NumberLit') return expr.value;
  if (expr.kind === 'BoolLit') return Number(expr.value);
  const operand = expr.kind === 'UnaryExpr' ? literalNumber(expr.operand) : undefined;
  return operand === undefined ? undefined : -operand;
}

/** The default of an input, where it has one that its type can hold; anything else is reported. */
export function checkDefault(input: BackboneInput, type: Type, symbol: Symbol<BackboneDecl>, checker: Checker): number | undefined {
  if (input.default === undefined) return undefined;
  const location = at(symbol.module, input.default.span);
  if (type.kind === 'record') {
    checker.diagnostics.push(partCodes.report('unsupported', { what: 'a default for a record' }, location));
    return undefined;
  }
  if (type.kind === 'unknown') return 0;
  const value = literalNumber(input.default);
  if (value === undefined) {
    if (input.default.kind === 'MissingExpr') return 0;
    const args = { found: 'an expression', where: `the default of \`${input.name.text}\``, needs: 'a number' };
    checker.diagnostics.push(partCodes.report('tensor-needed', args, location, { notes: ['The number is repeated for all elements.'] }));
    return 0;
  }
  checkFilled(value, type, `\`${input.name.text}\``, location, (d) => void checker.diagnostics.push(d), checker);
  const computed = type.shape.axes.some(({ size }) => constantOf(size) === undefined && bareSymbol(size) === undefined);
  if (computed) checker.diagnostics.push(partCodes.report('unsupported', { what: 'a default for an input of a computed size' }, location));
  return value;
}

/** Whether a tensor of one number may be of a type: its dtype holds it, and its facts follow. */
export function checkFilled(value: number, type: TensorType, name: string, location: Location, report: Report, checker: Checker): boolean {
  const { dtype } = type;
  if (typeof dtype !== 'string') return false;
  const isBool = dtype === 'bool' && (value === 0 || value === 1);
  if (!isBool && !holds(dtype, value)) {
    report(partCodes.report('constant-misfit', { value, dtype, isWritten: hasConstants(dtype), family: undefined }, location, { notes: hasConstants(dtype) ? [] : [`Leave the default out, and give ${name} at each call.`] }));
    return false;
  }
  const filled: TensorType = { ...type, facts: constantFacts(value, type), evidence: 'proved' };
  const unmet = type.facts.find((fact) => implying(filled, fact) === undefined);
  if (unmet === undefined) return true;
  const related = unmet.location ? [{ location: unmet.location, text: 'demanded here' }] : [];
  report(jointCodes.report('unmet-fact', { to: name.slice(1, -1), from: `\`${value}\``, fact: showFact(unmet, checker) }, location, { label: 'all elements are this', related }));
  return false;
}

function constantFacts(value: number, { dtype }: TensorType): TensorType['facts'] {
  const flags = [
    ...(Number.isFinite(value) ? ['finite' as const] : []),
    ...(Number.isInteger(value) ? ['integer' as const] : []),
    ...(value === 0 || value === 1 ? ['mask' as const, 'prefix_mask' as const] : []),
    ...(value === 0 ? [] : ['nonzero' as const]),
  ];
  return [...constantRange([value], dtype), ...flags.map((kind) => ({ kind, evidence: 'proved' as const }))];
}

/** The program's tensor for an input that a call does not give: sized by what it gives. */
export function filledInput(parameter: TensorParameter, bound: Bound, bindings: Bindings, deep: Deep): string {
  const declared = parameter.type as TensorType;
  const type = substituteTensor(declared, bindings);
  const refs: string[] = [];
  const types: TensorType[] = [];
  const axes = declared.shape.axes.map(({ size }, i): FillAxis => {
    const constant = constantOf(type.shape.axes[i]!.size);
    if (constant !== undefined) return { size: constant };
    const source = sourceOf(bareSymbol(size)?.key ?? '', bound)!;
    refs.push(source.ref);
    types.push(source.type);
    return { input: refs.length - 1, axis: source.axis, factor: source.factor };
  });
  return deep.sink.operation(fill(parameter.default!, axes), refs, fillAttributes(parameter.default!, axes), { inputs: types, output: { ...type, evidence: 'proved' } }, deep.site);
}

/** An argument's tensor and its axis that bind a size of the signature. */
function sourceOf(key: string, bound: Bound): { ref: string; type: TensorType; axis: number; factor: number } | undefined {
  for (const [parameter, { value }] of bound.tensors) {
    const fields = parameter.type.kind === 'record' ? [...parameter.type.fields.keys()] : [''];
    for (const [i, type] of tensorsOf(parameter.type).entries()) {
      const axis = type.shape.axes.findIndex(({ size }) => toldBy(size)?.symbol.key === key);
      if (axis < 0) continue;
      const { factor } = toldBy(type.shape.axes[axis]!.size)!;
      if (value.kind === 'tensor') return { ref: value.ref ?? '', type: value.type, axis, factor };
      if (value.kind === 'record') return { ref: value.refs?.get(fields[i]!) ?? '', type: value.type.fields.get(fields[i]!)!, axis, factor };
    }
  }
  return undefined;
}
