/** `mdl verify --ablate`: what each head needs of the representation: leading components, the adapter, layers. */
import { collectTraining, effectivePairs, fitBridge, foldsOf, oneSided95, pairedDifference, pairsOf, ridge, selectRows, shareOf, someGroups, spectrumOf, type Estimate, type Features } from '../../align/index.ts';
import type { CheckedSwap, CheckedVerify } from '../../check/tools/index.ts';
import type { CheckedTap } from '../../check/tools/model.ts';
import type { NamedValue } from '../../check/tools/lower.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl } from '../../syntax/ast.ts';
import type { TensorType } from '../../types/type.ts';
import type { Tables } from '../data/columns.ts';
import { headOn, padTo } from './controls.ts';
import { featuresOf } from '../data/features.ts';
import { headsOf, type Head } from '../fit/heads.ts';
import { classesFound } from './measure.ts';
import { besideOf, outputsOf, sidesOf, type SwapData } from './swap.ts';
import type { Workbench } from '../workbench.ts';

/** The head on vectors of which only the leading principal directions of the old space are left. */
export interface ComponentAblation {
  readonly kept: number;
  /** Of the old vectors' variance. */
  readonly variance: number;
  readonly own: Estimate;
  readonly bridged: Estimate;
}

export interface HeadAblation {
  readonly head: string;
  readonly components: readonly ComponentAblation[];
  /** The fewest components with which it surely loses less than its margin; undefined where all are needed. */
  readonly needed: number | undefined;
  /** The old head on the new vectors through the bridge, and as they are. */
  readonly adapter: { readonly with: Estimate; readonly without: Estimate | undefined };
  /** The old head behind a ridge map from each tap of the new encoder, the mean over all axes but the last. */
  readonly layers: readonly { readonly layer: string; readonly accuracy: Estimate; readonly explained: number }[];
}

const seed = 0;

/** Directions and maps are learned from the rows for that; the test rows judge. None where an example has several vectors. */
export async function ablationsOf(verify: CheckedVerify, swap: CheckedSwap, data: SwapData, tables: Tables, bench: Workbench): Promise<readonly HeadAblation[]> {
  if (data.calls > 1) return [];
  const taps = await tapFeatures(verify, swap, data, tables, bench);
  const results: HeadAblation[] = [];
  for (const head of headsOf(verify, data)) {
    const ablation = await ablate(head, taps, data, bench);
    if (ablation !== undefined) results.push(ablation);
  }
  return results;
}

/** Undefined for a head that also looks at something else than the vectors. */
async function ablate(head: Head, taps: readonly NamedFeatures[], data: SwapData, bench: Workbench): Promise<HeadAblation | undefined> {
  const { kernels } = bench;
  const { split, x, y, bridged, together } = data;
  const [groups, fitGroups] = [someGroups(together, split.test), someGroups(together, split.fit)];
  const accuracyOf = (found: readonly boolean[]): Estimate => shareOf(found, groups, oneSided95);
  const right = async (vectors: Features): Promise<boolean[] | undefined> => {
    const answers = await headOn(head.index, vectors, data, bench);
    return answers && Array.from(classesFound(answers, head.measured.own.sets), (c, i) => c === head.measured.own.labels![split.test[i]!]);
  };
  const [own, swapped] = [selectRows(y, split.test), selectRows(bridged, split.test)];
  const full = await right(own);
  if (full === undefined) return undefined;
  const fitted = selectRows(y, split.fit);
  const training = await collectTraining(kernels, pairsOf(fitted, fitted), { seed, products: ['xx'] });
  if (!training.ok) return undefined;
  const { all } = training.value;
  const { directions, variances } = await spectrumOf(kernels, all.xx, all.count);
  const total = variances.reduce((sum, value) => sum + value, 0);
  const components: ComponentAblation[] = [];
  let needed: number | undefined;
  for (const kept of doubling(Math.min(y.columns, split.fit.length - 1))) {
    const project = projection(directions, all.meanX, kept);
    const without = (await right(project(own)))!;
    components.push({ kept, variance: variances.slice(0, kept).reduce((sum, value) => sum + value, 0) / total, own: accuracyOf(without), bridged: accuracyOf((await right(project(swapped)))!) });
    if (needed === undefined && kept < y.columns && pairedDifference(effectivePairs(without, full, groups)).interval.low >= -head.margin) needed = kept;
  }
  const padded = await right(padTo(selectRows(x, split.test), y.columns));
  const layers: { layer: string; accuracy: Estimate; explained: number }[] = [];
  for (const { name, features } of taps) {
    const folds = fitGroups && foldsOf(fitGroups.of, seed);
    const through = await collectTraining(kernels, pairsOf(selectRows(features, split.fit), fitted), { seed, ...(folds === undefined ? {} : { folds }) });
    const fit = through.ok ? await fitBridge(ridge, { kernels, seed }, through.value) : through;
    if (!fit.ok) continue;
    layers.push({ layer: name, accuracy: accuracyOf((await right(await fit.value.adapter.predict(kernels, selectRows(features, split.test))))!), explained: fit.value.score.mean });
  }
  return { head: head.name, components, needed, adapter: { with: accuracyOf((await right(swapped))!), without: padded && accuracyOf(padded) }, layers };
}

/** 1, 2, 4 … and the last. */
const doubling = (most: number): readonly number[] => [...Array.from({ length: 31 }, (_, i) => 2 ** i).filter((count) => count < most), most];

/** Vectors with what lies outside of the first directions replaced by the mean. */
function projection({ columns, data }: { readonly columns: number; readonly data: Float64Array }, mean: ArrayLike<number>, kept: number): (rows: Features) => Features {
  return (rows) => {
    const width = rows.columns;
    const result = new Float32Array(rows.data.length);
    const row = new Float64Array(width);
    for (let i = 0; i < rows.rows; i++) {
      row.fill(0);
      for (let c = 0; c < kept; c++) {
        let along = 0;
        for (let j = 0; j < width; j++) along += (rows.data[i * width + j]! - mean[j]!) * data[j * columns + c]!;
        for (let j = 0; j < width; j++) row[j]! += along * data[j * columns + c]!;
      }
      for (let j = 0; j < width; j++) result[i * width + j] = row[j]! + mean[j]!;
    }
    return { ...rows, data: result };
  };
}

// ---------------------------------------------------------------- layers

interface NamedFeatures {
  readonly name: string;
  readonly features: Features;
}

/** What the taps of the new encoder hold, one vector an example. */
async function tapFeatures(verify: CheckedVerify, swap: CheckedSwap, { swapped, own, rows }: SwapData, tables: Tables, bench: Workbench): Promise<readonly NamedFeatures[]> {
  const outputs = outputsOf(verify, swap);
  const sides = sidesOf([swap]);
  const lower = (more: { readonly watched?: (symbol: Symbol) => boolean; readonly tapped?: readonly CheckedTap[] }) =>
    bench.lowerTerms({ tool: verify, name: verify.name, outputs, untouched: besideOf(verify, swap), ...(sides.swapped === undefined ? {} : { swaps: sides.swapped }), ...more });
  const watched = lower({ watched: (symbol) => symbol.declaration.kind === 'BackboneDecl' });
  if (typeof watched === 'string') return [];
  const backbones = [...new Set(watched.calls.map(({ symbol }) => symbol))] as Symbol<BackboneDecl>[];
  const tapped = backbones.flatMap((backbone) => backbone.declaration.members.flatMap((member) => (member.kind === 'TapMember' ? [{ backbone, tap: member.name.text }] : [])));
  if (tapped.length === 0 || own === swapped) return [];
  const lowered = lower({ tapped });
  if (typeof lowered === 'string') return [];
  // Every output has the taps below it: each tensor is looked at once.
  const seen = new Set<string>();
  const values = lowered.model.program.outputs.flatMap(({ name, value }): (NamedValue & { readonly pooled: true })[] => {
    const type = lowered.model.outputs.find((port) => port.name === name)?.type;
    const tap = name.split('.')[1];
    if (tap === undefined || seen.has(value) || type?.kind !== 'tensor') return [];
    seen.add(value);
    return [{ name: tap, value, type: type as TensorType, pooled: true }];
  });
  const features = await featuresOf({ lowered, outputs: values, tables, rows, words: `${verify.name}, layers`, location: verify.location }, bench);
  return features.map((found, i) => ({ name: values[i]!.name, features: found }));
}
