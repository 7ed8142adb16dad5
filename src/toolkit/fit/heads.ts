/** The heads that a verification speaks of. */
import type { CheckedVerify } from '../../check/tools/index.ts';
import type { MeasuredRequirement, SwapData } from '../verify/swap.ts';

export interface Head {
  readonly name: string;
  /** Of the requirement that names it. */
  readonly index: number;
  readonly measured: MeasuredRequirement;
  /** How much accuracy it may lose. */
  readonly margin: number;
  readonly isProbability: boolean;
}

/** The heads whose accuracy is spoken of, each once, with what they may lose. */
export function headsOf({ requirements }: CheckedVerify, { measured }: SwapData): readonly Head[] {
  return requirements.flatMap(({ metric, bound }, index): Head[] => {
    const found = measured[index];
    if (metric.name !== 'accuracy' || found?.own.labels === undefined) return [];
    const term = metric.inputs.get('prediction');
    const name = term?.kind === 'field' ? term.field : term?.kind === 'call' ? term.callee.name : metric.name;
    const isProbability = (found.own.prediction.columns > 1 || found.own.sets !== undefined) && found.own.prediction.data.every((p) => p >= 0 && p <= 1);
    return [{ name, index, measured: found, margin: bound.kind === 'baseline' ? Math.max(0, -bound.offset) : 0.02, isProbability }];
  });
}

/** The rows from which neither the temperature nor anything of the swap was learned. */
export const judgedRows = ({ split }: Pick<SwapData, 'split'>): number[] => [...split.fit, ...split.test].sort((a, b) => a - b);
