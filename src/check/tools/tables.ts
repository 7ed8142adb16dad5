/**
 * What tools can measure, minimise and do it by. Each table is a list of rows that the toolkit's own tables match name by
 * name; the checker knows of a row what can be wrong with its use.
 */
import type { Unit } from './quantities.ts';

export type OptionSpec =
  /** `above` excludes itself, `least` does not. */
  | { readonly type: 'number' | 'int'; readonly default: number; readonly above?: number; readonly least?: number; readonly most?: number }
  | { readonly type: 'bool'; readonly default: boolean }
  | { readonly type: 'word'; readonly default: string; readonly of: readonly string[] };

/** What inputs a loss or a metric takes, in their order. */
export interface InputSpec {
  readonly name: string;
  /** probabilities: values in [0, 1]. tensor: of any values. labels: classes, mostly a column. */
  readonly takes: 'probabilities' | 'tensor' | 'labels';
  /** Whether the probabilities are shares of the classes of a row: their logarithm is taken of one, and nothing but the sum draws the others down. */
  readonly sums?: true;
}

export interface MeasureRow {
  readonly words: string;
  readonly inputs: readonly InputSpec[];
  /** Inputs of which the sizes must be equal: all axes, or the last one. */
  readonly alike?: 'all' | 'last';
  readonly options: Readonly<Record<string, OptionSpec>>;
}

const probabilities: InputSpec = { name: 'prediction', takes: 'probabilities' };
const shares: InputSpec = { ...probabilities, sums: true };
const label: InputSpec = { name: 'label', takes: 'labels' };
const prediction: InputSpec = { name: 'prediction', takes: 'tensor' };
const target: InputSpec = { name: 'target', takes: 'tensor' };
const temperature = (value: number): OptionSpec => ({ type: 'number', default: value, above: 0 });

/** Losses, by the name that `loss` calls them by. Each is the mean over the rows of a batch. */
export const losses = {
  cross_entropy: { words: 'the negative logarithm of the probability of the right class', inputs: [shares, label], options: { label_smoothing: { type: 'number', default: 0, least: 0, most: 1 }, class_weight: { type: 'word', default: 'none', of: ['none', 'balanced'] } } },
  binary_cross_entropy: { words: 'the same for each of several labels', inputs: [probabilities, label], options: {} },
  mse: { words: 'the mean squared difference', inputs: [prediction, target], alike: 'all', options: {} },
  mae: { words: 'the mean absolute difference', inputs: [prediction, target], alike: 'all', options: {} },
  huber: { words: 'squared up to `delta`, absolute beyond (Huber 1964)', inputs: [prediction, target], alike: 'all', options: { delta: { type: 'number', default: 1, above: 0 } } },
  cosine: { words: '1 - the cosine of each pair', inputs: [prediction, target], alike: 'all', options: {} },
  info_nce: { words: 'each row against all others of the batch (van den Oord et al. 2018)', inputs: [{ name: 'x', takes: 'tensor' }, { name: 'y', takes: 'tensor' }], alike: 'last', options: { temperature: temperature(0.07) } },
  kl: { words: "how far one head's answers are from another's (Hinton et al. 2015)", inputs: [{ name: 'student', takes: 'probabilities', sums: true }, { name: 'teacher', takes: 'probabilities' }], alike: 'all', options: {} },
  clusters: { words: "the shares of a vector in clusters of the target space, against its partner's", inputs: [{ name: 'x', takes: 'tensor' }, { name: 'y', takes: 'tensor' }], alike: 'all', options: { k: { type: 'int', default: 10, least: 2 }, temperature: temperature(1) } },
  orthogonality: { words: 'how far the matrices that are learned are from orthonormal ones', inputs: [], options: {} },
} as const satisfies Record<string, MeasureRow>;

export interface MetricRow extends MeasureRow {
  /** Which way is better. */
  readonly better: 'higher' | 'lower';
  readonly unit: Unit;
  /** The least and the most that it can be: a bound outside says nothing. */
  readonly lies: Interval;
}

/** Both ends belong to it, where they are finite. */
export type Interval = readonly [least: number, most: number];

const upTo = (most: number): Interval => [0, most];
const cosine: Interval = [-1, 1];
const share = { unit: 'share', better: 'higher', lies: upTo(1) } as const;
const k: OptionSpec = { type: 'int', default: 10, least: 1 };

/** Metrics of `require`. */
export const metrics = {
  accuracy: { words: 'the share of rows whose likeliest class is the right one', inputs: [prediction, label], options: {}, ...share },
  balanced_accuracy: { words: 'the mean over the classes of their recall', inputs: [prediction, label], options: {}, ...share },
  f1: { words: 'the harmonic mean of precision and recall', inputs: [prediction, label], options: { average: { type: 'word', default: 'macro', of: ['macro', 'micro', 'weighted'] } }, ...share },
  precision: { words: 'the share of what was found that is right', inputs: [prediction, label], options: { average: { type: 'word', default: 'macro', of: ['macro', 'micro', 'weighted'] } }, ...share },
  recall: { words: 'the share of what is right that was found', inputs: [prediction, label], options: { average: { type: 'word', default: 'macro', of: ['macro', 'micro', 'weighted'] } }, ...share },
  auc: { words: 'the area under the ROC curve', inputs: [prediction, label], options: {}, ...share },
  nll: { words: 'the mean negative logarithm of the probability of the right class', inputs: [shares, label], options: {}, unit: 'number', better: 'lower', lies: upTo(Infinity) },
  brier: { words: 'the mean squared difference of probabilities and truth', inputs: [probabilities, label], options: {}, unit: 'number', better: 'lower', lies: upTo(Infinity) },
  ece: { words: 'the expected calibration error', inputs: [probabilities, label], options: { bins: { type: 'int', default: 15, least: 1 } }, unit: 'share', better: 'lower', lies: upTo(1) },
  mse: { words: 'the mean squared difference', inputs: [prediction, target], alike: 'all', options: {}, unit: 'number', better: 'lower', lies: upTo(Infinity) },
  mae: { words: 'the mean absolute difference', inputs: [prediction, target], alike: 'all', options: {}, unit: 'number', better: 'lower', lies: upTo(Infinity) },
  r2: { words: 'the share of the variance that is explained, the mean over the columns', inputs: [prediction, target], alike: 'all', options: { average: { type: 'word', default: 'macro', of: ['macro', 'weighted'] } }, ...share, lies: [-Infinity, 1] },
  cosine: { words: 'the mean cosine of each pair', inputs: [prediction, target], alike: 'all', options: {}, unit: 'number', better: 'higher', lies: cosine },
  retrieval: { words: 'the share of rows whose own partner is among the nearest `k`', inputs: [{ name: 'query', takes: 'tensor' }, { name: 'key', takes: 'tensor' }], alike: 'last', options: { k: { ...k, default: 1 } }, ...share },
} as const satisfies Record<string, MetricRow>;

export type GateRow = Pick<MetricRow, 'words' | 'unit' | 'better' | 'lies'>;

/** What the gates of `verify` compute by themselves. */
export const gateMetrics = {
  'cka.value': { words: 'debiased linear CKA', unit: 'number', better: 'higher', lies: cosine },
  'cka.p': { words: 'the p of CKA against its permutation null', unit: 'share', better: 'lower', lies: upTo(1) },
  'information.p': { words: 'the p of what is kept within a class, against pairs permuted within it', unit: 'share', better: 'lower', lies: upTo(1) },
  'flips.negative': { words: 'the share of rows that were right and are wrong after the swap', unit: 'share', better: 'lower', lies: upTo(1) },
  'recall.kept': { words: 'the share of the neighbours of a full re-index that a bridged query finds in the old index', ...share },
  'concepts.cosine': { words: 'the smallest cosine of class directions before and after', unit: 'number', better: 'higher', lies: cosine },
} as const satisfies Record<string, GateRow>;

export interface MethodRow {
  readonly words: string;
  /** The losses that it can minimise; `any` for the gradient. */
  readonly minimises: readonly string[] | 'any';
  readonly options: Readonly<Record<string, OptionSpec>>;
}

const epochs: OptionSpec = { type: 'int', default: 20, least: 1 };
const batch: OptionSpec = { type: 'int', default: 64, least: 1 };
const learningRate = (value: number): OptionSpec => ({ type: 'number', default: value, above: 0 });
const weightDecay = (value: number): OptionSpec => ({ type: 'number', default: value, least: 0 });
/** What all methods by gradient share. `patience` counts epochs, 0 is without end; `holdout` and `warmup` are shares. */
const byGradient = {
  epochs,
  batch,
  schedule: { type: 'word', default: 'constant', of: ['constant', 'cosine', 'linear'] },
  warmup: { type: 'number', default: 0, least: 0, most: 1 },
  weight_decay: weightDecay(0),
  holdout: { type: 'number', default: 0.1, least: 0, most: 0.5 },
  patience: { type: 'int', default: 5, least: 0 },
} as const satisfies Readonly<Record<string, OptionSpec>>;
const center: OptionSpec = { type: 'bool', default: true };

/** How a `fit` finds what it looks for. The closed forms minimise squared distances. */
export const methods = {
  auto: { words: 'the simplest that is within one standard error of the best, by cross-validation', minimises: 'any', options: {} },
  procrustes: { words: 'a rotation, by a singular value decomposition (Schönemann 1966)', minimises: ['mse', 'cosine'], options: { center, scale: { type: 'bool', default: false }, standardise: { type: 'bool', default: false } } },
  translate: { words: 'a move, and one scale for all columns unless `scale` is false: the baseline', minimises: ['mse', 'cosine'], options: { scale: { type: 'bool', default: true } } },
  match_moments: { words: "each column's mean and deviation replaced by the target's (Huang and Belongie 2017)", minimises: ['mse'], options: {} },
  coral: { words: "the covariance replaced by the target's; finds no rotation (Sun, Feng and Saenko 2016)", minimises: ['mse'], options: {} },
  standardise: { words: 'each column with mean 0 and variance 1; looks at no target', minimises: ['mse', 'cosine'], options: {} },
  whitening: { words: 'columns made uncorrelated, of variance 1, and as near to what they were as can be (ZCA); looks at no target', minimises: ['mse', 'cosine'], options: {} },
  relative: { words: 'the cosines with rows of the data; looks at no target (Moschella et al. 2023)', minimises: ['mse', 'cosine'], options: { anchors: { type: 'int', default: 0, least: 0 } } },
  least_squares: { words: 'an affine map, by the normal equations', minimises: ['mse'], options: { center } },
  ridge: { words: 'an affine map with a penalty, chosen by cross-validation where `lambda` is 0', minimises: ['mse'], options: { center, lambda: { type: 'number', default: 0, least: 0 } } },
  low_rank: { words: 'ridge, projected on `rank` directions', minimises: ['mse'], options: { rank: { type: 'int', default: 64, least: 1 } } },
  logistic: { words: 'a linear head by multinomial logistic regression, its penalty by cross-validation where it is 0', minimises: ['cross_entropy'], options: { penalty: { type: 'number', default: 0, least: 0 } } },
  prototypes: { words: 'a linear head that finds the nearest mean of a class', minimises: ['cross_entropy'], options: {} },
  neighbours: { words: 'a linear head that learns what the `k` nearest rows say of each (distilled from nearest neighbours)', minimises: ['cross_entropy'], options: { k: { type: 'int', default: 10, least: 1 } } },
  temperature: { words: 'one temperature for logits, by the likelihood (Guo et al. 2017)', minimises: ['cross_entropy'], options: {} },
  adam: { words: 'by gradient (Kingma and Ba 2015)', minimises: 'any', options: { lr: learningRate(1e-3), ...byGradient } },
  adamw: { words: 'by gradient, weights drawn to 0 apart from it (Loshchilov and Hutter 2019)', minimises: 'any', options: { lr: learningRate(1e-3), ...byGradient, weight_decay: weightDecay(0.01) } },
  sgd: { words: 'by gradient, with momentum', minimises: 'any', options: { lr: learningRate(1e-2), momentum: { type: 'number', default: 0.9, least: 0, most: 1 }, ...byGradient } },
  lbfgs: { words: 'by gradient over all rows at once (Liu and Nocedal 1989)', minimises: 'any', options: { iterations: { type: 'int', default: 500, least: 1 }, penalty: { type: 'number', default: 0, least: 0 } } },
} as const satisfies Record<string, MethodRow>;

export interface CostRow {
  readonly words: string;
  readonly unit: Unit;
  /** Whether it is of a run, and so depends on where that is. */
  readonly onDevice: boolean;
  /** Which way is better, where that is not lower. */
  readonly better?: 'higher';
}

/** What a `budget` can bound. A share is of what the model's backbones have by themselves. */
export const costs = {
  parameters: { words: 'the numbers that were learned', unit: 'count', onDevice: false },
  bytes: { words: 'the bytes of its weights', unit: 'bytes', onDevice: false },
  macs: { words: 'multiplications with an addition, for one row', unit: 'count', onDevice: false },
  memory: { words: 'the most memory that a run takes', unit: 'bytes', onDevice: true },
  throughput: { words: 'rows a second, in batches of 32', unit: 'count', onDevice: true, better: 'higher' },
  'latency.p50': { words: 'the time that half of all runs keep within', unit: 'time', onDevice: true },
  'latency.p90': { words: 'the time that 90 of 100 runs keep within', unit: 'time', onDevice: true },
  'latency.p99': { words: 'the time that 99 of 100 runs keep within', unit: 'time', onDevice: true },
} as const satisfies Record<string, CostRow>;

/** What can bring a slot of a `rollout` back to an earlier head. */
export const signals = {
  error_rate: { words: 'the share of requests that failed', unit: 'share', lies: upTo(1) },
  disagreement: { words: "the share of requests to which the arms' answers differ", unit: 'share', lies: upTo(1) },
  drift: { words: 'the share of answers that would have to be others for the classes, or the tenths of the values, to be as often as in the golden data', unit: 'share', lies: upTo(1) },
  'latency.p50': { words: 'the time that half of all requests keep within', unit: 'time', lies: upTo(Infinity) },
  'latency.p99': { words: 'the time that 99 of 100 requests keep within', unit: 'time', lies: upTo(Infinity) },
} as const satisfies Record<string, { words: string; unit: Unit; lies: Interval }>;

/** Where something may run; what the machine has is found out there. */
export const devices: readonly string[] = ['auto', 'gpu', 'cuda', 'webgpu', 'dml', 'cpu', 'coreml', 'tensorrt'];

/** A table's row by name; names that every object has are none. */
export const rowOf = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
