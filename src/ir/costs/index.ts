/** What a foreign graph costs: parameters, bytes of weights, multiply-adds, and the bytes of its tensors at the worst moment. */
import { addDims, intDim, type Dim } from '../../types/dim.ts';
import type { ForeignModel } from '../graph.ts';
import { inferScope, type InferOptions } from '../infer/index.ts';
import { peakOf, type Step } from './peak.ts';
import { bytesIn, noGaps, noting, stepsOf, sumOfMacs, type Gaps } from './steps.ts';
import { weightsOf } from './weights.ts';

/** Definitions: docs/costs.md. */
export interface Costs {
  readonly parameters: number;
  /** Of the weights. */
  readonly bytes: number;
  /** Multiply-adds of one run, over the sizes of the inputs; undefined where that is too long to be read. */
  readonly macs: Dim | undefined;
  /** Bytes of tensors that are alive at the worst moment of one run, weights left out; undefined likewise. */
  readonly peak: Dim | undefined;
  /** What is in none of the figures, because nobody knows it: operators for `macs`, tensors for `peak`. */
  readonly uncounted: { readonly operators: readonly string[]; readonly tensors: readonly string[] };
}

export interface GraphCosts extends Costs {
  /** Multiply-adds by operator, of those that have any. */
  readonly byOperator: ReadonlyMap<string, Dim>;
}

/** Over all of a file, as it is written. Never throws, whatever the file is. */
export function graphCosts(model: ForeignModel, options: InferOptions = {}): GraphCosts {
  const { graph, functions } = model;
  const gaps = noGaps();
  const scope = inferScope(model, options);
  const steps = stepsOf(graph, scope, gaps);
  const weights = weightsOf(graph, functions);
  return {
    parameters: weights.reduce((sum, weight) => sum + weight.parameters, 0),
    bytes: weights.reduce((sum, weight) => sum + weight.bytes, 0),
    macs: sumOfMacs(steps),
    peak: peakOf(steps, graph, noting(bytesIn(graph, scope), gaps)),
    uncounted: listGaps(gaps),
    byOperator: byOperator(steps),
  };
}

export const listGaps = ({ operators, tensors }: Gaps): Costs['uncounted'] => ({ operators: [...operators], tensors: [...tensors] });

function byOperator(steps: readonly Step[]): ReadonlyMap<string, Dim> {
  const sums = new Map<string, Dim>();
  for (const { op, macs } of steps) if (macs !== undefined && macs.terms.length > 0) sums.set(op, addDims(sums.get(op) ?? intDim(0), macs));
  return sums;
}
