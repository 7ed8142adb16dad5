/** Type expressions to types: contracts are expanded, names become sizes, dtypes, spaces and tokenizers. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Place } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ContractDecl, ContractRef, TensorTypeExpr, TypeExpr } from '../../syntax/ast.ts';
import { dtypes } from '../../types/dtype.ts';
import { fieldsUnder } from '../../types/fields.ts';
import { unknownType, type Axis, type Shape, type TensorType, type Type } from '../../types/type.ts';
import { contractScope, reportUnusedRenames } from './contract-scope.ts';
import { lookupKind } from './declarations.ts';
import { removeItem, writtenAt } from '../edits.ts';
import { elementType, spelledOut } from './element-type.ts';
import { reportForeignType, textNotes, tokenFixes } from './foreign-types.ts';
import { evaluateFacts } from './fact-expr.ts';
import { chosenSize, evaluateSize, restKey, type TypeScope } from './type-scope.ts';

export function evaluateType(expr: TypeExpr, scope: TypeScope): Type {
  const base = evaluateBase(expr.base, scope);
  return evaluateFacts(expr.facts, base, scope, expr.violation);
}

function evaluateBase(base: TypeExpr['base'], scope: TypeScope): Type {
  switch (base.kind) {
    case 'MissingType':
      return unknownType;
    case 'TensorTypeExpr':
      return evaluateTensor(base, scope);
    case 'ContractRef':
      return evaluateContract(base, scope);
  }
}

function evaluateTensor(expr: TensorTypeExpr, scope: TypeScope): Type {
  const dtype = elementType(expr.dtype, scope, genericPlace(expr, scope));
  const shape = evaluateShape(expr, scope);
  if (dtype === undefined || shape === undefined) return unknownType;
  return { kind: 'tensor', dtype, shape, facts: [], evidence: 'proved' };
}

/** `Tensor[f32, batch, 8]` */
function genericPlace({ dtype, dims, span }: TensorTypeExpr, { module }: TypeScope): Place | undefined {
  if (!/^(?:tensor|array|ndarray|tensortype|floattensor)$/i.test(dtype.text)) return undefined;
  const [first, ...axes] = dims.map((dim) => writtenAt(dim, module));
  const element = first === undefined ? undefined : (spelledOut.get(first) ?? first);
  const meant = `${element}[${axes.join(', ')}]`;
  const isElement = element !== undefined && Object.hasOwn(dtypes, element);
  return {
    label: isElement ? `write \`${meant}\`` : 'unknown',
    notes: ['A type begins with its element type, and the axes follow in brackets: `f32[batch, 8]`.'],
    fixes: isElement ? [{ title: `write \`${meant}\``, edits: [{ location: at(module, span), text: meant }] }] : [],
  };
}

function evaluateShape(expr: TensorTypeExpr, scope: TypeScope): Shape | undefined {
  const axes: Axis[] = [];
  let rest: Shape['rest'];
  let sound = true;
  for (const item of expr.dims) {
    if (item.kind === 'EllipsisDim') {
      if (rest !== undefined) sound = reportTwice('...', item, expr.dims.find(({ kind }) => kind === 'EllipsisDim')!, expr, scope);
      rest ??= { key: restKey(scope), at: axes.length };
      continue;
    }
    const first = item.label && expr.dims.find((other) => other.kind !== 'EllipsisDim' && other.label?.text === item.label!.text);
    if (first !== undefined && first !== item) sound = reportTwice(item.label!.text, item, first, expr, scope);
    const size = item.some && item.size.kind === 'DimName' ? chosenSize(item.size.name, scope) : evaluateSize(item.size, scope);
    if (size === undefined) sound = false;
    else axes.push({ ...size, ...(item.label ? { label: item.label.text } : {}) });
  }
  return sound ? { axes, ...(rest ? { rest } : {}) } : undefined;
}

/** Nobody could say which of two axes is meant, or where the axes between two `...` stand. */
function reportTwice(name: string, second: TensorTypeExpr['dims'][number], first: TensorTypeExpr['dims'][number], { dims }: TensorTypeExpr, { module, report }: TypeScope): false {
  report(
    nameCodes.report('duplicate-name', { name, where: 'this type' }, at(module, second.span), {
      label: 'again here',
      related: [{ location: at(module, first.span), text: 'first here' }],
      notes: name === '...' ? ['`...` stands for any axes, once in a type: of two, nobody could say where what is between them stands.'] : ['A label names one axis.'],
      fixes: name === '...' ? [removeItem('leave out the second `...`', dims, dims.indexOf(second), module)] : [],
    }),
  );
  return false;
}

// ---------------------------------------------------------------- contracts

/** `input text: string`: an element type without its axes. */
const isElementType = ({ name, args }: ContractRef, scope: TypeScope): boolean => Object.hasOwn(dtypes, name.text) && !scope.module.names.has(name.text) && args.every((arg) => arg.name === undefined && (arg.value.kind === 'NameExpr' || arg.value.kind === 'NumberLit'));

function reportBareElementType({ name, args, span }: ContractRef, scope: TypeScope): Type {
  const location = at(scope.module, name.span);
  const end = { ...location, span: { start: location.span.end, end: span.end } };
  scope.report(
    nameCodes.report('wrong-kind', { name: name.text, found: 'element type', expected: 'contract' }, location, {
      label: 'write its axes',
      notes: [`A type is an element type and its axes: \`${name.text}[batch, 8]\`; \`${name.text}[]\` is a single element.`, ...(name.text === 'string' ? textNotes(scope.module) : [])],
      fixes: [...(name.text === 'string' ? tokenFixes({ span }, scope.module) : []), ...(args.length === 0 ? ['[batch]', '[]'] : [`[${args.map((arg) => writtenAt(arg, scope.module)).join(', ')}]`]).map((axes) => ({ title: `write \`${name.text}${axes}\``, edits: [{ location: end, text: axes }] }))],
    }),
  );
  return unknownType;
}

/** How deep contracts may stand in each other; keeps the stack of a hostile module small. */
const deepestContract = 64;

function evaluateContract(ref: ContractRef, scope: TypeScope): Type {
  if (isElementType(ref, scope)) return reportBareElementType(ref, scope);
  if (reportForeignType(ref, scope)) return unknownType;
  const symbol = lookupKind(ref.name, scope.module, ['ContractDecl'], 'contract', scope.report);
  if (symbol === undefined) return unknownType;
  const id = `${symbol.module.uri}#${symbol.name}`;
  if (scope.expanding.includes(id)) {
    reportCycle(scope.expanding.slice(scope.expanding.indexOf(id)), id, ref, scope);
    return unknownType;
  }
  const location = at(scope.module, ref.span);
  if (scope.expanding.length >= deepestContract) {
    scope.report(partCodes.report('too-deep', { what: `the contract \`${ref.name.text}\``, limit: deepestContract }, location));
    return unknownType;
  }
  const inner = contractScope(symbol, ref, scope, id);
  const type = evaluateContractBody(symbol, inner);
  if (type.kind === 'unknown') return type;
  reportUnusedRenames(symbol, ref, inner, scope);
  return { ...type, contract: symbol.name };
}

/** A cycle is met from each of its contracts; it is told once, where it comes back to the first of them. */
function reportCycle(cycle: readonly string[], id: string, ref: ContractRef, scope: TypeScope): void {
  if (cycle.some((other) => other < id)) return;
  const names = [...cycle, id].map((key) => key.slice(key.lastIndexOf('#') + 1));
  scope.report(nameCodes.report('declaration-cycle', { cycle: names }, at(scope.module, ref.name.span), {
    label: 'closes the circle',
    related: names.length < 3 ? [] : names.slice(0, -1).flatMap((name, i) => {
      const symbol = scope.module.names.get(name);
      return symbol === undefined ? [] : [{ location: at(symbol.module, symbol.declaration.name.span), text: `is made of \`${names[i + 1]}\`` }];
    }),
  }));
}

/** Records of records of two fields each double with every level. */
const mostFields = 1000;

/** Reports a contract whose fields, of these types, are too many together. */
export function checkFieldCount({ name, module, declaration }: Symbol<ContractDecl>, types: readonly Type[], report: TypeScope['report']): void {
  const count = types.reduce((sum, type) => sum + (type.kind === 'record' ? type.fields.size : 1), 0);
  if (count > mostFields) report(partCodes.report('too-many-fields', { name, limit: mostFields }, at(module, declaration.name.span)));
}

function evaluateContractBody(symbol: Symbol<ContractDecl>, scope: TypeScope): Type {
  const { body } = symbol.declaration;
  if (body.kind === 'TypeExpr') return evaluateType(body, scope);
  const fields = new Map<string, TensorType>();
  const seen = new Set<string>();
  for (const { name, type: expr } of body.fields) {
    const type = evaluateType(expr, scope);
    // What is wrong with the other fields is found where the contract is declared; here they could be many.
    if (type.kind === 'unknown') return type;
    // A second field of the name is reported there, too.
    if (!seen.has(name.text)) for (const [path, tensor] of type.kind === 'record' ? fieldsUnder(name.text, type.fields) : [[name.text, type] as const]) fields.set(path, tensor);
    if (fields.size > mostFields) return unknownType;
    seen.add(name.text);
  }
  return { kind: 'record', fields };
}
