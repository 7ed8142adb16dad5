/** Type expressions to types: contracts are expanded, names become sizes, dtypes, spaces and tokenizers. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { ContractDecl, ContractRef, TensorTypeExpr, TypeExpr } from '../syntax/ast.ts';
import { unknownType, type Axis, type Shape, type TensorType, type Type } from '../types/type.ts';
import { contractScope, reportUnusedRenames } from './contract-scope.ts';
import { lookupKind } from './declarations.ts';
import { elementType } from './element-type.ts';
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
  const dtype = elementType(expr.dtype, scope);
  const shape = evaluateShape(expr, scope);
  if (dtype === undefined || shape === undefined) return unknownType;
  return { kind: 'tensor', dtype, shape, facts: [], evidence: 'proved' };
}

function evaluateShape(expr: TensorTypeExpr, scope: TypeScope): Shape | undefined {
  const axes: Axis[] = [];
  let rest: Shape['rest'];
  let sound = true;
  for (const item of expr.dims) {
    if (item.kind === 'EllipsisDim') {
      // A second `...` is a syntax error already.
      rest ??= { key: restKey(scope), at: axes.length };
      continue;
    }
    const size = item.some && item.size.kind === 'DimName' ? chosenSize(item.size.name, scope) : evaluateSize(item.size, scope);
    if (size === undefined) sound = false;
    else axes.push({ ...size, ...(item.label ? { label: item.label.text } : {}) });
  }
  return sound ? { axes, ...(rest ? { rest } : {}) } : undefined;
}

// ---------------------------------------------------------------- contracts

/** How deep contracts may stand in each other; keeps the stack of a hostile module small. */
const deepestContract = 64;

function evaluateContract(ref: ContractRef, scope: TypeScope): Type {
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
  if (scope.inRecord && symbol.declaration.body.kind === 'RecordBody') {
    scope.report(partCodes.report('unsupported', { what: 'a record inside a record' }, location));
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
  scope.report(nameCodes.report('declaration-cycle', { cycle: names }, at(scope.module, ref.name.span), { label: 'closes the circle' }));
}

function evaluateContractBody(symbol: Symbol<ContractDecl>, scope: TypeScope): Type {
  const { body } = symbol.declaration;
  if (body.kind === 'TypeExpr') return evaluateType(body, scope);
  const fields = new Map<string, TensorType>();
  let sound = true;
  for (const field of body.fields) {
    const type = evaluateType(field.type, { ...scope, inRecord: true });
    // A second field of the name is reported at the contract.
    if (type.kind === 'tensor' && !fields.has(field.name.text)) fields.set(field.name.text, type);
    sound &&= type.kind === 'tensor';
  }
  return sound ? { kind: 'record', fields } : unknownType;
}
