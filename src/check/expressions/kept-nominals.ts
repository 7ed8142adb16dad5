/** `keeps space`: what of the arguments' meaning a call's result has still. */
import type { Fact } from '../../types/fact.ts';
import { meantVersions } from '../../types/implies.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import type { Env } from '../env.ts';
import { isSource, sourcesOf, type Sources } from '../parts/kept-sources.ts';
import { keptKey, type Signature } from '../parts/signature.ts';
import type { Bound } from './arguments.ts';
import { isOpen } from './infer-call.ts';

const valueKey = (fact: Fact): string =>
  fact.kind === 'attribute' ? fact.value : fact.kind === 'space' || fact.kind === 'tokenizer' ? `${fact.nominal.id}@${fact.nominal.version}` : '';

/** What is made of values of one space may be of the version of either. */
function ofEither(one: Fact | undefined, other: Fact): Fact {
  if ((one?.kind !== 'space' && one?.kind !== 'tokenizer') || one.kind !== other.kind || one.versions.join() === other.versions.join()) return one ?? other;
  const { value: _, ...said } = one;
  return { ...said, versions: [...new Set([...meantVersions(one), ...meantVersions(other)])] };
}

/**
 * The type of a call's result with what its part keeps: the arguments' space is the result's, where there is exactly one, and the result does not say
 * another. Of records those fields count that the result is made of, or this field of the result.
 */
export function keepNominals(type: Type, signature: Signature, bound: Bound, env: Env): Type {
  if (type.kind === 'unknown' || signature.keeps.size === 0) return type;
  const { declaration } = signature.symbol;
  const takesRecords = [...bound.tensors.values()].some(({ value }) => value.kind === 'record');
  // The bodies of other packages may change without a word.
  const body = isOpen(signature, env) ? (declaration as PartDecl) : undefined;
  if (type.kind === 'tensor') return withKept(type, signature.keeps, givenTo(bound, body && takesRecords ? sourcesOf(body) : undefined));
  if (body === undefined) return type;
  return { ...type, fields: new Map([...type.fields].map(([field, tensor]) => [field, withKept(tensor, signature.keeps, givenTo(bound, sourcesOf(body, field)))])) };
}

/** What is said of the arguments that a result is made of; of all where that is not known. */
const givenTo = ({ tensors }: Bound, sources: Sources | undefined): readonly Fact[] =>
  [...tensors].flatMap(([{ name }, { value }]): readonly Fact[] => {
    const isMade = (field?: string): boolean => sources === undefined || isSource(sources, name, field);
    if (value.kind === 'tensor') return isMade() ? value.type.facts : [];
    return value.kind === 'record' ? [...value.type.fields].flatMap(([field, { facts }]) => (isMade(field) ? facts : [])) : [];
  });

function withKept(type: TensorType, keeps: Signature['keeps'], given: readonly Fact[]): TensorType {
  const said = new Set(type.facts.map(keptKey));
  const kept = [...keeps].flatMap((key): Fact[] => {
    const facts = new Map<string, Fact>();
    for (const fact of given) if (keptKey(fact) === key) facts.set(valueKey(fact), ofEither(facts.get(valueKey(fact)), fact));
    return facts.size === 1 && !said.has(key) ? [...facts.values()] : [];
  });
  return kept.length === 0 ? type : { ...type, facts: [...type.facts, ...kept] };
}
