/** Inputs whose type changes with the encoder: a text that is cut into other tokens, from the encoder's call up to the models. */
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Expr, PartDecl, TypeExpr } from '../../syntax/ast.ts';
import type { Caller, CallSite } from './call-sites.ts';

/** A type where it is written. */
export interface WrittenType {
  readonly type: TypeExpr;
  readonly module: ModuleScope;
}

export interface Retyped {
  readonly caller: Caller;
  /** Of the input or parameter. */
  readonly name: string;
  readonly from: WrittenType;
  readonly to: WrittenType;
}

/** What a contract that says nothing but a dtype and sizes is another word for. */
function bareType(written: WrittenType): WrittenType {
  const contract = contractOf(written);
  if (contract?.declaration.kind !== 'ContractDecl' || contract.declaration.params.length > 0) return written;
  const { body } = contract.declaration;
  return body.kind === 'TypeExpr' && body.facts.length === 0 && written.type.facts.length === 0 ? bareType({ type: body, module: contract.module }) : written;
}

/** Whether two types are written as the same contract, or letter by letter alike; beside a type without a contract, one without a fact is the type that it is of. */
export function isSameType(one: WrittenType, other: WrittenType): boolean {
  const [named, otherNamed] = [contractOf(one), contractOf(other)];
  if (named !== undefined && otherNamed !== undefined) return named === otherNamed;
  const [a, b] = [bareType(one), bareType(other)];
  return contractOf(a) === undefined && contractOf(b) === undefined && textOf(a) === textOf(b);
}

export const contractOf = ({ type, module }: WrittenType): Symbol | undefined => (type.base.kind === 'ContractRef' ? module.names.get(type.base.name.text) : undefined);
export const textOf = ({ type, module }: WrittenType): string => module.source.text.slice(type.span.start, type.span.end);

/** What a caller gives a type to: the inputs of a model, the tensors of a part. */
export const typedInputs = ({ declaration }: Caller): ReadonlyMap<string, TypeExpr> =>
  declaration.kind === 'ModelDecl'
    ? new Map(declaration.members.flatMap((member) => (member.kind === 'ModelInput' ? [[member.name.text, member.type] as const] : [])))
    : new Map(declaration.params.flatMap(({ name, type }) => (type.kind === 'TypeExpr' ? [[name.text, type] as const] : [])));

export const letsOf = ({ declaration }: Caller): ReadonlyMap<string, Expr> => {
  const statements = declaration.kind === 'ModelDecl' ? declaration.members : (declaration.body?.statements ?? []);
  return new Map(statements.flatMap((member) => (member.kind === 'Let' ? [[member.name.text, member.value] as const] : [])));
};

/** The input that an expression is, perhaps by way of `let`; undefined for one that is computed. */
export function inputBehind(expr: Expr, caller: Caller): string | undefined {
  if (expr.kind !== 'NameExpr') return undefined;
  const { text } = expr.name;
  if (typedInputs(caller).has(text)) return text;
  const value = letsOf(caller).get(text);
  return value === undefined ? undefined : inputBehind(value, caller);
}

/** The input of this name or at this place that a call is given. */
export const argumentAt = ({ args }: CallSite, name: string, place: number): Expr | undefined =>
  args.find((arg) => arg.name === name)?.value ?? args.filter((arg) => arg.name === undefined)[place]?.value;

/**
 * All inputs that change, where the encoder's do: those of the callers that hand them on unchanged, and of their callers.
 *
 * @param sitesOf the calls of a part among the declarations that the models reach
 */
export function retypedInputs(sites: readonly CallSite[], changes: readonly { readonly name: string; readonly place: number; readonly from: WrittenType; readonly to: WrittenType }[], sitesOf: (part: Symbol<PartDecl>) => readonly CallSite[]): readonly Retyped[] {
  const found = new Map<string, Retyped>();
  const follow = (site: CallSite, name: string, place: number, to: WrittenType): void => {
    const value = argumentAt(site, name, place);
    const input = value && inputBehind(value, site.caller);
    if (input === undefined) return;
    const { caller } = site;
    const key = `${caller.module.uri} ${caller.name} ${input}`;
    if (found.has(key)) return;
    const inputs = typedInputs(caller);
    found.set(key, { caller, name: input, from: { type: inputs.get(input)!, module: caller.module }, to });
    if (isPart(caller)) for (const above of sitesOf(caller)) follow(above, input, [...inputs.keys()].indexOf(input), to);
  };
  for (const site of sites) for (const { name, place, to } of changes) follow(site, name, place, to);
  return [...found.values()];
}

const isPart = (caller: Caller): caller is Symbol<PartDecl> => caller.declaration.kind === 'PartDecl';
