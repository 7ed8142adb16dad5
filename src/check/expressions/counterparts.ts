/** What layers and functions of PyTorch, Keras and NumPy are here. Names are without `_` and in lower case. */

export interface Counterpart {
  /** How it is written here; undefined where nothing is to be written. */
  readonly example: string | undefined;
  readonly why?: string;
  /** What an edit calls: `onnx.Relu`, or a part of the library; none where only the author knows the arguments. */
  readonly call?: string;
  /** The module of the library that the part stands in. */
  readonly from?: string;
  /** How many tensors come first, 1 if nothing is said; or a list of them. */
  readonly tensors?: number | 'list';
  /** What the arguments by position stand for here, behind the tensors; "" for what has no counterpart, "=1" for what has none unless it is 1. */
  readonly places?: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
  /** Arguments whose default is another one there. */
  readonly always?: Readonly<Record<string, string>>;
  /** The number of axes for which an edit means the same; of any if nothing is said. */
  readonly rank?: number;
  /** Without these an edit would be a guess. */
  readonly needs?: readonly string[];
  /** What is called along another axis than the last, where the part knows only that. */
  readonly along?: string;
  /** What `activation: "relu"` is called here is put behind it. */
  readonly activates?: boolean;
}

type Table = Readonly<Record<string, Counterpart>>;

const many = (names: string, counterpart: Counterpart): Table => Object.fromEntries(names.split(' ').map((name) => [name, counterpart]));
const axisNames = { dim: 'axis', axis: 'axis' } as const;
const part = (call: string, from: string, more: Partial<Counterpart> = {}): Counterpart => ({ example: `${call}(x)`, call, from, ...more });
const operator = (name: string, more: Partial<Counterpart> = {}): Counterpart => ({ example: `onnx.${name}(x)`, call: `onnx.${name}`, ...more });
const pair = (name: string): Counterpart => operator(name, { example: `onnx.${name}(a, b)`, tensors: 2 });

/** The axes stay with size 1 in ONNX, and go in most other libraries. */
const reduction = (name: string): Counterpart => operator(name, {
  example: `onnx.${name}(x, axes: [-1], keepdims: false)`, places: ['axes', 'keepdims'], always: { keepdims: 'false' }, needs: ['axes'],
  names: { dim: 'axes', dims: 'axes', axis: 'axes', axes: 'axes', keepdim: 'keepdims', keepdims: 'keepdims' },
});
const cast = (to: string): Counterpart => operator('Cast', { example: `onnx.Cast(x, to: ${to})`, always: { to } });

const leftOut = (why: string): Counterpart => ({ example: undefined, why });
const training = leftOut('It does something only while a network is trained, and a model only runs.');
const memory = leftOut('Where and how a tensor is kept is decided by the runtime.');

/** What is made first and called then, `nn.Linear(8, 4)(x)`: the arguments are those that it is made with. */
export const layers: Table = {
  linear: part('linear', 'nn', { example: 'linear(x, out: 4)', places: ['', 'out', '=true'], names: { in_features: '', out_features: 'out', bias: '=true' }, needs: ['out'] }),
  ...many('dense lazylinear', part('linear', 'nn', { example: 'linear(x, out: 4)', places: ['out'], names: { units: 'out', out_features: 'out', input_shape: '', input_dim: '' }, needs: ['out'], activates: true })),
  conv2d: part('conv2d', 'nn', { example: 'conv2d(x, out: 16, kernel: 3, pad: 1)', places: ['', 'out', 'kernel', '=1', 'pad'], names: { in_channels: '', out_channels: 'out', kernel_size: 'kernel', stride: '=1', padding: 'pad', bias: '=true' }, always: { pad: '0' }, needs: ['out', 'kernel'] }),
  layernorm: part('layer_norm', 'norm', { places: ['one', 'epsilon'], names: { normalized_shape: 'one', eps: 'epsilon' } }),
  layernormalization: part('layer_norm', 'norm', { names: { epsilon: 'epsilon', axis: '=-1' }, always: { epsilon: '1e-3' } }),
  rmsnorm: part('rms_norm', 'norm', { places: ['one', 'epsilon'], names: { normalized_shape: 'one', eps: 'epsilon' }, needs: ['epsilon'] }),
  softmax: part('softmax', 'nn', { places: ['axis'], names: axisNames, along: 'onnx.Softmax' }),
  logsoftmax: part('log_softmax', 'nn', { places: ['axis'], names: axisNames, along: 'onnx.LogSoftmax' }),
  leakyrelu: part('leaky_relu', 'nn', { places: ['slope'], names: { negative_slope: 'slope' } }),
  flatten: operator('Flatten', { places: ['=1'], names: { start_dim: '=1' } }),
  ...many('batchnorm batchnorm1d batchnorm2d batchnormalization', { example: 'scale_shift(x)', why: 'What a trained batch norm does is a factor and a summand for each feature: `scale_shift` of "std/norm", with weights that say so.' }),
  embedding: { example: 'onnx.Gather(table, ids)', why: 'The table is a `param table: f32[30522, 384]` of the part, and its numbers are in the weights.' },
  ...many('lstm gru rnn multiheadattention transformer transformerencoder transformerencoderlayer', { example: 'part read(x: f32[batch, seq, 8]) -> f32[batch, 8] source "./read.onnx"', why: 'Layers of this kind are trained elsewhere and come as an ONNX file: a `backbone`, or a part with a file in place of its body.' }),
  sequential: { example: 'x |> linear(out: 16) |> relu', why: 'What comes one behind the other is put behind each other by pipes.' },
  input: { example: 'input x: f32[batch, 8]', why: 'What goes into a model is declared in it.' },
};

/** What takes its tensors at once, as a function or as a method: `F.relu(x)`, `x.mean(dim=-1)`. */
export const functions: Table = {
  ...Object.fromEntries(['relu', 'gelu', 'silu', 'sigmoid', 'tanh', 'softplus'].map((name) => [name, part(name, 'nn')])),
  swish: part('silu', 'nn'), hardsigmoid: part('hard_sigmoid', 'nn'),
  softmax: layers.softmax!, logsoftmax: layers.logsoftmax!, leakyrelu: layers.leakyrelu!,
  layernorm: layers.layernorm!,
  normalize: part('l2_normalize', 'norm', { places: ['=2', 'axis'], names: { p: '=2', ...axisNames }, along: 'onnx.LpNormalization' }),
  cosinesimilarity: part('similarity', 'heads', { example: 'similarity(a, b)', tensors: 2 }),
  mean: reduction('ReduceMean'), average: reduction('ReduceMean'), sum: reduction('ReduceSum'), amax: reduction('ReduceMax'), amin: reduction('ReduceMin'),
  norm: { ...reduction('ReduceL2'), places: ['=2', 'axes', 'keepdims'] },
  max: reduction('ReduceMax'), min: reduction('ReduceMin'),
  argmax: operator('ArgMax', { example: 'onnx.ArgMax(x, axis: -1, keepdims: false)', places: ['axis', 'keepdims'], names: { ...axisNames, keepdim: 'keepdims', keepdims: 'keepdims' }, always: { keepdims: 'false' }, needs: ['axis'] }),
  topk: operator('TopK', { example: 'onnx.TopK(x, k: 3)', places: ['k'], names: { k: 'k' }, needs: ['k'] }),
  cumsum: operator('CumSum', { places: ['axis'], names: axisNames, needs: ['axis'] }),
  ...many('cat concat concatenate', operator('Concat', { example: 'onnx.Concat(a, b, axis: -1)', tensors: 'list', places: ['axis'], names: axisNames, always: { axis: '0' } })),
  stack: { example: 'onnx.Concat(onnx.Unsqueeze(a, axes: [1]), onnx.Unsqueeze(b, axes: [1]), axis: 1)' },
  ...many('split chunk', { example: 'onnx.Slice(x, axis: -1, start: 0, end: 4)', why: 'A call gives one value; each piece is taken by itself.' }),
  unsqueeze: operator('Unsqueeze', { example: 'onnx.Unsqueeze(x, axes: [1])', places: ['axes'], names: { dim: 'axes', axis: 'axes' }, needs: ['axes'] }),
  expanddims: operator('Unsqueeze', { example: 'onnx.Unsqueeze(x, axes: [1])', places: ['axes'], names: { axis: 'axes' }, needs: ['axes'] }),
  squeeze: operator('Squeeze', { example: 'onnx.Squeeze(x, axes: [1])', places: ['axes'], names: { dim: 'axes', axis: 'axes' }, needs: ['axes'] }),
  permute: operator('Transpose', { example: 'onnx.Transpose(x, perm: [0, 2, 1])', places: ['perm…'], names: { dims: 'perm' }, needs: ['perm'] }),
  transpose: operator('Transpose', {
    example: 'onnx.Transpose(x, perm: [-1, -2])', why: '`perm` says the order of all axes, or of as many at the end, counted from the end.',
    places: [], always: { perm: '[-1, -2]' }, rank: 2,
  }),
  layout: part('nhwc_to_nchw', 'vision', {
    names: { to: '=[n, c, h, w]' }, needs: ['=[n, c, h, w]'],
    why: 'Values are not turned by the labels of their axes. There are `nhwc_to_nchw` and `nchw_to_nhwc` for pictures, and `onnx.Transpose(x, perm: [0, 3, 1, 2])` for any other order.',
  }),
  ...many('reshape view', { example: 'onnx.Reshape(x, shape: [batch, 2, 4])', why: 'Sizes are numbers, or names of the signature; none is left to be found out.' }),
  flatten: operator('Flatten', { places: ['=1'], names: { start_dim: '=1' }, needs: ['=1'] }),
  ...many('expand broadcastto', { example: 'onnx.Expand(x, like)' }),
  ...many('repeat tile', { example: 'onnx.Tile(x, axis: -1, times: 3)' }),
  ...many('size shape', { example: undefined, why: 'Sizes have names in types: of `x: f32[batch, d]` a body means the second by `d`.' }),
  ...many('matmul mm bmm dot', pair('MatMul')),
  add: pair('Add'), sub: pair('Sub'), mul: pair('Mul'), div: pair('Div'), pow: pair('Pow'), maximum: pair('Max'), minimum: pair('Min'),
  where: operator('Where', { example: 'onnx.Where(condition, a, b)', tensors: 3 }),
  ...many('clamp clip', operator('Clip', { example: 'onnx.Clip(x, 0, 1)', places: ['min', 'max'], names: { min: 'min', max: 'max', amin: 'min', amax: 'max' }, needs: ['min', 'max'] })),
  ...Object.fromEntries(['Abs', 'Exp', 'Log', 'Sqrt', 'Erf', 'Floor', 'Ceil', 'Reciprocal', 'Neg'].map((name) => [name.toLowerCase(), operator(name)])),
  float: cast('f32'), double: cast('f64'), half: cast('f16'), long: cast('i64'), int: cast('i32'), bool: cast('bool'),
  ...many('to astype type cast', operator('Cast', { example: 'onnx.Cast(x, to: f32)', places: ['to'], names: { dtype: 'to', to: 'to' }, needs: ['to'] })),
  print: { example: undefined, why: 'Nothing is printed: what is to be seen is an `output` of the model, and `mdl run` shows it.' },
};

/** What is left out altogether, whether called as a function, as a method or as a layer. */
export const without: Table = {
  ...many('dropout dropout1d dropout2d alphadropout droppath spatialdropout1d gaussiannoise', training),
  ...many('detach stopgradient requiresgrad nograd eval train', training),
  ...many('contiguous clone cpu cuda', memory),
};
