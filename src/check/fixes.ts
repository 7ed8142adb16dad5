/** Edits that an error can offer. */
import type { Edit, Fix } from '../diagnostics/diagnostic.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { Expr, ModelDecl } from '../syntax/ast.ts';
import type { Statement } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import { compareTensors } from '../types/match.ts';
import type { RecordType } from '../types/type.ts';
import { isKind } from './declarations.ts';
import type { Env } from './env.ts';
import { importEdits } from './imports.ts';
import type { Signature, TensorParameter } from './signature.ts';

/** A model's input that is of the wrong contract can be declared with the demanded one. */
export function useContractFix(parameter: TensorParameter, signature: Signature, expr: Expr, env: Env): Fix[] {
  const wanted = parameter.type.kind === 'unknown' ? undefined : parameter.type.contract;
  if (wanted === undefined || expr.kind !== 'NameExpr' || env.symbol.declaration.kind !== 'ModelDecl') return [];
  const declaration: ModelDecl = env.symbol.declaration;
  const input = declaration.members.find((m) => m.kind === 'ModelInput' && m.name.text === expr.name.text);
  if (input?.kind !== 'ModelInput' || input.type.base.kind !== 'ContractRef') return [];
  const symbol: Symbol | undefined = signature.symbol.module.names.get(wanted);
  if (!isKind(symbol, 'ContractDecl') || symbol.declaration.params.length > 0) return [];
  const imports = importEdits(wanted, symbol.module.uri, env.scope.module, env.checker.host);
  if (imports === undefined) return [];
  const edit = { location: at(env.scope.module, input.type.span), text: wanted };
  return [{ title: `declare the input as \`${wanted}\``, edits: [edit, ...imports] }];
}

/** A field of the record that an expression is. A pipe is put in parentheses, or the field would be its last stage's. */
export function fieldFix(field: string, expr: Expr, env: Env): Fix {
  const edit = (offset: number, text: string): Edit => ({ location: at(env.scope.module, { start: offset, end: offset }), text });
  const { start, end } = expr.span;
  const edits = expr.kind === 'PipeExpr' ? [edit(start, '('), edit(end, `).${field}`)] : [edit(end, `.${field}`)];
  return { title: `take its field \`${field}\``, edits };
}

/** The record whose field an expression is, where that has all the fields that are needed. */
export function wholeFix(template: RecordType, expr: Expr, env: Env): Fix[] {
  if (expr.kind !== 'FieldExpr' || expr.object.kind !== 'NameExpr') return [];
  const whole = env.locals.get(expr.object.name.text)?.value;
  if (whole?.kind !== 'record') return [];
  const fits = [...template.fields].every(([field, type]) => {
    const found = whole.type.fields.get(field);
    return found && compareTensors(type, found).every(({ kind }) => kind === 'size') && type.facts.every((fact) => implying(found, fact));
  });
  const location = at(env.scope.module, { start: expr.object.span.end, end: expr.span.end });
  return fits ? [{ title: `pass the whole of \`${expr.object.name.text}\``, edits: [{ location, text: '' }] }] : [];
}

/** What `l2_normalize` promises. */
const promisedTolerance = 1e-3;

/** Unit vectors can be made. */
export function normalizeFix(fact: Statement, expr: Expr, env: Env): Fix[] {
  if (fact.kind !== 'norm' || fact.axis !== -1 || fact.value !== 1 || fact.tolerance < promisedTolerance) return [];
  const { host } = env.checker;
  const library = host.standardModule('norm');
  if (library === undefined || env.locals.has('l2_normalize')) return [];
  const imports = importEdits('l2_normalize', library, env.scope.module, host);
  if (imports === undefined) return [];
  const location = at(env.scope.module, { start: expr.span.end, end: expr.span.end });
  return [{ title: 'divide each row by its norm', edits: [{ location, text: ' |> l2_normalize' }, ...imports] }];
}
