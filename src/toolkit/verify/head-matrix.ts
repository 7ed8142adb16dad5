/** Which head on which encoder through which bridge: the accuracies of all swaps of a file, side by side. */
import { oneSided95, shareOf, someGroups, type Estimate } from '../../align/index.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import { rightOn, type Measured } from './measure.ts';
import type { SwapData } from './swap.ts';

export interface MatrixCell {
  /** `topic of Glosses` */
  readonly head: string;
  /** What gives the vectors: the old part, or one in its place. */
  readonly through: string;
  readonly accuracy: Estimate;
}

/** The cells of one swap: each head on its own encoder, and on what stands in. */
export const cellsOf = (heads: readonly Head[], { part, replacement, model }: { readonly part: string; readonly replacement: string; readonly model: string }, data: SwapData): readonly MatrixCell[] =>
  heads.flatMap(({ name, measured: { own, swapped } }) => {
    const head = `${name} of ${model}`;
    return [
      { head, through: part, accuracy: accuracyOn(own, data) },
      { head, through: replacement, accuracy: accuracyOn(swapped, data) },
    ];
  });

function accuracyOn(measured: Measured, data: SwapData): Estimate {
  const rows = judgedRows(data);
  return shareOf(rightOn(measured, rows), someGroups(data.together, rows), oneSided95);
}

/** A row a head, a column an encoder: what was seen twice stands once. */
export function tableOf(cells: readonly MatrixCell[]): readonly (readonly string[])[] {
  const heads = [...new Set(cells.map(({ head }) => head))];
  const throughs = [...new Set(cells.map(({ through }) => through))];
  const show = ({ value, interval: { low, high } }: Estimate): string => `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  const cell = (head: string, through: string): string => {
    const found = cells.find((one) => one.head === head && one.through === through);
    return found === undefined ? '' : show(found.accuracy);
  };
  return [['', ...throughs], ...heads.map((head) => [head, ...throughs.map((through) => cell(head, through))])];
}
