/** `probe NAME { … }` carried out: how the spaces of parts look on the same examples, and what a joint of two needs. */
import { activationsOf, advise, collectTraining, explainedBothWays, mutualNeighbours, pairsOf, procrustesDistance, residualsOf, selectRows, spectralOverlap, spectrumOf, testCka, type Advice, type Features } from '../align/index.ts';
import type { CheckedModel } from '../check/model.ts';
import type { CheckedProbe, Term } from '../check/tools/index.ts';
import { createRandom, permutation } from '../data/random.ts';
import { toolkitCodes } from '../diagnostics/codes/toolkit.ts';
import type { Symbol } from '../names/modules.ts';
import type { BackboneDecl, PartDecl } from '../syntax/ast.ts';
import { unknownType } from '../types/type.ts';
import type { Tables } from './columns.ts';
import { refuse, valueOf } from './errors.ts';
import { featuresOf } from './features.ts';
import { readTable, type Table } from './table.ts';
import type { Workbench } from './workbench.ts';

/** What the numbers of one space look like. */
export interface ProbedSpace {
  readonly part: string;
  readonly columns: number;
  readonly measures: Readonly<Record<string, number>>;
}

/** How two spaces lie to each other. */
export interface ProbedJoint {
  readonly from: string;
  readonly to: string;
  readonly measures: Readonly<Record<string, number>>;
  readonly advice: Advice;
}

export interface ProbeResult {
  readonly name: string;
  readonly rows: number;
  readonly spaces: readonly ProbedSpace[];
  /** From each part that follows to the first, and back. */
  readonly joints: readonly ProbedJoint[];
  /** The vectors of each part, in their order, and what gave them. */
  readonly vectors: readonly NamedSpace[];
  readonly model: CheckedModel;
}

const seed = 0;
/** Grams and neighbours have the square of it in elements. */
const mostRows = 1000;

export async function runProbe(probe: CheckedProbe, bench: Workbench): Promise<ProbeResult> {
  if (probe.taps.length > 0) refuse(toolkitCodes.finding('tool-open', { tool: `\`probe ${probe.name}\``, why: 'taps are not carried out yet' }, ['Leave the taps out, or name a part that gives the tensor as its result.']), probe.location);
  const [data] = probe.data;
  const table = readTable(data!, bench.host);
  const tables: Tables = new Map([[data!, table]]);
  const outputs = new Map(probe.through.map((part) => [part.name, termOf(part, probe, table)]));
  const lowered = bench.lowerTerms({ tool: probe, name: probe.name, outputs });
  if (typeof lowered === 'string') return refuse(toolkitCodes.finding('tool-open', { tool: `\`probe ${probe.name}\``, why: lowered }), probe.location);
  const named = lowered.model.outputs.flatMap(({ name, type }) => {
    const value = lowered.model.program.outputs.find((port) => port.name === name)?.value;
    return type.kind === 'tensor' && value !== undefined ? [{ name, type, value }] : [];
  });
  const features = await featuresOf({ lowered, outputs: named, tables, rows: table.rows, words: `the data of probe ${probe.name}`, location: probe.location }, bench);
  const spaces = features.map((space, i) => ({ name: named[i]!.name, features: space }));
  const [first, ...others] = spaces;
  const joints: ProbedJoint[] = [];
  for (const other of others) for (const [from, to] of [[other, first!], [first!, other]] as const) joints.push(await jointOf(from, to, probe, bench));
  const probed: ProbedSpace[] = [];
  for (const { name, features: space } of spaces) probed.push({ part: name, columns: space.columns, measures: await measuresOf(space, probe, bench) });
  return { name: probe.name, rows: table.rows, spaces: probed, joints, vectors: spaces, model: lowered.model };
}

/** The part on the columns that have the names of its inputs; where there is one column only, on that. */
function termOf(part: Symbol<PartDecl | BackboneDecl>, probe: CheckedProbe, table: Table): Term {
  const { declaration } = part;
  const location = probe.data[0]!.location;
  const names = declaration.kind === 'BackboneDecl' ? declaration.members.flatMap((m) => (m.kind === 'BackboneInput' && m.default === undefined ? [m.name.text] : [])) : declaration.params.flatMap((p) => (p.type.kind === 'KindType' ? [] : [p.name.text]));
  const known = [...table.columns.keys()];
  const columnFor = (name: string): string => {
    const found = known.includes(name) ? name : known.length === 1 ? known[0] : known.find((column) => column === 'text');
    return found ?? refuse(toolkitCodes.finding('data-column', { file: table.name, column: name, columns: known }, [`\`${part.name}\` reads the column that has the name of its input, the only one, or \`text\`.`]), location);
  };
  const inputs = new Map(names.map((name): [string, Term] => [name, { kind: 'column', data: probe.data[0]!, column: columnFor(name), type: unknownType, location }]));
  const call: Term = { kind: 'call', callee: part, inputs, statics: new Map(), type: unknownType, location };
  const output = declaration.kind === 'BackboneDecl' ? declaration.members.find((m) => m.kind === 'BackboneOutput') : undefined;
  return output === undefined ? call : { kind: 'field', of: call, field: output.name.text, type: unknownType, location };
}

async function measuresOf(space: Features, probe: CheckedProbe, { kernels }: Workbench): Promise<ProbedSpace['measures']> {
  const { meanAbsolute, norms, dead, outliers, meanCosine } = activationsOf(space, seed);
  const { all } = valueOf(await collectTraining(kernels, pairsOf(space, space), { seed }), probe.location);
  const { rankMe, neSum } = await spectrumOf(kernels, all.xx, all.count);
  return { 'mean |a|': meanAbsolute, 'mean norm': norms.mean, 'deviation of the norms': norms.deviation, 'dead columns': dead.length, 'outlying columns': outliers.length, 'mean cosine of two rows': meanCosine, RankMe: rankMe, NESum: neSum };
}

export interface NamedSpace {
  readonly name: string;
  readonly features: Features;
}

async function jointOf(from: NamedSpace, to: NamedSpace, probe: CheckedProbe, { kernels, progress }: Workbench): Promise<ProbedJoint> {
  progress.update(`${from.name} to ${to.name}`, 0, 1);
  const training = valueOf(await collectTraining(kernels, pairsOf(from.features, to.features), { seed }), probe.location);
  const rows = permutation(from.features.rows, createRandom(seed)).subarray(0, mostRows);
  const [x, y] = [selectRows(from.features, rows), selectRows(to.features, rows)];
  const cka = await testCka(kernels, [x], y, { seed });
  const neighbours = await mutualNeighbours(kernels, x, y, Math.min(10, rows.length - 1));
  const residuals = await residualsOf(kernels, training.all);
  const spectra = [await spectrumOf(kernels, training.all.xx, training.rows), await spectrumOf(kernels, training.all.yy, training.rows)] as const;
  const overlap = spectralOverlap(...spectra);
  const { forward } = await explainedBothWays({ kernels, seed }, training);
  return {
    from: from.name,
    to: to.name,
    measures: {
      CKA: cka.values[0]!,
      'p of CKA': cka.p,
      'shared neighbours': neighbours.share,
      'shared by chance': neighbours.chance,
      'Procrustes distance²': await procrustesDistance(kernels, training.all),
      'overlap of the spectra': overlap,
      'cross-validated R² by ridge': forward.mean,
      'its standard error': forward.standardError,
    },
    advice: advise({ cka, neighbours, residuals, spectralOverlap: overlap }),
  };
}
