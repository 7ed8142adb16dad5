/** Diagnostics of spaces and tokenizers that are not the demanded ones. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { Fact, Nominal, NominalStatement } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { showNominal, showTensor } from '../../types/show.ts';
import { satisfiesAny } from '../../types/version.ts';
import type { Sides } from './joint.ts';

export const foundNominal = (type: TensorType, kind: 'space' | 'tokenizer'): NominalStatement | undefined =>
  type.facts.flatMap((fact) => (fact.kind === kind ? [fact as NominalStatement] : []))[0];

/** The version in scope, or the ranges that were said where it lies in none of them. */
const versionsOf = ({ nominal, versions }: NominalStatement): readonly string[] => (satisfiesAny(nominal.version, versions) ? [] : versions);

/** `use`; with its version or its package where that is what tells the two apart. */
export function showDemand(demand: NominalStatement, found: NominalStatement | undefined): string {
  const { nominal } = demand;
  if (found?.nominal.name !== nominal.name) return `\`${nominal.name}\``;
  return found.nominal.id === nominal.id ? `\`${showNominal(nominal, demand.versions)}\`` : withPackage(nominal);
}

export function showFound(demand: NominalStatement, found: NominalStatement | undefined): string | undefined {
  if (found?.nominal.name !== demand.nominal.name) return found && `\`${found.nominal.name}\``;
  return found.nominal.id === demand.nominal.id ? `\`${showNominal(found.nominal, versionsOf(found))}\`` : withPackage(found.nominal);
}

function withPackage({ id, name }: Nominal): string {
  const owner = id.slice(0, id.lastIndexOf('#'));
  return `\`${name}\` of ${owner === '' ? 'no package' : `the package ${owner}`}`;
}

/** `fits`: dtype and shape are what they should be, so that nothing but this says what is wrong. */
export function reportNominal(demand: Fact & NominalStatement, found: TensorType, sides: Sides, fits: boolean, fixes: readonly Fix[]): Diagnostic {
  const known = foundNominal(found, demand.kind);
  const args = { to: sides.to, from: sides.from, promised: sides.promised, expected: showDemand(demand, known), found: showFound(demand, known) };
  return jointCodes.report(demand.kind === 'space' ? 'space-mismatch' : 'tokenizer-mismatch', args, sides.location, {
    label: known ? `${demand.kind} \`${showNominal(known.nominal, versionsOf(known))}\`` : `no ${demand.kind} is known`,
    related: relatedLabels(demand, known?.nominal, sides),
    notes: reasons(demand, known, found, fits),
    fixes,
  });
}

function relatedLabels(demand: NominalStatement, found: Nominal | undefined, sides: Sides): Label[] {
  const labels: Label[] = [...sides.related];
  if (found?.id === demand.nominal.id) return [...labels, { location: found.location, text: 'declared here' }];
  if (found) labels.push({ location: found.location, text: 'found: this one' });
  return [...labels, { location: demand.nominal.location, text: 'expected: this one' }];
}

function reasons(demand: NominalStatement, known: NominalStatement | undefined, type: TensorType, fits: boolean): string[] {
  const { nominal, versions } = demand;
  const found = known?.nominal;
  const same = fits ? [`Both sides are ${showTensor(type)}, so every runtime would accept this, and the answers would be noise.`] : [];
  if (known !== undefined && found?.id === nominal.id) {
    const said = versionsOf(known);
    if (versions.length === 0) return [`Two copies of the package are read. Who says no versions means that of the copy which it imports, ${nominal.version}; what is handed over is of ${found.version}. Install one version for both, or say which ones serve: \`${nominal.name}@^${nominal.version} | ^${found.version}\`.`];
    if (said.length > 0) return [`What is handed over is of ${said.join(' or ')}, by its own declaration; this accepts ${versions.join(' or ')}. Use what was made for this version, or say here that both serve: \`${nominal.name}@${[...versions, ...said].join(' | ')}\`.`];
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
