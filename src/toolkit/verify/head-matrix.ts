/** Which head on which encoder through which bridge: what all swaps of a file make of the answers, side by side. */
import { oneSided95, shareOf, someGroups, type Estimate } from '../../align/index.ts';
import { metrics, type MetricRow } from '../../check/tools/tables.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import type { RequiredAnswer } from './asked.ts';
import { estimate, onRows, rightOn, type Measured } from './measure.ts';
import type { SwapData } from './swap.ts';

export interface MatrixCell {
  /** `topic of Glosses` */
  readonly head: string;
  /** What gives the vectors: the old part, or one in its place. */
  readonly through: string;
  /** `accuracy` of a head of classes; of other answers what is required of them: `r2`, `retrieval, k: 5`. */
  readonly metric: string;
  readonly found: Estimate;
}

/** What a swap exchanges, by name. */
export interface NamedSwap {
  readonly part: string;
  readonly replacement: string;
  readonly model: string;
}

const seed = 0;

/** The cells of one swap: each answer on its own encoder, and on what stands in. */
export function cellsOf(heads: readonly Head[], required: readonly RequiredAnswer[], { part, replacement, model }: NamedSwap, data: SwapData): readonly MatrixCell[] {
  const rows = judgedRows(data);
  const groups = someGroups(data.together, rows);
  const both = (name: string, metric: string, { own, swapped }: { readonly own: Measured; readonly swapped: Measured }, find: (side: Measured) => Estimate): readonly MatrixCell[] =>
    ([[part, own], [replacement, swapped]] as const).map(([through, side]) => ({ head: `${name} of ${model}`, through, metric, found: find(side) }));
  return [
    ...heads.flatMap(({ name, measured }) => both(name, 'accuracy', measured, (side) => shareOf(rightOn(side, rows), groups, oneSided95))),
    ...required.flatMap(({ requirement: { metric }, measured, outputs: [prediction] }) =>
      both(prediction!.name, withOptions(metric), measured, (side) => estimate(metric.name, onRows(side, rows), { options: metric.options, seed, groups }))),
  ];
}

/** `retrieval, k: 5`: with the options that are not what they are anyway. */
function withOptions({ name, options }: RequiredAnswer['requirement']['metric']): string {
  const { options: specs }: MetricRow = metrics[name as keyof typeof metrics];
  return [name, ...[...options].flatMap(([option, value]) => (value === specs[option]?.default ? [] : [`${option}: ${JSON.stringify(value)}`]))].join(', ');
}

/** A row a head, a column an encoder: what was seen twice stands once. */
export function tableOf(cells: readonly MatrixCell[]): readonly (readonly string[])[] {
  const heads = [...new Set(cells.map(({ head }) => head))];
  const throughs = [...new Set(cells.map(({ through }) => through))];
  const show = ({ value, interval: { low, high } }: Estimate): string => `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  const cell = (head: string, through: string): string => {
    const known = cells.find((one) => one.head === head && one.through === through);
    return known === undefined ? '' : show(known.found);
  };
  return [['', ...throughs], ...heads.map((head) => [head, ...throughs.map((through) => cell(head, through))])];
}
