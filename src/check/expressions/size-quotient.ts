/** `n div 2` and `n mod 2` of sizes in arguments, as in types; and what is said where something else is divided so, or a size by `/`. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { BinaryExpr, Expr } from '../../syntax/ast.ts';
import { divDim, modDim } from '../../types/dim-atoms.ts';
import { constantOf, faultOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import { insertAt, replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { text } from '../source-text.ts';
import { reportInBody } from './report-in-body.ts';
import { describeValue, isStatic, sizeOf, unknownValue, type Value } from './values.ts';

const quotients = { div: divDim, mod: modDim } as const;

export const isQuotient = (op: BinaryExpr['op']): op is keyof typeof quotients => Object.hasOwn(quotients, op);

/** The size that `left div right` or `left mod right` comes to; reported where one of them is no size, and where the divisor is not above 0. */
export function sizeQuotient(op: keyof typeof quotients, expr: BinaryExpr, left: Value, right: Value, env: Env): Value {
  const [above, below] = [left, right].map((value) => (isStatic(value) ? sizeOf(value) : undefined));
  if (above === undefined || below === undefined) {
    reportNoSize(op, expr, above === undefined ? left : right, above === undefined ? expr.left : expr.right, env);
    return unknownValue;
  }
  const fault = (constantOf(below) ?? 1) <= 0 ? 'divided' : undefined;
  const size = fault === undefined ? quotients[op](above, below) : below;
  const misfit = fault ?? faultOf(size);
  if (misfit === undefined || misfit === 'negative') return { kind: 'size', size };
  reportInBody((location, place) => partCodes.report('invalid-size', { size: `\`${text(expr, env)}\``, fault: misfit }, location, place), expr.span, {}, env);
  return unknownValue;
}

function reportNoSize(op: 'div' | 'mod', expr: BinaryExpr, value: Value, operand: Expr, env: Env): void {
  const location = at(env.scope.module, operand.span);
  const fixes = tensorFix(op, expr, value, env);
  const notes = value.kind === 'tensor' ? [`\`${op}\` counts the elements of an axis: its operands are sizes and whole numbers. Numbers in tensors are divided by operators.`] : [];
  env.report(partCodes.report('size-needed', { operator: op, found: value.kind === 'number' && value.assumed ? 'a number that may be no whole one' : describeValue(value) }, location, { notes, fixes }));
}

/** What divides tensors as `div` divides sizes; none where only their signs would tell. */
function tensorFix(op: 'div' | 'mod', expr: BinaryExpr, value: Value, env: Env): Fix[] {
  if (value.kind !== 'tensor' || typeof value.type.dtype !== 'string') return [];
  const { module } = env.scope;
  const [left, right] = [writtenAt(expr.left, module), writtenAt(expr.right, module)];
  const isPlain = [expr.left, expr.right].every(({ kind }) => kind !== 'BinaryExpr' && kind !== 'PipeExpr');
  const kind = dtypes[value.type.dtype].class;
  const quotient = kind === 'uint' ? `${left} / ${right}` : kind === 'float' ? `onnx.Floor(${left} / ${right})` : undefined;
  const written = quotient !== undefined && op === 'mod' ? `${left} - ${quotient} * ${right}` : quotient;
  return written === undefined || !isPlain ? [] : [{ title: `write \`${written}\``, edits: [replaceAt(expr.span, written, module)] }];
}

/** A size that is divided by `/`, which may not come to a whole number. */
export function reportSlash(expr: BinaryExpr, env: Env): Value {
  const { module } = env.scope;
  const between = module.source.text.slice(expr.left.span.end, expr.right.span.start);
  const sign = expr.left.span.end + between.indexOf('/');
  const span = { start: sign, end: sign + 1 };
  const [before, after] = [module.source.text.slice(0, expr.span.start), module.source.text.slice(expr.span.end)];
  const isEnclosed = /[(,[:]\s*$/.test(before) && /^\s*[),\]]/.test(after);
  const word = replaceAt(span, /\s/.test(module.source.text[sign - 1] ?? '') ? 'div' : ' div ', module);
  const edits = isEnclosed ? [word] : [insertAt(expr.span.start, '(', module), word, insertAt(expr.span.end, ')', module)];
  const fixes = between.includes('//') ? [] : [{ title: 'write `div`', edits }];
  env.report(syntaxCodes.report('invalid-operator', { operator: '/' }, at(module, span), { notes: ['A quotient may not be whole: `div` rounds it down. It stands inside of brackets, `(n div 2)`.'], fixes }));
  return unknownValue;
}
