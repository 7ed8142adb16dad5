/** What an app reads off an output that counts classes. */
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { raise } from './errors.ts';
import type { TensorData, TensorOutput } from './types.ts';

/** The class with the highest value of one row. */
export interface TopClass<L extends string = string> {
  readonly label: L;
  /** Of the label among the output's labels. */
  readonly index: number;
  /** The highest value: a probability where the head ends so. */
  readonly probability: number;
}

/** The top class of each row of an output whose last axis counts classes; the first of equals. */
export function topClass<L extends string>(output: TensorOutput<TensorData, L>): TopClass<L>[] {
  const { labels, data } = output;
  if (labels === undefined || labels.length === 0)
    raise(runtimeCodes.finding('output-not-classes', { reason: 'this output has no labels' }, ['A source names them: `labels Topic = ["sport", "music"]`, and `f32[batch, Topic]` for the output.']));
  const tops: TopClass<L>[] = [];
  for (let start = 0; start < data.length; start += labels.length) {
    let best = 0;
    for (let k = 0; k < labels.length; k++) {
      const value = Number(data[start + k]);
      if (Number.isNaN(value))
        raise(runtimeCodes.finding('output-not-classes', { reason: `row ${tops.length} holds NaN` }));
      if (value > Number(data[start + best])) best = k;
    }
    tops.push({ label: labels[best]!, index: best, probability: Number(data[start + best]) });
  }
  return tops;
}
