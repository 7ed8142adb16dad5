/** `probe NAME { … }` carried out: how the spaces of parts and of their layers look on the same examples, and what a joint of two needs. */
import { collectTraining, describeJoint, describeSpace, foldsOf, pairsOf, randomFolds, showCount, swapTraining, type Advice, type DescribedSpace, type Features, type Readings, type RowGroups } from '../../align/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { refuse, valueOf } from '../errors.ts';
import { namingRow, rowsInMemory } from '../data/feature-rows.ts';
import { mapLayers, type LayerMap } from './layer-map.ts';
import type { Table } from '../data/table.ts';
import { probedSpaces, type NamedSpace, type ProbedVectors } from './probed-vectors.ts';
import type { Workbench } from '../workbench.ts';

/** What the numbers of one space look like. */
export interface ProbedSpace {
  /** `Old`, or `Old.layer4` of a tap. */
  readonly part: string;
  readonly columns: number;
  readonly measures: Readings;
}

/** How two spaces lie to each other. */
export interface ProbedJoint {
  readonly from: string;
  readonly to: string;
  readonly measures: Readings;
  readonly advice: Advice;
}

export interface ProbeResult {
  readonly name: string;
  readonly rows: number;
  /** How many groups or different examples the rows are, where some belong together. */
  readonly grouped?: { readonly count: number; readonly words: string };
  /** Which rows those are. */
  readonly together: RowGroups | undefined;
  readonly spaces: readonly ProbedSpace[];
  /** From each part that follows to the first, and back. */
  readonly joints: readonly ProbedJoint[];
  /** Layer by layer, of each part that follows and the first; where there are taps. */
  readonly maps: readonly LayerMap[];
  /** The vectors of each part and tap, in their order, and what gave them. */
  readonly vectors: readonly NamedSpace[];
  readonly model: CheckedModel;
  /** SHA-256 of the data. */
  readonly digest: string;
}

const seed = 0;

export async function runProbe(probe: CheckedProbe, bench: Workbench): Promise<ProbeResult> {
  const probed = await probedSpaces(probe, bench);
  const { rows, spaces, digest, lowered, together } = probed;
  const division: Division = { together, folds: dividedFolds(probed, probe), table: probed.table };
  const described = new Map<NamedSpace, DescribedSpace>();
  const [first, ...others] = spaces.filter(({ tap }) => tap === undefined);
  const joints: ProbedJoint[] = [];
  for (const other of others) joints.push(...(await jointsOf([other, first!], described, division, probe, bench)));
  for (const space of spaces) if (!described.has(space)) described.set(space, await describeAlone(space.features, division, probe, bench));
  bench.progress.clear();
  return {
    name: probe.name,
    rows,
    together,
    ...(together === undefined ? {} : { grouped: { count: together.count, words: together.words } }),
    spaces: spaces.map((space) => ({ part: space.name, columns: space.features.columns, measures: described.get(space)!.readings })),
    joints,
    maps: await mapLayers(spaces, bench, seed, together),
    vectors: spaces,
    model: lowered.model,
    digest,
  };
}

/** What belongs together, and the fold of each row, which divides none of it. */
interface Division {
  readonly together: RowGroups | undefined;
  readonly folds: Uint8Array;
  readonly table: Table;
}

/** Every interval is over 10 groups of rows, or more. */
const leastGroups = 10;

function dividedFolds({ together, rows, table }: ProbedVectors, probe: CheckedProbe): Uint8Array {
  const count = together?.count ?? rows;
  if (count < leastGroups) refuse(toolkitCodes.finding('data-rows', { file: table.name, reason: `it has ${showCount(count, together)}, and a probe needs ${leastGroups}` }), probe.location);
  return (together && foldsOf(together.of, seed)) ?? randomFolds(rows, seed);
}

async function describeAlone(features: Features, { together, folds, table }: Division, probe: CheckedProbe, { kernels }: Workbench): Promise<DescribedSpace> {
  const training = await collectTraining(kernels, pairsOf(features, features), { seed, folds, products: ['xx'] });
  if (!training.ok) return refuse(namingRow(training.finding, table, rowsInMemory(features)), probe.location);
  return describeSpace(kernels, { features, training: training.value, together }, seed);
}

/** Both ways. What is found out of either space alone on the way is added to `described`. */
async function jointsOf([from, to]: readonly [NamedSpace, NamedSpace], described: Map<NamedSpace, DescribedSpace>, division: Division, probe: CheckedProbe, bench: Workbench): Promise<readonly ProbedJoint[]> {
  const { kernels, progress } = bench;
  const { together, folds } = division;
  progress.update(`${from.name} and ${to.name}`, 0, 1);
  const [x, y] = [from.features, to.features];
  const collected = await collectTraining(kernels, pairsOf(x, y), { seed, folds });
  // What is wrong is wrong with one of both, and is told of that one, with its row.
  if (!collected.ok) for (const { features } of [to, from]) await describeAlone(features, division, probe, bench);
  const training = valueOf(collected, probe.location);
  const back = swapTraining(training);
  for (const [space, own] of [[to, back], [from, training]] as const)
    if (!described.has(space)) described.set(space, await describeSpace(kernels, { features: space.features, training: own, together, joined: true }, seed));
  const ways = await describeJoint(kernels, { x, y, training, back, folds, spectra: [described.get(from)!.spectrum, described.get(to)!.spectrum], together }, seed);
  return [
    { from: from.name, to: to.name, measures: ways[0].readings, advice: ways[0].advice },
    { from: to.name, to: from.name, measures: ways[1].readings, advice: ways[1].advice },
  ];
}
