/** Costs for people. */
import type { DescribedCosts } from '../../ir/costs/describe.ts';
import { showBytes } from './show-bytes.ts';

/** Longer expressions are for programs. */
const longest = 200;

export function showFigure(figure: DescribedCosts['macs']): string {
  const text = String(figure);
  return figure === null || text.length > longest ? 'too long to be shown: see --json, or give sizes' : text;
}

const showSize = (figure: DescribedCosts['peak']): string => (typeof figure === 'number' ? showBytes(figure) : `${showFigure(figure)}${figure === null || figure.length > longest ? '' : ' bytes'}`);

/** Rows of a name and a figure. */
export function describeCostRows(costs: DescribedCosts & { readonly macsByOperator: Readonly<Record<string, DescribedCosts['macs']>> }): string[][] {
  const operators = Object.entries(costs.macsByOperator);
  return [
    ['parameters', String(costs.parameters)],
    ['weights', showBytes(costs.bytes)],
    ['multiply-adds', showFigure(costs.macs)],
    ...(operators.length > 1 ? operators.map(([op, macs]) => [`  ${op}`, showFigure(macs)]) : []),
    ['tensors at most', showSize(costs.peak)],
    ...gapsOf(costs).map((gap) => ['not counted', gap]),
  ];
}

function gapsOf({ uncounted }: DescribedCosts): string[] {
  const { operators = [], tensors = [] } = uncounted ?? {};
  return [...(operators.length > 0 ? [`multiply-adds of ${operators.join(', ')}`] : []), ...(tensors.length > 0 ? [`bytes of ${tensors.join(', ')}`] : [])];
}

/** One line for the whole and one for each part. */
export function summarizeCosts({ parts, ...whole }: DescribedCosts & { readonly parts: readonly (DescribedCosts & { readonly name: string })[] }): string[] {
  const line = (name: string, costs: DescribedCosts): string =>
    [`${name}: ${costs.parameters} parameters`, `${showBytes(costs.bytes)} of weights`, `${showFigure(costs.macs)} multiply-adds`, ...gapsOf(costs).map((gap) => `not counted: ${gap}`)].join(', ');
  return [line('whole', whole), ...parts.map((part) => line(part.name, part))];
}
