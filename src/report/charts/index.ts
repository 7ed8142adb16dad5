/** How each kind of chart is drawn, and how it is written as a table. */
import type { Table } from '../document.ts';
import type { Markup } from '../markup.ts';
import type { Chart } from './chart.ts';
import { drawLines, tabulateLines } from './lines.ts';
import { drawMatrix, tabulateMatrix } from './matrix.ts';
import { drawPoints, tabulatePoints } from './points.ts';
import { drawReliability, tabulateReliability } from './reliability.ts';
import { drawTrend, tabulateTrend } from './trend.ts';

type Of<K extends Chart['kind']> = Extract<Chart, { kind: K }>;
interface Kind<K extends Chart['kind']> {
  draw(chart: Of<K>): Markup;
  tabulate(chart: Of<K>): Table;
}

const kinds: { readonly [K in Chart['kind']]: Kind<K> } = {
  lines: { draw: drawLines, tabulate: tabulateLines },
  matrix: { draw: drawMatrix, tabulate: tabulateMatrix },
  points: { draw: drawPoints, tabulate: tabulatePoints },
  reliability: { draw: drawReliability, tabulate: tabulateReliability },
  trend: { draw: drawTrend, tabulate: tabulateTrend },
};

// The kind of the chart is the key of its row.
export const drawChart = (chart: Chart): Markup => (kinds[chart.kind] as Kind<Chart['kind']>).draw(chart);
export const tabulateChart = (chart: Chart): Table => (kinds[chart.kind] as Kind<Chart['kind']>).tabulate(chart);
