/** Arguments that take an element type, `onnx.Cast(x, to: f16)`: a name there that stands for nothing was to be one. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { operators } from '../../ops/table.ts';
import type { Expr, Name } from '../../syntax/ast.ts';
import { isDTypeFamily, type DTypeFamily } from '../../types/dtype.ts';
import { isKind, lookup } from '../types/declarations.ts';
import { unknownDType } from '../types/element-type.ts';
import type { Env } from '../env.ts';

/** What the words of signatures may mean in a body, where an element type is one. */
const ofFamilies: Readonly<Record<DTypeFamily, readonly string[]>> = { float: ['f32'], int: ['i32', 'i64'], any: [] };

/** The environment in which an argument is evaluated: of one that takes an element type, unknown names are told as such. */
export function envOfArgument(callee: Expr, name: Name | undefined, value: Expr, env: Env): Env {
  if (name === undefined || value.kind !== 'NameExpr' || !takesDType(callee, name.text, env)) return env;
  const meant = [...env.locals].flatMap(([local, { value: held }]) => (held.kind === 'dtype' ? [local] : []));
  const told = (found: Diagnostic): Diagnostic =>
    found.code === 'unknown-name' ? unknownDType(value.name.text, found.location, meant, isDTypeFamily(value.name.text) ? ofFamilies[value.name.text] : undefined) : found;
  return { ...env, report: (found) => env.report(told(found)) };
}

function takesDType(callee: Expr, parameter: string, env: Env): boolean {
  if (callee.kind === 'FieldExpr') {
    const operator = callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx' ? operators.get(callee.field.text) : undefined;
    return operator !== undefined && Object.hasOwn(operator.attributes, parameter) && operator.attributes[parameter]!.type === 'dtype';
  }
  const symbol = callee.kind === 'NameExpr' ? lookup(callee.name, env.scope.module) : undefined;
  return isKind(symbol, 'PartDecl') && symbol.declaration.params.some(({ name, type }) => name.text === parameter && type.kind === 'KindType' && type.name === 'dtype');
}
