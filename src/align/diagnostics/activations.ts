/** What a space's numbers look like: magnitudes, norms, dead and outlying columns. */
import type { Features } from '../matrix.ts';
import { columnMeans, rowNorms, unitRows } from '../rows.ts';
import { quantile } from '../statistics/bootstrap.ts';

export interface Activations {
  readonly rows: number;
  readonly columns: number;
  readonly meanAbsolute: number;
  /** Euclidean norms of the rows: mean, standard deviation, and the quantiles 0.05, 0.5 and 0.95. */
  readonly norms: { readonly mean: number; readonly deviation: number; readonly quantiles: readonly [number, number, number] };
  /** Columns that never change. */
  readonly dead: readonly number[];
  /** Columns whose mean square is more than 36 times the median of all: "massive activations" (6 deviations). */
  readonly outliers: readonly number[];
  /** The mean cosine of all pairs of rows as they are: near 1 where all share an offset (anisotropy; Ethayarajh 2019). */
  readonly meanCosine: number;
}

const outlierRatio = 36;

export function activationsOf(features: Features): Activations {
  const { rows, columns, data } = features;
  const means = columnMeans(features);
  const squares = new Float64Array(columns);
  const spread = new Float64Array(columns);
  let absolute = 0;
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++) {
      absolute += Math.abs(data[at]!);
      squares[j]! += data[at]! ** 2 / rows;
      spread[j]! += Math.abs(data[at]! - data[j]!);
    }
  const norms = rowNorms(features).sort();
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / rows;
  const variance = norms.reduce((sum, norm) => sum + (norm - mean) ** 2, 0) / rows;
  const median = quantile(Float64Array.from(squares).sort(), 0.5);
  return {
    rows,
    columns,
    meanAbsolute: absolute / data.length,
    norms: {
      mean,
      deviation: Math.sqrt(variance),
      quantiles: [quantile(norms, 0.05), quantile(norms, 0.5), quantile(norms, 0.95)],
    },
    dead: [...means.keys()].filter((j) => spread[j] === 0),
    outliers: [...means.keys()].filter((j) => squares[j]! > outlierRatio * median),
    meanCosine: meanCosine(features),
  };
}

/** Over all pairs of different rows, as the square of the sum of their directions holds them; rows of zeros are passed over. */
function meanCosine(features: Features): number {
  const count = rowNorms(features).reduce((sum, norm) => sum + (norm > 0 ? 1 : 0), 0);
  if (count < 2) return NaN;
  const sum = columnMeans(unitRows(features)).map((mean) => mean * features.rows);
  return (sum.reduce((square, value) => square + value * value, 0) - count) / (count * (count - 1));
}
