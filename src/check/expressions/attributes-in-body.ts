/** Attributes of arguments that come through the body of a part of which the signature says nothing on its way in, and another value on its way out. */
import type { Location } from '../../text/source.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { importedConverters } from '../fixes.ts';
import { pairTensors } from '../joints/joint.ts';
import type { AttributeFact } from '../joints/mixtures.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import type { Bound } from './arguments.ts';
import { reportAttribute } from './attribute.ts';
import { reportComingThrough } from './report-in-body.ts';
import type { Value } from './values.ts';

/** Tells of a result whose attribute the signature says, where an argument has another value of it that nothing in the body changes. */
export function judgeAttributes(signature: Signature, bound: Bound, value: Value, site: Location, env: Env): void {
  const { symbol, result } = signature;
  const promised = tensorsOf(result).flatMap(attributesOf);
  if (promised.length === 0) return;
  const given = givenTo(bound).filter((fact) => promised.some((each) => isOther(each, fact)));
  if (given.length === 0) return;
  for (const { template, found, field } of pairTensors(result, value)) {
    const known: TensorType = { ...found, facts: [...found.facts, ...readingsIn(value, field)] };
    for (const fact of attributesOf(template)) {
      const there = attributesOf(known).find(({ attribute }) => attribute.id === fact.attribute.id);
      if (there === undefined || !isOther(there, fact) || !given.some((each) => isEqual(each, there))) continue;
      const note = `\`${symbol.name}\` takes a value of which nothing is said, and says \`${fact.attribute.name} == ${fact.value}\` of what it makes of it. What it gets here is ${there.value}, and comes through its body.`;
      const converters = importedConverters(fact, there, env).map((name) => `\`${name}\` makes ${fact.value} of ${there.value}: call it on what is ${there.value}.`);
      reportComingThrough({ symbol, field, note }, (sides) => reportAttribute(fact, known, sides, [], converters), site.span, env);
    }
  }
}

/** What the arguments are where their parameters say nothing of it; what these say, the part was held to where it stands. */
const givenTo = ({ tensors }: Bound): readonly AttributeFact[] =>
  [...tensors].flatMap(([{ type }, { value }]) =>
    pairTensors(type, value).flatMap(({ template, found, field }) => {
      const said = new Set(attributesOf(template).map(({ attribute }) => attribute.id));
      return [...attributesOf(found), ...readingsIn(value, field)].filter(({ attribute }) => !said.has(attribute.id));
    }),
  );

/** What a value, or a field of it, still is beside what its type says. */
function readingsIn(value: Value, field: string | undefined): readonly AttributeFact[] {
  if (value.kind === 'tensor') return value.readings ?? [];
  return (value.kind === 'record' && field !== undefined && value.readings?.get(field)) || [];
}

const attributesOf = ({ facts }: TensorType): readonly AttributeFact[] => facts.filter((fact): fact is AttributeFact => fact.kind === 'attribute');
const isOther = (a: AttributeFact, b: AttributeFact): boolean => a.attribute.id === b.attribute.id && a.value !== b.value;
const isEqual = (a: AttributeFact, b: AttributeFact): boolean => a.attribute.id === b.attribute.id && a.value === b.value;
