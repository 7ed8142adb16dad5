/**
 * Answers that reach as far from the target's mean as targets do. A map of least squares, penalised or not, answers the nearer to the mean
 * the less it knows: there the biases of a head decide, which were learned on vectors of full size. Directions stay as they are.
 */
import type { Kernels } from '../kernels/kernels.ts';
import { toSingle } from '../matrix.ts';
import { affineAdapter, type AffineAdapter, type AffineMap } from './adapter.ts';
import { explainedPart, scoreOf, squaredError } from './cross-validation.ts';
import { judgeBridge, targetMeanWithout, type JudgedBridge, type Placed } from './direction.ts';
import type { Training } from './training.ts';

/** The parts whose maps can be drawn out, and the tensor that does it; what `translate`, `match_moments` and `coral` answer has the target's spread. */
const matrices: Readonly<Record<string, string>> = { affine: 'linear.w', centred_orthogonal: 'w', reduced_rank: 'project.w' };

/** The bridge with the target's spread, as told by rows left out, and judged anew; as it is where it does not surely point anywhere, has a spread of its own, or cannot move. */
export async function spreadOut(kernels: Kernels, training: Training, judged: JudgedBridge, placed?: Placed): Promise<JudgedBridge> {
  const { adapter, direction, maps } = judged;
  const matrix = matrices[adapter.part.name];
  if (matrix === undefined || training.centre === 'origin' || direction.mean <= 2 * direction.standardError) return judged;
  const factor = await reachOf(kernels, training, maps);
  if (factor === undefined) return judged;
  const wider = maps.map((map, k) => drawnOut(map, targetMeanWithout(training, k), factor));
  const folds: number[] = [];
  for (const [k, fold] of training.folds.entries()) folds.push(explainedPart(await squaredError(kernels, wider[k]!, fold), fold));
  return judgeBridge(kernels, training, { adapter: withSpread(adapter, matrix, training.all.meanY, factor), maps: wider, score: scoreOf(folds) }, placed);
}

/** How many times as far targets are from the mean of the others as answers are, by the root of the mean square over rows left out. */
async function reachOf(kernels: Kernels, training: Training, maps: readonly AffineMap[]): Promise<number | undefined> {
  let [targets, answers] = [0, 0];
  for (const [k, { w, b }] of maps.entries()) {
    const { x, y } = training.held[k]!;
    const centre = targetMeanWithout(training, k);
    targets += squaresAbout(y.data, centre);
    answers += squaresAbout((await kernels.affine(x, toSingle(w), Float32Array.from(b))).data, centre);
  }
  return answers > 0 && targets > 0 ? Math.sqrt(targets / answers) : undefined;
}

function squaresAbout(data: Float32Array, centre: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at++) sum += (data[at]! - centre[at % centre.length]!) ** 2;
  return sum;
}

const drawnOut = ({ w, b }: AffineMap, centre: Float64Array, factor: number): AffineMap => ({
  w: { ...w, data: w.data.map((value) => factor * value) },
  b: b.map((value, j) => centre[j]! + factor * (value - centre[j]!)),
});

function withSpread(adapter: AffineAdapter, matrix: string, centre: Float64Array, spread: number): AffineAdapter {
  const map = drawnOut(adapter.map, centre, spread);
  const tensors = adapter.tensors.map((tensor) => {
    if (tensor.name === matrix) return { ...tensor, data: tensor.data.map((value) => spread * value) };
    return tensor.name === 'linear.b' ? { ...tensor, data: Float32Array.from(map.b) } : tensor;
  });
  return affineAdapter({ method: adapter.method, part: adapter.part, tensors, settings: { ...adapter.settings, spread }, map });
}
