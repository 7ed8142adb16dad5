/** What a space's numbers look like: magnitudes, norms, dead and outlying columns. */
import { createRandom } from '../../data/random.ts';
import type { Features } from '../matrix.ts';
import { columnMeans, rowNorms } from '../rows.ts';
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
  /** The mean cosine of pairs of rows as they are: near 1 where all share an offset (anisotropy; Ethayarajh 2019). */
  readonly meanCosine: number;
}

const cosinePairs = 2000;
const outlierRatio = 36;

export function activationsOf(features: Features, seed: number): Activations {
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
    meanCosine: meanCosine(features, seed),
  };
}

/** Over pairs of different rows, drawn by the seed; rows of zeros are passed over. */
function meanCosine(features: Features, seed: number): number {
  const random = createRandom(seed);
  const { rows, columns, data } = features;
  if (rows < 2) return NaN;
  const norms = rowNorms(features);
  let [sum, count] = [0, 0];
  for (let pair = 0; pair < cosinePairs; pair++) {
    const i = random.integer(rows);
    const j = (i + 1 + random.integer(rows - 1)) % rows;
    if (norms[i] === 0 || norms[j] === 0) continue;
    let product = 0;
    for (let c = 0; c < columns; c++) product += data[i * columns + c]! * data[j * columns + c]!;
    sum += product / (norms[i]! * norms[j]!);
    count += 1;
  }
  return count === 0 ? NaN : sum / count;
}
