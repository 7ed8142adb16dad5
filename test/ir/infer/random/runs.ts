/** Runs of a drawn graph at several sizes, every tensor compared with what is inferred of it. */
import type { Tensor } from 'onnxruntime-node';
import { readBytes } from '../../../onnx/models.ts';
import { compare, isDefined } from '../observed.ts';
import { feedsFor, observe, sizesFor, type GraphInput, type RandomGraph } from './graphs.ts';

export interface Runs {
  runs: number;
  tensors: number;
  /** Tensors wholly inferred. */
  exact: number;
  /** Tensors of numbers, and those of them with bounds on both sides. */
  numbers: number;
  bounded: number;
  readonly wrong: string[];
}

export const noRuns = (): Runs => ({ runs: 0, tensors: 0, exact: 0, numbers: 0, bounded: 0, wrong: [] });

export function addRuns(all: Runs, more: Runs): void {
  for (const key of ['runs', 'tensors', 'exact', 'numbers', 'bounded'] as const) all[key] += more[key];
  all.wrong.push(...more.wrong);
}

const sizes = 3;

/** What is fed to a graph's inputs at some sizes. */
export type Feeding = (inputs: readonly GraphInput[], sizes: ReturnType<typeof sizesFor>, random: () => number) => Record<string, Tensor>;

/** Not every graph runs at all sizes, and of some runs ONNX does not say what comes out: those are left out. */
export async function comparedRuns(graph: RandomGraph, random: () => number, feeding: Feeding = feedsFor): Promise<Runs> {
  const found = noRuns();
  const model = readBytes(graph.bytes);
  for (let run = 0; run < sizes; run++) {
    const feeds = feeding(graph.inputs, sizesFor(random), random);
    const observed = await observe(graph.bytes, feeds);
    if (observed === undefined || !isDefined(model, new Map([...Object.entries(feeds), ...observed]))) continue;
    const { seen, exact, numbers, bounded, wrong } = compare(model, feeds, observed);
    addRuns(found, { runs: 1, tensors: seen, exact, numbers, bounded, wrong: wrong.map((text) => `seed ${graph.seed}: ${text}`) });
  }
  return found;
}
