/**
 * Vectors that may be of one of several versions. Nobody knows of which; but what is made of one value is all of the same,
 * so that it may stand beside itself.
 */
import type { Fact, NominalStatement } from '../../types/fact.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { satisfiesAny } from '../../types/version.ts';

/** The type of one value, `value`, which is told from others of the same type. */
export const asValue = (type: Type, value: string): Type =>
  mapFacts(type, (fact, field) => (isNominal(fact) && fact.versions.length > 1 && fact.value === undefined ? { ...fact, value: `${value}${field}` } : fact));

/** The type of what a file or fitted weights make: of the version that its space is declared with, whatever its type accepts. */
export const asMade = (type: Type): Type => mapFacts(type, ofDeclared);

/** A claim that a producer makes good. */
export const ofDeclared = (fact: Fact): Fact => (isNominal(fact) && fact.versions.length > 0 && satisfiesAny(fact.nominal.version, fact.versions) ? { ...fact, versions: [] } : fact);

const isNominal = (fact: Fact): fact is Fact & NominalStatement => fact.kind === 'space' || fact.kind === 'tokenizer';

function mapFacts(type: Type, of: (fact: Fact, field: string) => Fact): Type {
  const inTensor = (tensor: TensorType, field: string): TensorType => {
    const facts = tensor.facts.map((fact) => of(fact, field));
    return facts.every((fact, i) => fact === tensor.facts[i]) ? tensor : { ...tensor, facts };
  };
  if (type.kind === 'tensor') return inTensor(type, '');
  if (type.kind !== 'record') return type;
  const fields = new Map([...type.fields].map(([name, field]) => [name, inTensor(field, `.${name}`)]));
  return [...type.fields].every(([name, field]) => fields.get(name) === field) ? type : { ...type, fields };
}
