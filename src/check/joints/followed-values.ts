/**
 * Values where something is demanded of them that the operators one by one do not bear out: with what follows from all the nodes
 * that they become. It is found while a body is checked for itself, and holds of each call that is followed into it.
 */
import type { Symbol } from '../../names/modules.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { Fact } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { ofValues } from '../files/file-facts.ts';
import { followedFacts, withFollowed } from '../parts/followed-facts.ts';
import { isProvedBefore } from './guards.ts';
import type { Value } from '../expressions/values.ts';

/** By the declaration in whose body they stand, which is another one as soon as what it rests on is; by expression and field. */
export type NodeFacts = WeakMap<Symbol, Map<Expr, Map<string, readonly Fact[]>>>;

/** The value with what is known of its nodes, as far as a type demands more than is known of it. */
export const followedValue = (value: Value, wanted: Type, expr: Expr, env: Env): Value => (isGiven(expr, env) ? value : withFacts(value, wanted, (field) => nodeFacts(expr, field, env)));

/** The same of the value of a body elsewhere, as far as that was asked for when the body was checked. */
export const rememberedValue = (value: Value, wanted: Type, expr: Expr, owner: Symbol, { checker, deep }: Env): Value =>
  withFacts(value, wanted, (field) => (deep?.swaps === undefined ? (checker.nodeFacts.get(owner)?.get(expr)?.get(field) ?? []) : []));

function withFacts(value: Value, wanted: Type, factsOf: (field: string) => readonly Fact[]): Value {
  if (value.kind === 'tensor' && wanted.kind === 'tensor') {
    const type = followedType(value.type, wanted, () => factsOf(''));
    // What nothing more is known of stays the same value, by which steps find each other.
    return type === value.type ? value : { ...value, type };
  }
  if (value.kind !== 'record' || wanted.kind !== 'record') return value;
  const fields = [...value.type.fields].map(([name, type]): [string, TensorType] => {
    const demanded = wanted.fields.get(name);
    return [name, demanded === undefined ? type : followedType(type, demanded, () => factsOf(name))];
  });
  return fields.every(([name, type]) => type === value.type.fields.get(name)) ? value : { ...value, type: { ...value.type, fields: new Map(fields) } };
}

function followedType(found: TensorType, wanted: TensorType, facts: () => readonly Fact[]): TensorType {
  const isLacking = (fact: Fact): boolean => ofValues.has(fact.kind) && (fact.violation === undefined ? implying(found, fact) === undefined : !isProvedBefore(found, fact));
  const followed = wanted.facts.some(isLacking) ? facts() : [];
  return followed.length === 0 ? found : { ...found, facts: withFollowed(found, followed) };
}

/** Of an input nothing follows but what is said of it. */
function isGiven(expr: Expr, { symbol: { declaration } }: Env): boolean {
  if (expr.kind !== 'NameExpr') return false;
  const given = declaration.kind === 'PartDecl' ? declaration.params : declaration.kind === 'ModelDecl' ? declaration.members.filter((member) => member.kind === 'ModelInput' || member.kind === 'StateMember') : [];
  return given.some(({ name }) => name.text === expr.name.text);
}

function nodeFacts(expr: Expr, field: string, env: Env): readonly Fact[] {
  const { symbol } = env;
  // Another part may stand in for one that the body calls.
  if (env.deep?.swaps !== undefined) return [];
  const known = env.checker.nodeFacts.get(symbol)?.get(expr)?.get(field);
  if (known !== undefined || env.deep !== undefined || env.inferring !== undefined || env.trace !== undefined) return known ?? [];
  const facts = followedFacts(expr, env, field === '' ? undefined : field);
  const ofSymbol = env.checker.nodeFacts.get(symbol) ?? new Map<Expr, Map<string, readonly Fact[]>>();
  env.checker.nodeFacts.set(symbol, ofSymbol.set(expr, (ofSymbol.get(expr) ?? new Map<string, readonly Fact[]>()).set(field, facts)));
  return facts;
}
