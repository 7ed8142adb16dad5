/** Every part of the library: how it is called, and what it computes, row by row, from the formula of its source. */
import { alongText, catmullRom, eachMap, filtered, nearest, overMap, permute, resized, squares, straight } from './maps.ts';
import { apply, columns, cosine, dot, logistic, mean, minus, norm, normalCdf, plus, softmax, standard, sum, times, unit, type Matrix, type Row } from './formulas.ts';

export interface Case {
  readonly module: string;
  readonly part: string;
  readonly call: string;
  /** `d` stands for the width of a shape. */
  readonly types: Readonly<Record<string, string>>;
  readonly result?: string;
  /** Dims of the weights; `d` stands for the width. */
  readonly weights?: Readonly<Record<string, string>>;
  /** The numbers of `x` lie between these; -3 and 3 unless told otherwise. */
  readonly between?: readonly [number, number];
  /** How much a relative error of the inputs of one may grow on its way; 1 for sums and averages. */
  readonly growth?: number;
  readonly compute: (given: Given) => readonly number[];
}

export interface Given {
  /** Rows of the last axis, of each input and of each weight. */
  readonly rows: Readonly<Record<string, Matrix>>;
  readonly seq: number;
  readonly d: number;
}

const x = 'f32[batch, d]';
const tokens = { x: 'f32[batch, seq, d]', mask: 'i64[batch, seq] where mask' };
type ByRow = (row: Row, weight: (name: string) => Matrix) => Row | number;

const eachRow = (by: ByRow) => ({ rows }: Given): readonly number[] => rows['x']!.flatMap((row) => by(row, (name) => rows[name]!));
const each = (f: (value: number) => number) => eachRow((row) => row.map(f));

/** The tokens of each text: their vectors, and their mask. */
const eachText = (by: (vectors: Matrix, mask: Row, weight: (name: string) => Matrix) => Row) => ({ rows, seq }: Given): readonly number[] =>
  Array.from({ length: rows['x']!.length / seq }, (_, i) => i).flatMap((i) =>
    by(rows['x']!.slice(i * seq, (i + 1) * seq), (rows['mask'] ?? rows['w'])?.[i] ?? [], (name) => rows[name]!),
  );

/** Σ w v / Σ w, or 0 where the weights are. */
function average(vectors: Matrix, weights: Row): Row {
  const zero = vectors[0]!.map(() => 0);
  const total = sum(weights);
  return total === 0 ? zero : times(vectors.reduce((a, v, i) => plus(a, times(v, weights[i]!)), zero), 1 / total);
}

const nn = (part: string, compute: Case['compute'], rest: Partial<Case> = {}): Case => ({ module: 'std/nn', part, call: `${part}(x)`, types: { x }, compute, ...rest });
const norms = (part: string, compute: Case['compute'], rest: Partial<Case> = {}): Case => ({ ...nn(part, compute, rest), module: 'std/norm' });
const text = (part: string, compute: Case['compute'], rest: Partial<Case> = {}): Case => ({ module: 'std/text', part, call: `${part}(x, mask: mask)`, types: tokens, compute, ...rest });
const learned = (module: string, part: string, args: string, result: string, weights: Case['weights'], compute: Case['compute'], rest: Partial<Case> = {}): Case => ({
  module, part, call: `${part}(x${args})`, types: { x }, result, ...(weights ? { weights } : {}), compute, ...rest,
});

const affine = (row: Row, w: Matrix, b: Matrix): Row => plus(apply(row, w), b[0]!);
const gelu = (value: number): number => value * normalCdf(value);
const linear = (path: string, from: string, to: string): Record<string, string> => ({ [`${path}.w`]: `${from},${to}`, [`${path}.b`]: to });

const nnCases: readonly Case[] = [
  nn('relu', each((v) => Math.max(v, 0))),
  nn('leaky_relu', each((v) => (v > 0 ? v : 0.25 * v)), { call: 'leaky_relu(x, slope: 0.25)' }),
  nn('gelu', each(gelu)),
  nn('gelu_tanh', each((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))))),
  nn('silu', each((v) => v / (1 + Math.exp(-v)))),
  nn('tanh', each(Math.tanh)),
  nn('sigmoid', each(logistic)),
  nn('hard_sigmoid', each((v) => Math.max(0, Math.min(1, v / 6 + 0.5)))),
  nn('softplus', each((v) => Math.log1p(Math.exp(v)))),
  nn('softmax', eachRow(softmax)),
  nn('log_softmax', eachRow((row) => softmax(row).map(Math.log))),
  nn('residual', ({ rows }) => rows['x']!.flatMap((row, i) => plus(row, rows['y']![i]!)), { call: 'residual(x, y)', types: { x, y: x } }),
  nn('concat', ({ rows }) => rows['x']!.flatMap((row, i) => [...row, ...rows['y']![i]!]), { call: 'concat(x, y)', types: { x, y: 'f32[batch, 3]' } }),
  nn('last', eachRow((row) => row.slice(-2)), { call: 'last(x, n: 2)', types: { x: 'f32[batch, 3]' } }),
  learned('std/nn', 'linear', ', out: 3', 'f32[batch, 3]', linear('linear', 'd', '3'), eachRow((row, w) => affine(row, w('linear.w'), w('linear.b')))),
  learned('std/nn', 'project', ', out: 3', 'f32[batch, 3]', { 'project.w': 'd,3' }, eachRow((row, w) => apply(row, w('project.w')))),
  learned('std/nn', 'conv1d', ', out: 3, kernel: 2, pad: 1', 'f32[batch, seq + 1, 3]', { 'conv1d.w': '3,d,2', 'conv1d.b': '3' },
    eachText((vectors, _, w) => alongText(vectors, w('conv1d.w'), w('conv1d.b')[0]!)), { types: { x: tokens.x } }),
  learned('std/nn', 'conv2d', ', out: 2', 'f32[3, 2, 2, 3]', { 'conv2d.w': '2,2,3,3', 'conv2d.b': '2' },
    ({ rows }) => overMap(rows['x']!, rows['conv2d.w']!, rows['conv2d.b']![0]!), { types: { x: 'f32[3, 2, 2, 3]' }, growth: 4 }),
  learned('std/nn', 'mlp', ', hidden: 5, out: 3', 'f32[batch, 3]', { ...linear('mlp.first', 'd', '5'), ...linear('mlp.second', '5', '3') },
    eachRow((row, w) => affine(affine(row, w('mlp.first.w'), w('mlp.first.b')).map((v) => Math.max(v, 0)), w('mlp.second.w'), w('mlp.second.b'))), { growth: 10 }),
];

const power = (row: Row, t: number): Row => {
  const powers = row.map((p) => Math.max(p, 1e-7) ** (1 / t));
  return times(powers, 1 / sum(powers));
};

const normCases: readonly Case[] = [
  norms('l2_normalize', eachRow(unit)),
  // What 1e-5 is added to may be near 0: an error of the variance of u grows to u / 1e-5 · |x| in the worst row.
  norms('standardize', eachRow((row) => standard(row, 1e-5)), { growth: 100 }),
  norms('temperature', each((v) => v / 0.5), { call: 'temperature(x, t: 0.5)' }),
  norms('sharpen', eachRow((row) => power(row, 0.5)), { types: { x: `${x} where range [0, 1]` }, between: [0, 1], growth: 30 }),
  learned('std/norm', 'layer_norm', '', x, { 'layer_norm.scale': 'd', 'layer_norm.shift': 'd' },
    eachRow((row, w) => plus(standard(row, 1e-5).map((v, i) => v * w('layer_norm.scale')[0]![i]!), w('layer_norm.shift')[0]!)), { growth: 100 }),
  learned('std/norm', 'rms_norm', '', x, { 'rms_norm.scale': 'd' },
    eachRow((row, w) => row.map((v, i) => (v / Math.sqrt(mean(row.map((u) => u * u)) + 1e-6)) * w('rms_norm.scale')[0]![i]!)), { growth: 10 }),
  learned('std/norm', 'scale_shift', '', x, { 'scale_shift.scale': 'd', 'scale_shift.shift': 'd' },
    eachRow((row, w) => row.map((v, i) => v * w('scale_shift.scale')[0]![i]! + w('scale_shift.shift')[0]![i]!))),
  learned('std/norm', 'match_moments', ', epsilon: 0.25', x, Object.fromEntries(['mean', 'deviation', 'target_mean', 'target_deviation'].map((n) => [`match_moments.${n}`, 'd'])),
    eachRow((row, w) => {
      const at = (name: string): Row => w(`match_moments.${name}`)[0]!;
      return row.map((v, i) => ((v - at('mean')[i]!) / Math.max(at('deviation')[i]!, 0.25)) * at('target_deviation')[i]! + at('target_mean')[i]!);
    }), { growth: 10 }),
];

const textCases: readonly Case[] = [
  text('zero_padding', eachText((vectors, mask) => vectors.flatMap((v, i) => v.map((value) => (mask[i] === 1 ? value : 0))))),
  text('mean_pool', eachText(average)),
  text('cls_pool', eachText((vectors) => vectors[0]!), { call: 'cls_pool(x)', types: { x: tokens.x } }),
  text('max_pool', eachText((vectors, mask) => {
    const present = vectors.filter((_, i) => mask[i] === 1);
    return vectors[0]!.map((_, c) => (present.length === 0 ? 0 : Math.max(...present.map((v) => v[c]!))));
  })),
  text('last_token_pool', eachText((vectors, mask) => vectors[mask.lastIndexOf(1)] ?? vectors[0]!.map(() => 0))),
  text('weighted_pool', eachText(average), { call: 'weighted_pool(x, weights: w)', types: { x: tokens.x, w: 'f32[batch, seq] where range [0, inf]' } }),
  text('position_weighted_pool', eachText((vectors, mask) => {
    let place = 0;
    return average(vectors, mask.map((m) => (m === 1 ? ++place : 0)));
  })),
  text('truncate', eachRow((row) => row.slice(0, 2)), { call: 'truncate(x, to: 2)', types: { x } }),
  text('matryoshka', eachRow((row) => unit(row.slice(0, 2))), { call: 'matryoshka(x, to: 2)', types: { x } }),
];

const three = 'f32[batch, 3]';
const heads = 'std/heads';
/** Softmax over the places where a token is; over all places where there is none. */
export function among(row: Row, mask: Row): Row {
  const powers = row.map((v, i) => (mask.includes(1) ? mask[i]! : 1) * (mask.includes(1) ? Math.exp(v) : 1));
  return times(powers, 1 / sum(powers));
}

const headCases: readonly Case[] = [
  learned(heads, 'linear_classifier', ', classes: 3', three, linear('linear_classifier.linear', 'd', '3'),
    eachRow((row, w) => softmax(affine(row, w('linear_classifier.linear.w'), w('linear_classifier.linear.b')))), { growth: 10 }),
  learned(heads, 'mlp_classifier', ', hidden: 5, classes: 3', three, { ...linear('mlp_classifier.mlp.first', 'd', '5'), ...linear('mlp_classifier.mlp.second', '5', '3') },
    eachRow((row, w) => {
      const hidden = affine(row, w('mlp_classifier.mlp.first.w'), w('mlp_classifier.mlp.first.b')).map((v) => Math.max(v, 0));
      return softmax(affine(hidden, w('mlp_classifier.mlp.second.w'), w('mlp_classifier.mlp.second.b')));
    }), { growth: 100 }),
  learned(heads, 'calibrate', '', x, { 'calibrate.inverse_temperature': '' },
    eachRow((row, w) => softmax(row.map((v) => v * w('calibrate.inverse_temperature')[0]![0]!))), { growth: 10 }),
  learned(heads, 'token_classifier', ', classes: 3', 'f32[batch, seq, 3]', linear('token_classifier.linear', 'd', '3'),
    eachRow((row, w) => softmax(affine(row, w('token_classifier.linear.w'), w('token_classifier.linear.b')))), { types: { x: tokens.x }, growth: 10 }),
  learned(heads, 'multi_label', ', classes: 3', three, linear('multi_label.linear', 'd', '3'),
    eachRow((row, w) => affine(row, w('multi_label.linear.w'), w('multi_label.linear.b')).map(logistic)), { growth: 10 }),
  learned(heads, 'cosine_classifier', ', classes: 3, temperature: 0.5', three, { 'cosine_classifier.directions': '3,d' },
    eachRow((row, w) => softmax(w('cosine_classifier.directions').map((p) => cosine(row, p) / 0.5))), { growth: 10 }),
  learned(heads, 'prototype_classifier', ', classes: 3', three, { 'prototype_classifier.prototypes': '3,d' },
    eachRow((row, w) => softmax(w('prototype_classifier.prototypes').map((p) => -(norm(minus(row, p)) ** 2)))), { growth: 100 }),
  learned(heads, 'ordinal', ', steps: 3', three, { 'ordinal.w': 'd,1', 'ordinal.thresholds': '3' },
    eachRow((row, w) => w('ordinal.thresholds')[0]!.map((t) => logistic(dot(row, columns(w('ordinal.w'))[0]!) + t))), { growth: 10 }),
  { module: heads, part: 'among_tokens', call: 'among_tokens(x, mask: mask)', types: { x: 'f32[batch, seq]', mask: tokens.mask },
    compute: ({ rows }) => rows['x']!.flatMap((row, i) => among(row, rows['mask']![i]!)) },
  learned(heads, 'regression', ', out: 2', 'f32[batch, 2]', linear('regression.linear', 'd', '2'),
    eachRow((row, w) => affine(row, w('regression.linear.w'), w('regression.linear.b')))),
  { module: heads, part: 'similarity', call: 'similarity(x, y)', types: { x, y: x }, compute: ({ rows }) => rows['x']!.map((row, i) => cosine(row, rows['y']![i]!)) },
  { module: heads, part: 'pairwise_similarity', call: 'pairwise_similarity(x, y)', types: { x, y: 'f32[others, d]' },
    compute: ({ rows }) => rows['x']!.flatMap((row) => rows['y']!.map((other) => cosine(row, other))) },
  learned(heads, 'projection', ', out: 3', three, { 'projection.w': 'd,3' }, eachRow((row, w) => unit(apply(row, w('projection.w')))), { growth: 100 }),
  learned(heads, 'attention_pool', ', mask: mask', x, { 'attention_pool.query': 'd,1' },
    eachText((vectors, mask, w) => {
      const query = columns(w('attention_pool.query'))[0]!;
      return average(vectors, vectors.map((v, i) => mask[i]! * Math.exp(dot(v, query))));
    }), { types: tokens, growth: 30 }),
];

const adapters = 'std/adapters';
const adapterCases: readonly Case[] = [
  { module: adapters, part: 'identity', call: 'identity(x)', types: { x }, compute: each((v) => v) },
  learned(adapters, 'affine', ', out: 3', three, linear('affine.linear', 'd', '3'), eachRow((row, w) => affine(row, w('affine.linear.w'), w('affine.linear.b')))),
  learned(adapters, 'reduced_rank', ', rank: 2, out: 3', three, { 'reduced_rank.project.w': 'd,2', ...linear('reduced_rank.linear', '2', '3') },
    eachRow((row, w) => affine(apply(row, w('reduced_rank.project.w')), w('reduced_rank.linear.w'), w('reduced_rank.linear.b'))), { growth: 4 }),
  learned(adapters, 'orthogonal', '', x, { 'orthogonal.w': 'd,d' }, eachRow((row, w) => apply(row, w('orthogonal.w')))),
  learned(adapters, 'centred_orthogonal', '', x, { 'centred_orthogonal.mean': 'd', 'centred_orthogonal.w': 'd,d', 'centred_orthogonal.target_mean': 'd' },
    eachRow((row, w) => plus(apply(minus(row, w('centred_orthogonal.mean')[0]!), w('centred_orthogonal.w')), w('centred_orthogonal.target_mean')[0]!)), { growth: 4 }),
  learned(adapters, 'low_rank', ', rank: 2', x, { 'low_rank.down.w': 'd,2', 'low_rank.up.w': '2,d' },
    eachRow((row, w) => plus(row, apply(apply(row, w('low_rank.down.w')), w('low_rank.up.w')))), { growth: 10 }),
  learned(adapters, 'houlsby', ', bottleneck: 2', x, { ...linear('houlsby.down', 'd', '2'), ...linear('houlsby.up', '2', 'd') },
    eachRow((row, w) => plus(row, affine(affine(row, w('houlsby.down.w'), w('houlsby.down.b')).map(gelu), w('houlsby.up.w'), w('houlsby.up.b')))), { growth: 10 }),
  learned(adapters, 'residual_mlp', ', hidden: 2, out: 3', three, { ...linear('residual_mlp.base', 'd', '3'), ...linear('residual_mlp.down', 'd', '2'), ...linear('residual_mlp.up', '2', '3') },
    eachRow((row, w) => plus(affine(row, w('residual_mlp.base.w'), w('residual_mlp.base.b')), affine(affine(row, w('residual_mlp.down.w'), w('residual_mlp.down.b')).map(gelu), w('residual_mlp.up.w'), w('residual_mlp.up.b')))), { growth: 10 }),
  learned(adapters, 'layer_norm_bridge', ', out: 3', three,
    { 'layer_norm_bridge.layer_norm.scale': 'd', 'layer_norm_bridge.layer_norm.shift': 'd', ...linear('layer_norm_bridge.linear', 'd', '3') },
    eachRow((row, w) => {
      const at = (name: string): Matrix => w(`layer_norm_bridge.${name}`);
      const normed = plus(standard(row, 1e-5).map((v, i) => v * at('layer_norm.scale')[0]![i]!), at('layer_norm.shift')[0]!);
      return affine(normed, at('linear.w'), at('linear.b'));
    }), { growth: 1000 }),
  learned(adapters, 'whitening', ', out: 3', three, { 'whitening.mean': 'd', 'whitening.w': 'd,3' },
    eachRow((row, w) => apply(minus(row, w('whitening.mean')[0]!), w('whitening.w'))), { growth: 4 }),
  learned(adapters, 'relative_representation', ', anchors: 3', three, { 'relative_representation.mean': 'd', 'relative_representation.points': '3,d' },
    eachRow((row, w) => {
      const centre = w('relative_representation.mean')[0]!;
      return w('relative_representation.points').map((p) => cosine(minus(row, centre), minus(p, centre)));
    }), { growth: 10 }),
];

const image = 'f32[batch, h, w, 3] where range [0, 1], color == rgb';
const pixels: readonly [number, number] = [0, 1];
const colours = (means: Row, deviations: Row) => eachRow((row) => row.map((v, i) => (v - means[i]!) / deviations[i]!));
const vision = (part: string, type: string, compute: Case['compute'], rest: Partial<Case> = {}): Case => ({ module: 'std/vision', part, call: `${part}(x)`, types: { x: type }, compute, ...rest });

const picture = 'f32[batch, 2, 3, d] where range [0, 1]';

const visionCases: readonly Case[] = [
  vision('rescale', x, each((v) => (v + 3) / 6 * 10 - 5), { call: 'rescale(x, from_low: -3, from_high: 3, to_low: -5, to_high: 5)' }),
  vision('to_unit', 'u8[batch, 2, 3, 4]', each((v) => v / 255), { between: [0, 255] }),
  vision('to_unit_float', 'f32[batch, 2, 3, 4] where range [0, 255]', each((v) => v / 255), { between: [0, 255] }),
  vision('imagenet_normalize', image, colours([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), { between: pixels }),
  vision('normalize', image, colours([0.25, -2, 3.5], [0.5, 4, 2]), { call: 'normalize(x, mean: [0.25, -2, 3.5], deviation: [0.5, 4, 2])', between: pixels }),
  vision('clip_normalize', image, colours([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]), { between: pixels }),
  vision('centre', `${x} where range [0, 1]`, each((v) => 2 * v - 1), { between: pixels }),
  vision('nhwc_to_nchw', 'f32[2, 3, 4, 5]', permute([2, 3, 4, 5], [0, 3, 1, 2])),
  vision('nchw_to_nhwc', 'f32[2, 3, 4, 5]', permute([2, 3, 4, 5], [0, 2, 3, 1])),
  vision('to_bgr', image, eachRow((row) => row.toReversed()), { between: pixels }),
  vision('to_rgb', image.replace('rgb', 'bgr'), eachRow((row) => row.toReversed()), { between: pixels }),
  vision('to_gray', image, eachRow(([r, g, b]) => 0.299 * r! + 0.587 * g! + 0.114 * b!), { between: pixels }),
  vision('resize', picture, resized(3, 2, straight), { call: 'resize(x, height: 3, width: 2)', between: pixels }),
  vision('resize_antialias', picture, resized(1, 2, filtered(1, (v) => 1 - v)), { call: 'resize_antialias(x, height: 1, width: 2)', between: pixels }),
  vision('resize_bicubic', picture, resized(3, 2, filtered(2, catmullRom)), { call: 'resize_bicubic(x, height: 3, width: 2)', between: pixels }),
  vision('resize_nearest', picture, resized(4, 7, nearest), { call: 'resize_nearest(x, height: 4, width: 7)', between: pixels }),
  // Of 2 rows the first and of 3 columns the middle one.
  vision('centre_crop', picture, ({ rows }) => rows['x']!.filter((_, i) => i % 6 === 1).flat(), { call: 'centre_crop(x, height: 1, width: 1)', between: pixels }),
  // [2, 2, 4, 6] as 2 by 3 squares of 2 by 2.
  vision('image_patches', 'f32[2, 2, 4, 6]', ({ rows }) => squares(rows['x']!), { call: 'image_patches(x, rows: 2, columns: 3, size: 2)' }),
  vision('patch_tokens', 'f32[2, 3, 4, 5]', ({ rows }) => permute([2, 3, 20], [0, 2, 1])({ rows })),
  vision('global_avg_pool', 'f32[batch, d, 2, 3]', eachMap(mean)),
  vision('global_max_pool', 'f32[batch, d, 2, 3]', eachMap((values) => Math.max(...values))),
  vision('patch_mean_pool', tokens.x, eachText((vectors) => average(vectors.slice(1), vectors.slice(1).map(() => 1)))),
];

export const cases: readonly Case[] = [...visionCases, ...nnCases, ...normCases, ...textCases, ...headCases, ...adapterCases];
