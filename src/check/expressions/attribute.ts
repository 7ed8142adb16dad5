/**
 * Diagnostics of attributes that have another value than is demanded.
 *
 * An attribute says how numbers are to be read: which of three planes is red. What changes it is plain arithmetic, which
 * needs no weights, and which no operator can prove, because operators know nothing of colours. So it is enough that
 * a part says in its signature what its result is, and the evidence is `declared`; only where the body's value is
 * known to have another value, because nothing has changed it, or nothing but what leaves each number what it is, the claim is false. With spaces it is otherwise: no
 * arithmetic carries vectors of one encoder into those of another, weights that were fitted for it do.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { AttributeStatement } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import type { Sides } from '../joints/joint.ts';
import type { AttributeFact } from '../joints/mixtures.ts';

/** What is known of a value in respect of an attribute. */
export const foundAttribute = (type: TensorType, { attribute }: AttributeStatement): AttributeFact | undefined =>
  type.facts.find((fact): fact is AttributeFact => fact.kind === 'attribute' && fact.attribute.id === attribute.id);

/** Two packages may call different things the same; then the package is named. */
function nameOf({ attribute: { id, name } }: AttributeStatement, found: TensorType): string {
  const namesakes = found.facts.some((fact) => fact.kind === 'attribute' && fact.attribute.name === name && fact.attribute.id !== id);
  return namesakes ? `${name} of ${id.slice(0, id.lastIndexOf('#')) || 'no package'}` : name;
}

/** `more`: notes of the parts in scope that make what is demanded of what is there. */
export function reportAttribute(demand: AttributeFact, found: TensorType, sides: Sides, fixes: readonly Fix[], more: readonly string[] = []): Diagnostic {
  const known = foundAttribute(found, demand);
  const { attribute, value } = demand;
  const args = { to: sides.to, from: sides.from, promised: sides.promised, attribute: nameOf(demand, found), expected: value, found: known?.value };
  return jointCodes.report('attribute-mismatch', args, sides.location, {
    label: known ? `${attribute.name} == ${known.value}` : `no ${attribute.name} is known`,
    related: relatedLabels(demand, known, sides),
    notes: [known ? reasons.other(demand, known, sides) : reasons.none(demand), ...more],
    fixes,
  });
}

function relatedLabels(demand: AttributeFact, known: AttributeFact | undefined, sides: Sides): readonly Label[] {
  const wanted = demand.location ? [{ location: demand.location, text: sides.promised ? 'promised here' : 'demanded here' }] : sides.related;
  return known?.location ? [...wanted, { location: known.location, text: 'said here' }] : wanted;
}

const reasons = {
  other: ({ attribute, value }: AttributeFact, known: AttributeFact, { promised }: Sides): string =>
    promised
      ? `Nothing that this is made by changes \`${attribute.name}\`, so it is ${known.value} still: a cast, or another order of axes, leaves each number what it is.`
      : `The shapes are the same, so every runtime would accept this, and the model would take ${known.value} for ${value}. Call a part whose result says \`${attribute.name} == ${value}\`.`,
  none: ({ attribute, value }: AttributeFact): string =>
    `Whoever makes the value says it: \`where ${attribute.name} == ${value}\`. A part hands on what it says that it \`keeps\`.`,
} as const;
