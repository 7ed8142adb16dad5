/** `probe NAME { … }` carried out: how the spaces of parts and of their layers look on the same examples, and what a joint of two needs. */
import { collectTraining, describeJoint, describeSpace, pairsOf, randomFolds, type Advice, type DescribedSpace, type Features, type Readings } from '../../align/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { valueOf } from '../errors.ts';
import { mapLayers, type LayerMap } from './layer-map.ts';
import { probedSpaces, type NamedSpace } from './probed-vectors.ts';
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
  const { rows, spaces, digest, lowered } = await probedSpaces(probe, bench);
  const described = new Map<NamedSpace, DescribedSpace>();
  for (const space of spaces) described.set(space, await describe(space.features, probe, bench));
  const wholes = spaces.filter(({ tap }) => tap === undefined);
  const [first, ...others] = wholes;
  const joints: ProbedJoint[] = [];
  for (const other of others) joints.push(...(await jointsOf(other, first!, described, probe, bench)));
  bench.progress.clear();
  return {
    name: probe.name,
    rows,
    spaces: spaces.map((space) => ({ part: space.name, columns: space.features.columns, measures: described.get(space)!.readings })),
    joints,
    maps: await mapLayers(spaces, bench, seed),
    vectors: spaces,
    model: lowered.model,
    digest,
  };
}

async function describe(features: Features, probe: CheckedProbe, { kernels }: Workbench): Promise<DescribedSpace> {
  const training = valueOf(await collectTraining(kernels, pairsOf(features, features), { seed }), probe.location);
  return describeSpace(kernels, features, training, seed);
}

async function jointsOf(from: NamedSpace, to: NamedSpace, described: ReadonlyMap<NamedSpace, DescribedSpace>, probe: CheckedProbe, { kernels, progress }: Workbench): Promise<readonly ProbedJoint[]> {
  progress.update(`${from.name} and ${to.name}`, 0, 1);
  const [x, y] = [from.features, to.features];
  const folds = randomFolds(x.rows, seed);
  const training = valueOf(await collectTraining(kernels, pairsOf(x, y), { seed, folds }), probe.location);
  const [forth, back] = await describeJoint(kernels, { x, y, training, folds, spectra: [described.get(from)!.spectrum, described.get(to)!.spectrum] }, seed);
  return [
    { from: from.name, to: to.name, measures: forth.readings, advice: forth.advice },
    { from: to.name, to: from.name, measures: back.readings, advice: back.advice },
  ];
}
