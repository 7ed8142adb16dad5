/**
 * What a part promises where its inputs are as its signature says. Whoever calls it is held to that by joints of their own, so what
 * the body bears out on that ground is proved; what a caller may rely on is that beside how the inputs of the call are known.
 */
import { substituteTensor, type Bindings } from '../../types/bindings.ts';
import { compareEvidence, weakest } from '../../types/evidence.ts';
import type { Evidence, Fact } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Bound } from '../expressions/arguments.ts';
import { pairTensors } from '../joints/joint.ts';
import { tensorsOf, type Signature } from './signature.ts';

/** What is only reported holds on nobody's word but the caller's. */
const isHeld = ({ evidence, violation }: Fact): boolean => evidence === 'declared' && violation?.mode !== 'report';

/** Whether a body may rest on what is said of its inputs. */
export const saysOfInputs = ({ tensors }: Signature): boolean => tensors.some(({ type }) => tensorsOf(type).some(({ facts }) => facts.some(isHeld)));

/** The signature with inputs that are as it says. */
export const withGivenInputs = (signature: Signature): Signature => ({
  ...signature,
  tensors: signature.tensors.map((parameter) => ({ ...parameter, type: mapTensors(parameter.type, (tensor) => ({ ...tensor, facts: tensor.facts.map((fact) => (isHeld(fact) ? { ...fact, evidence: 'proved' as const } : fact)) })) })),
});

/** A result, with how its facts are known where the inputs are as they should be. */
export const withGiven = (result: Type, given: Type): Type =>
  mapTensors(result, (tensor, field) => {
    const other = given.kind === 'tensor' ? given : given.kind === 'record' ? given.fields.get(field) : undefined;
    return other?.facts.length !== tensor.facts.length ? tensor : { ...tensor, facts: tensor.facts.map((fact, i) => known(fact, other.facts[i]!.evidence)) };
  });

const known = (fact: Fact, given: Evidence): Fact => (compareEvidence(given, fact.evidence) < 0 ? { ...fact, given } : fact);

/** A result as its part by itself is known to give it. */
export const whereGiven = (result: Type): Type => mapTensors(result, (tensor) => ({ ...tensor, facts: tensor.facts.map(({ given, ...fact }) => (given === undefined ? fact : { ...fact, evidence: given })) }));

/** What a signature says of the result of a call, as it is known beside the arguments. */
export function knownAtCall(result: Type, bound: Bound, bindings: Bindings): Type {
  if (!tensorsOf(result).some(({ facts }) => facts.some(({ given }) => given !== undefined))) return result;
  const inputs = weakest(...demandsOf(bound, bindings));
  return mapTensors(result, (tensor) => ({
    ...tensor,
    facts: tensor.facts.map(({ given, ...fact }) => {
      const here = given === undefined ? fact.evidence : weakest(given, inputs);
      return compareEvidence(here, fact.evidence) < 0 ? { ...fact, evidence: here } : fact;
    }),
  }));
}

/** How it is known that the arguments of a call are as their parameters say. Sizes that are not proved are tested when the model runs. */
const demandsOf = ({ tensors }: Bound, bindings: Bindings): Evidence[] =>
  [...tensors].flatMap(([{ type }, { value }]) =>
    pairTensors(type, value).flatMap(({ template, found }) =>
      substituteTensor(template, bindings).facts.flatMap((fact) => (fact.violation?.mode === 'report' ? [] : [implying(found, fact)?.evidence ?? (fact.kind === 'size' ? 'enforced' : 'declared')])),
    ),
  );

function mapTensors(type: Type, of: (tensor: TensorType, field: string) => TensorType): Type {
  if (type.kind === 'tensor') return of(type, '');
  return type.kind === 'record' ? { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, of(field, name)])) } : type;
}
