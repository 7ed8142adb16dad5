/** What an audit found out, for a reader and as JSON. */
import type { Evidence, ManifestJoint } from '../../bundle/manifest.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import { plural } from '../../diagnostics/index.ts';
import type { AuditedFact, AuditedPlace } from './audit-facts.ts';
import type { FileAudit } from './audit-file.ts';
import { styleOf, type Io } from '../io.ts';
import { renderFinding } from '../show/print-diagnostics.ts';
import { showSize } from './audit-sizes.ts';

export interface Audited extends FileAudit {
  readonly file: string;
}

export const describeAudit = ({ file, compiler, model, part, record, facts, places, data, left }: Audited): object => ({
  file,
  compiler,
  model,
  ...(part === undefined ? {} : { part }),
  evidence: countEvidence(record.joints),
  facts,
  places: places.map((place) => ({ ...place, joints: place.joints.map((index) => placeOf(record.joints[index]!)) })),
  ...(data.length === 0 ? {} : { data }),
  ...(left === 0 ? {} : { left }),
  declared: requirementsOf(record.joints, 'declared'),
  sources: record.sources,
});

export function printAudit(audited: readonly Audited[], findings: readonly Finding[], io: Io): void {
  const print = (line: string): void => void io.stdout.write(`${line}\n`);
  for (const { file, compiler, model, part, record, facts, places, data, left } of audited) {
    print(`${file}: ${part === undefined ? '' : `${part} of `}${model}, by ${compiler}`);
    for (const fact of facts) print(`  ${showFact(fact, '')}`);
    for (const line of showPlaces(places, left, record.joints)) print(`  ${line}`);
    for (const { path, sha256 } of data) print(`  weights in ${path}, SHA-256 ${sha256.slice(0, 16)}…`);
    if (part !== undefined && part !== 'encoder') continue;
    const counts = Object.entries(countEvidence(record.joints)).map(([evidence, count]) => `${count} ${evidence}`);
    print(`  ${plural(record.joints.length, 'joint')}: ${counts.join(', ') || 'nothing required'}`);
    for (const size of record.sizes ?? []) print(`  ${grounds.enforced}: ${showSize(size)}, which ${size.by} demands`);
    for (const words of requirementsOf(unplaced(audited, record.joints), 'proved')) print(`  ${grounds.proved}: ${words}`);
    for (const words of requirementsOf(record.joints, 'declared')) print(`  ${grounds.declared}: ${words}`);
    for (const { path: source, sha256 } of record.sources) print(`  made from ${source}, SHA-256 ${sha256.slice(0, 16)}…`);
  }
  for (const finding of findings) print(renderFinding(finding, styleOf(io.stdout, io.env)));
  if (findings.length === 0) print('Nothing was altered; dtypes, shapes and what can be derived are as the record says.');
}

// ---------------------------------------------------------------- facts

/** What a fact that does not follow through the graph rests on. */
const grounds: Readonly<Record<Evidence, string>> = {
  proved: "on the compiler's proof alone",
  enforced: 'on a test when it runs',
  measured: 'on a measurement',
  declared: "on somebody's word",
};

/** `where` tells of a joint. */
function showFact({ tensor, what, evidence, verdict, because }: AuditedFact, where: string): string {
  const ground = verdict === 'derived' ? 'derived anew' : verdict === 'contradicted' ? 'contradicted' : verdict === 'nominal' && evidence === 'proved' ? 'by its declaration' : grounds[evidence];
  return `${ground}: ${tensor}${where}: ${what}${because === '' ? '' : ` (${because})`}`;
}

/** Of more facts at joints than these a reader is told their number; JSON has all. */
const mostShown = 40;

/** How the types at joints stand, and the facts there that are no port's. What rests on a word is told of with the joints. */
function showPlaces(places: readonly AuditedPlace[], left: number, joints: readonly ManifestJoint[]): readonly string[] {
  if (places.length === 0) return joints.length === 0 ? [] : ['no tensors at joints are in its record'];
  const derived = places.filter(({ shape }) => shape === 'derived');
  const open = places.filter(({ shape }) => shape === 'open').map(({ tensor, type, found }) => `${grounds.proved}: ${tensor}: ${type}; of the graph follows ${found}`);
  const facts = places.flatMap((place) => place.facts.filter(({ evidence, verdict }) => verdict !== 'nominal' && (evidence === 'proved' || verdict !== 'open')).map((fact) => showFact(fact, ` (${placeOf(joints[place.joints[0]!]!)})`)));
  const lines = [...open, ...facts];
  return [
    `${plural(places.length, 'tensor')} at joints: the type of ${derived.length === places.length ? 'each' : derived.length} derived anew${left === 0 ? '' : `; ${left} more are not in the record`}`,
    ...lines.slice(0, mostShown),
    ...(lines.length > mostShown ? [`… and ${lines.length - mostShown} more: --json has all`] : []),
  ];
}

// ---------------------------------------------------------------- joints

/** `glosses.mdl:9:19: e to Topic.e` */
const placeOf = ({ at, from, to }: ManifestJoint): string => `${at}: ${from} to ${to}`;

/** How many requirements of joints are known in each way. */
function countEvidence(joints: readonly ManifestJoint[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { evidence } of joints.flatMap(({ requirements }) => requirements)) counts[evidence] = (counts[evidence] ?? 0) + 1;
  return counts;
}

/** Those known in one way: `glosses.mdl:9:19: UseLite.embedding to Encode: space use@1`. */
const requirementsOf = (joints: readonly ManifestJoint[], wanted: Evidence): readonly string[] =>
  joints.flatMap((joint) => joint.requirements.filter(({ evidence }) => evidence === wanted).map(({ what }) => `${placeOf(joint)}: ${what}`));

/** Joints that lie in no tensor of the files: of constants, of class names, of what no output needs. Of one part alone nobody can tell. */
function unplaced(audited: readonly Audited[], joints: readonly ManifestJoint[]): readonly ManifestJoint[] {
  const placed = new Set(audited.flatMap(({ places }) => places.flatMap((place) => place.joints)));
  const isWhole = audited.length > 1 || audited.every(({ part }) => part === undefined);
  return isWhole && placed.size > 0 ? joints.filter((_, index) => !placed.has(index)) : [];
}
