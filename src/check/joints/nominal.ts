/** Diagnostics of spaces and tokenizers that are not the demanded ones. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { Fact, Nominal, NominalStatement } from '../../types/fact.ts';
import { meantVersions } from '../../types/implies.ts';
import type { TensorType } from '../../types/type.ts';
import { showNominal, showTensor } from '../../types/show.ts';
import { isServed, reachesBelow, satisfies } from '../../types/version.ts';
import type { Sides } from './joint.ts';

export const foundNominal = (type: TensorType, kind: 'space' | 'tokenizer'): NominalStatement | undefined =>
  type.facts.flatMap((fact) => (fact.kind === kind ? [fact as NominalStatement] : []))[0];

/** `use`; with its version or its package where that is what tells the two apart. */
export function showDemand(demand: NominalStatement, found: NominalStatement | undefined): string {
  const { nominal } = demand;
  if (found?.nominal.name !== nominal.name) return `\`${nominal.name}\``;
  return found.nominal.id === nominal.id ? `\`${showNominal(nominal, demand.versions)}\`` : withPackage(nominal);
}

export function showFound(demand: NominalStatement, found: NominalStatement | undefined): string | undefined {
  if (found?.nominal.name !== demand.nominal.name) return found && `\`${found.nominal.name}\``;
  return found.nominal.id === demand.nominal.id ? `\`${showNominal(found.nominal, found.versions)}\`` : withPackage(found.nominal);
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
    label: known ? `${demand.kind} \`${showNominal(known.nominal, known.versions)}\`` : `no ${demand.kind} is known`,
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
  const { nominal } = demand;
  const found = known?.nominal;
  const same = fits ? [`Both sides are ${showTensor(type)}, so every runtime would accept this, and the answers would be noise.`] : [];
  if (known !== undefined && found?.id === nominal.id) return otherVersion(demand, known);
  if (demand.kind === 'tokenizer') {
    return [...same, `An id is an index into one vocabulary. Feed it what \`${nominal.name}\` makes of the text.`];
  }
  if (nominal.parameter || found?.parameter) {
    const open = nominal.parameter ? nominal : found!;
    return [...same, `\`${open.name}\` is whatever ${demand.kind} a caller gives, so here it equals nothing but itself.`];
  }
  const how = found
    ? `A space changes only through a backbone, or through an adapter with \`weights\` that were fitted from ${showFound(demand, known)} to ${showDemand(demand, known)}.`
    : `A backbone's output says which space it is: \`where space ${nominal.name}\`. A part that leaves it as it is says \`keeps space\`.`;
  return [...same, how];
}

/** What to do about vectors of the demanded space in a version that is not served. */
function otherVersion(demand: NominalStatement, { nominal: found, versions: said }: NominalStatement): string[] {
  const { nominal, versions, kind } = demand;
  const serving = (more: readonly string[]): string => `\`${nominal.name}@${[...new Set([...(versions.length > 0 ? versions : more.some((range) => satisfies(nominal.version, range)) ? [] : [`^${nominal.version}`]), ...more])].join(' | ')}\``;
  if (demand.joined) return [`One name stands for the ${kind} of several arguments here, so that they have to be of one version: another one is of ${meantVersions(demand).join(' or ')}, this of ${said.length === 0 ? found.version : said.join(' or ')}. Declare both of one: \`${nominal.name}@${meantVersions(demand).at(-1)}\`.`];
  if (versions.length === 0 && said.length === 0) return [`Two copies of the package are read. Who says no versions means that of the copy which it imports, ${nominal.version}; what is handed over is of ${found.version}. Install one version for both, or say which ones serve: ${serving([`^${found.version}`])}.`];
  const accepts = versions.length === 0 ? `this says no versions, and accepts the declared one, ${nominal.version}` : `this accepts ${versions.join(' or ')}`;
  const others = said.filter((range) => !isServed([range], meantVersions(demand), [found, nominal]));
  const mixing = kind === 'space' ? compatibleNote(demand, said, found) : [];
  const newer = isServed([found.version], meantVersions(demand), [found, nominal]) && others.some((range) => satisfies(found.version, range)) ? [`It is not enough that ${found.version} serves: ${others.join(' and ')} ${others.length === 1 ? 'has' : 'have'} other versions, too. What the declared encoder makes is of \`${found.name}\` without versions.`] : [];
  if (others.length < said.length) return [`What is handed over may be of ${said.join(' or ')}, by its own declaration, and nobody knows of which; ${accepts}. Declare it of what serves alone, or say here that ${others.join(' and ')} ${others.length === 1 ? 'serves' : 'serve'}, too: ${serving(others)}.`, ...newer, ...mixing];
  if (said.length > 0) return [`What is handed over is of ${said.join(' or ')}, by its own declaration; ${accepts}. Use what was made for this version, or say here that both serve: ${serving(said)}.`, ...newer, ...mixing];
  return [`The ${kind} in use is \`${found.name}@${found.version}\`; ${accepts}. Use what was made for this version, or say here that both serve: ${serving([`^${found.version}`])}.`, ...mixing];
}

/** What the declaration may say, where that would serve. */
function compatibleNote(demand: NominalStatement, said: readonly string[], { name, version, compatible }: Nominal): string[] {
  const wanted = meantVersions(demand);
  const [own, more] = [wanted, said].map((ranges) => ranges.filter((range) => reachesBelow(range, version) && !compatible.includes(range)));
  const lists = [own!, more!, [...own!, ...more!]].map((ranges) => [...compatible, ...new Set(ranges)]);
  const serving = lists.find((list) => list.length > 0 && isServed(said.length > 0 ? said : [version], wanted, [{ version, compatible: list }]));
  return serving === undefined ? [] : [`Where old and new vectors may be mixed, the new version says so: \`space ${name} @ ${version} compatible ${serving.join(' | ')}\`.`];
}
