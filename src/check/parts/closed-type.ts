/** Edits that say which element type an open one is. */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { TypeExpr } from '../../syntax/ast.ts';
import { dtypeFamilies, type DType } from '../../types/dtype.ts';
import type { DTypeVariable, TensorType, Type } from '../../types/type.ts';
import { showAxis, showElementType, showStatement } from '../../types/show.ts';
import { closeFix, insertAt, replaceAt } from '../edits.ts';
import { isKind } from '../types/declarations.ts';
import { tensorsOf } from './signature.ts';

const isFamily = (dtype: DType | DTypeVariable): dtype is DTypeVariable => typeof dtype !== 'string' && dtype.parameter === undefined;

/** Closes a type by what is usual: `float` is f32, `int` i64, `...` the batch. A contract gets its element type as an argument, where that is all it lacks. */
export function closingFix(expr: TypeExpr, type: Type, module: ModuleScope): Fix[] {
  if (expr.base.kind !== 'ContractRef') return closeFix(expr, module);
  const tensors = tensorsOf(type);
  const open = new Set(tensors.flatMap(({ dtype }) => (isFamily(dtype) ? [dtype.family] : [])));
  const [family] = open;
  const written = writtenOut(expr, type, module);
  if (written !== undefined) return [{ title: `write \`${written}\``, edits: [replaceAt(expr.base.span, written, module)] }];
  if (open.size !== 1 || family === undefined || family === 'any' || tensors.some(({ shape }) => shape.rest !== undefined)) return [];
  return elementFix(expr, family, family === 'int' ? 'i64' : 'f32', module);
}

/**
 * What a contract with `...` says, with one axis in its place: no argument says how many there are. Undefined for others, and where
 * a fact names what the module may not have.
 */
export function writtenOut({ base, facts: own }: TypeExpr, type: Type, module: ModuleScope): string | undefined {
  if (base.kind !== 'ContractRef' || own.length > 0 || type.kind !== 'tensor' || type.shape.rest === undefined) return undefined;
  const { dtype, shape, facts } = type;
  if (facts.some((fact) => fact.violation !== undefined || fact.kind === 'space' || fact.kind === 'tokenizer' || (fact.kind === 'attribute' && !module.names.has(fact.attribute.name)))) return undefined;
  const element = isFamily(dtype) ? (dtype.family === 'int' ? 'i64' : 'f32') : showElementType(dtype);
  const axes = shape.axes.map(showAxis);
  axes.splice(shape.rest!.at, 0, axes.includes('batch') ? 'rows' : 'batch');
  return `${element}[${axes.join(', ')}]${facts.length === 0 ? '' : ` where ${facts.map(showStatement).join(', ')}`}`;
}

/** What is said beside that. */
export const restNote = (expr: TypeExpr, type: Type, module: ModuleScope): readonly string[] =>
  writtenOut(expr, type, module) === undefined ? [] : [`A contract with \`...\` is of any number of axes, and here it is one: written out, with as many names before the others as there are axes, \`${writtenOut(expr, type, module)!}\`, it is taken wherever the contract is.`];

/** Writes an element type where the type leaves one of this family open. */
export function elementFix({ base }: TypeExpr, family: string, dtype: DType, module: ModuleScope): Fix[] {
  if (base.kind === 'TensorTypeExpr') return base.dtype.text === family ? [{ title: `write \`${dtype}\``, edits: [replaceAt(base.dtype.span, dtype, module)] }] : [];
  if (base.kind !== 'ContractRef' || base.args.some(({ name }) => name?.text === family)) return [];
  const argument = `${family}: ${dtype}`;
  const last = base.args.at(-1);
  if (last === undefined && base.span.end > base.name.span.end) return [];
  const edit = last !== undefined ? insertAt(last.span.end, `, ${argument}`, module) : insertAt(base.name.span.end, `(${argument})`, module);
  return [{ title: `write \`${base.name.text}(${last === undefined ? '' : '…, '}${argument})\``, edits: [edit] }];
}

/** `float` of a result is one of its inputs'; where none leaves it open, the result says which it is. */
export function closedPromise(declared: TensorType, found: TensorType, symbol: Symbol): Fix[] {
  if (!isKind(symbol, 'PartDecl') || typeof declared.dtype === 'string' || typeof found.dtype !== 'string' || declared.dtype.parameter !== undefined) return [];
  const { family } = declared.dtype;
  return (dtypeFamilies[family] as readonly string[]).includes(found.dtype) ? elementFix(symbol.declaration.result, family, found.dtype, symbol.module) : [];
}
