/** Diagnostics of spaces and tokenizers that are not the demanded ones. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { Fact, Nominal, NominalStatement } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { showNominal, showTensor } from '../../types/show.ts';
import type { Sides } from './joint.ts';

export const foundNominal = (type: TensorType, kind: 'space' | 'tokenizer'): Nominal | undefined =>
  type.facts.flatMap((fact) => (fact.kind === kind ? [fact.nominal] : []))[0];

/** `use`; with its version or its package where that is what tells the two apart. */
export function showDemand(demand: NominalStatement, found: Nominal | undefined): string {
  const { nominal } = demand;
  if (found?.name !== nominal.name) return `\`${nominal.name}\``;
  return found.id === nominal.id ? `\`${showNominal(nominal, demand.versions)}\`` : withPackage(nominal);
}

export function showFound(demand: NominalStatement, found: Nominal | undefined): string | undefined {
  if (found?.name !== demand.nominal.name) return found && `\`${found.name}\``;
  return found.id === demand.nominal.id ? `\`${showNominal(found)}\`` : withPackage(found);
}

function withPackage({ id, name }: Nominal): string {
  const owner = id.slice(0, id.lastIndexOf('#'));
  return `\`${name}\` of ${owner === '' ? 'no package' : `the package ${owner}`}`;
}

/** `fits`: dtype and shape are what they should be, so that nothing but this says what is wrong. */
export function reportNominal(demand: Fact & NominalStatement, found: TensorType, sides: Sides, fits: boolean, fixes: readonly Fix[]): Diagnostic {
  const nominal = foundNominal(found, demand.kind);
  const args = { to: sides.to, from: sides.from, promised: sides.promised, expected: showDemand(demand, nominal), found: showFound(demand, nominal) };
  return jointCodes.report(demand.kind === 'space' ? 'space-mismatch' : 'tokenizer-mismatch', args, sides.location, {
    label: nominal ? `${demand.kind} \`${showNominal(nominal)}\`` : `no ${demand.kind} is known`,
    related: relatedLabels(demand, nominal, sides),
    notes: reasons(demand, nominal, found, fits),
    fixes,
  });
}

function relatedLabels(demand: NominalStatement, found: Nominal | undefined, sides: Sides): Label[] {
  const labels: Label[] = [...sides.related];
  if (found?.id === demand.nominal.id) return [...labels, { location: found.location, text: 'declared here' }];
  if (found) labels.push({ location: found.location, text: 'found: this one' });
  return [...labels, { location: demand.nominal.location, text: 'expected: this one' }];
}

function reasons(demand: NominalStatement, found: Nominal | undefined, type: TensorType, fits: boolean): string[] {
  const { nominal, versions } = demand;
  const same = fits ? [`Both sides are ${showTensor(type)}, so every runtime would accept this, and the answers would be noise.`] : [];
  if (found?.id === nominal.id) {
    return [`The ${demand.kind} in use is \`${found.name}@${found.version}\`; this accepts ${versions.join(' or ')}. Use what was made for this version, or say here that both serve: \`${nominal.name}@${[...versions, `^${found.version}`].join(' | ')}\`.`, ...(demand.kind === 'space' ? [`Where old and new vectors may be mixed, the new version says so: \`space ${found.name} @ ${found.version} compatible ${versions[0]}\`.`] : [])];
  }
  if (demand.kind === 'tokenizer') {
    return [...same, `An id is an index into one vocabulary. Feed it what \`${nominal.name}\` makes of the text.`];
  }
  if (nominal.parameter || found?.parameter) {
    const open = nominal.parameter ? nominal : found!;
    return [...same, `\`${open.name}\` is whatever ${demand.kind} a caller gives, so here it equals nothing but itself.`];
  }
  const how = found
    ? `A space changes only through a backbone, or through an adapter with \`weights\` that were fitted from \`${found.name}\` to \`${nominal.name}\`.`
    : `A backbone's output says which space it is: \`where space ${nominal.name}\`. A part that leaves it as it is says \`keeps space\`.`;
  return [...same, how];
}
