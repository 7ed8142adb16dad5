/** Diagnostics of spaces and tokenizers that are not the demanded ones. */
import { jointCodes } from '../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix, Label } from '../diagnostics/diagnostic.ts';
import type { Fact, Nominal, NominalStatement } from '../types/fact.ts';
import type { TensorType } from '../types/type.ts';
import { showTensor } from '../types/show.ts';
import type { Sides } from './joint.ts';

export const foundNominal = (type: TensorType, kind: 'space' | 'tokenizer'): Nominal | undefined =>
  type.facts.flatMap((fact) => (fact.kind === kind ? [fact.nominal] : []))[0];

/** `` `use` ``, or `` `use@^1` `` where it is the version that matters. */
export function showDemand(demand: NominalStatement, found: Nominal | undefined): string {
  if (found === undefined || found.name !== demand.nominal.name) return `\`${demand.nominal.name}\``;
  return `\`${demand.nominal.name}@${demand.versions.join(' | ') || demand.nominal.version}\``;
}

export function showFound(demand: NominalStatement, found: Nominal | undefined): string | undefined {
  if (found === undefined) return undefined;
  return found.name === demand.nominal.name ? `\`${found.name}@${found.version}\`` : `\`${found.name}\``;
}

export function reportNominal(demand: Fact & NominalStatement, found: TensorType, sides: Sides, fixes: readonly Fix[]): Diagnostic {
  const nominal = foundNominal(found, demand.kind);
  const args = { to: sides.to, from: sides.from, expected: showDemand(demand, nominal), found: showFound(demand, nominal) };
  return jointCodes.report(demand.kind === 'space' ? 'space-mismatch' : 'tokenizer-mismatch', args, sides.location, {
    label: nominal ? `${demand.kind} \`${nominal.name}@${nominal.version}\`` : `no ${demand.kind} is known`,
    related: relatedLabels(demand, nominal, sides),
    notes: reasons(demand, nominal, found),
    fixes,
  });
}

function relatedLabels(demand: NominalStatement, found: Nominal | undefined, sides: Sides): Label[] {
  const labels: Label[] = [...sides.related];
  if (found) labels.push({ location: found.location, text: 'found: this one' });
  return [...labels, { location: demand.nominal.location, text: 'expected: this one' }];
}

function reasons(demand: NominalStatement, found: Nominal | undefined, type: TensorType): string[] {
  const same = `Both sides are ${showTensor(type)}, so every runtime would accept this`;
  if (found?.id === demand.nominal.id) {
    return [`The version in use is ${found.version}; the consumer accepts ${demand.versions.join(' or ')}.`];
  }
  if (demand.kind === 'tokenizer') {
    return [`${same}; the ids would index another vocabulary, and the answers would be noise.`];
  }
  return [
    `${same}; directions mean something else in another space, and the answers would be noise.`,
    'A space changes only through a backbone or through an adapter with weights of its own.',
  ];
}
