/** What names mean inside of one declaration, and which fields a value has: by the text alone, so that it works in broken modules. */
import { lineageOf } from '../check/files/cards.ts';
import { isKind } from '../check/types/declarations.ts';
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Expr, TypeExpr } from '../syntax/ast.ts';
import { declaredType, type Member, type MemberNode } from './targets.ts';

export interface BodyScope {
  readonly module: ModuleScope;
  readonly owner: Symbol;
  /** The names that expressions of the body can use. */
  readonly locals: ReadonlyMap<string, Member>;
}

export type Fields = ReadonlyMap<string, Member>;

/** Everything with a name in a declaration, in the order of the text. */
export function membersOf({ declaration }: Symbol): readonly MemberNode[] {
  switch (declaration.kind) {
    case 'ContractDecl':
      return [...declaration.params, ...(declaration.body.kind === 'RecordBody' ? declaration.body.fields : [])];
    case 'PartDecl':
      return [...declaration.params, ...(declaration.body?.statements ?? [])];
    case 'BackboneDecl':
      return declaration.members.filter((m) => m.kind === 'BackboneInput' || m.kind === 'BackboneOutput' || m.kind === 'TapMember');
    case 'ModelDecl':
      return declaration.members.filter((m) => m.kind === 'ModelInput' || m.kind === 'StateMember' || m.kind === 'Let' || m.kind === 'ModelOutput');
    default:
      return [];
  }
}

/** The first of several members of one name is meant. */
function byName(owner: Symbol, nodes: readonly MemberNode[]): Map<string, Member> {
  const members = new Map<string, Member>();
  for (const node of nodes) {
    if (node.name.text !== '' && !members.has(node.name.text)) members.set(node.name.text, { kind: 'member', node, owner });
  }
  return members;
}

/** A model's outputs and a contract's fields are no values of its body. */
export function bodyScope(owner: Symbol): BodyScope {
  const nodes = membersOf(owner).filter((node) => node.kind !== 'ModelOutput' && node.kind !== 'RecordField');
  return { module: owner.module, owner, locals: new Map([...inherited(owner), ...byName(owner, nodes)]) };
}

/** What a backbone has from the one that it is made of: the nearest declaration of each name. */
function inherited(owner: Symbol): Fields {
  const lineage = isKind(owner, 'BackboneDecl') ? lineageOf(owner) : [];
  return new Map(lineage.slice(1).toReversed().flatMap((base) => [...byName(base, membersOf(base))]));
}

/** What a call of a part or backbone may name. */
export function parametersOf(callee: Symbol): Fields {
  const members = new Map([...inherited(callee), ...byName(callee, membersOf(callee))]);
  return new Map([...members].filter(([, { node }]) => node.kind === 'Param' || node.kind === 'BackboneInput'));
}

/** The part or backbone that an expression in the place of a callee names. */
export function calleeOf(expr: Expr, scope: BodyScope): Symbol | undefined {
  const callee = expr.kind === 'CallExpr' ? expr.callee : expr;
  if (callee.kind !== 'NameExpr' || scope.locals.has(callee.name.text)) return undefined;
  const symbol = scope.module.names.get(callee.name.text);
  return isKind(symbol, 'PartDecl', 'BackboneDecl') ? symbol : undefined;
}

/** Contracts and `let`s that lead in a circle are errors; they end here. */
const deepest = 32;

/** The fields of an expression's value; undefined where it is no record, or cannot be known. */
export function fieldsOf(expr: Expr, scope: BodyScope, depth = 0): Fields | undefined {
  if (depth > deepest) return undefined;
  switch (expr.kind) {
    case 'NameExpr': {
      const local = scope.locals.get(expr.name.text);
      if (local === undefined) return undefined;
      if (local.node.kind === 'Let') return fieldsOf(local.node.value, scope, depth + 1);
      return fieldsOfMember(local);
    }
    case 'CallExpr':
      return fieldsOfResult(calleeOf(expr, scope));
    case 'PipeExpr':
      return fieldsOfResult(calleeOf(expr.stage, scope));
    default:
      return undefined;
  }
}

export function fieldsOfMember({ node, owner }: Member): Fields | undefined {
  const type = declaredType(node);
  return type && fieldsOfType(type, owner.module);
}

function fieldsOfResult(callee: Symbol | undefined): Fields | undefined {
  if (callee === undefined) return undefined;
  const { declaration } = callee;
  if (declaration.kind === 'PartDecl') return fieldsOfType(declaration.result, callee.module);
  const members = new Map([...inherited(callee), ...byName(callee, membersOf(callee))]);
  return new Map([...members].filter(([, { node }]) => node.kind !== 'BackboneInput'));
}

export function fieldsOfType(type: TypeExpr, module: ModuleScope, depth = 0): Fields | undefined {
  if (depth > deepest || type.base.kind !== 'ContractRef') return undefined;
  const symbol = module.names.get(type.base.name.text);
  if (!isKind(symbol, 'ContractDecl')) return undefined;
  const { body } = symbol.declaration;
  if (body.kind === 'TypeExpr') return fieldsOfType(body, symbol.module, depth + 1);
  return byName(symbol, body.fields);
}
