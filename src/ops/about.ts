/** What each operator does, in a line, family by family; and what of ONNX's is called otherwise here. */

export interface AboutOperator {
  readonly does: string;
  /** A call, of inputs that are called as the operator's own are. */
  readonly call: string;
  /** ONNX's inputs and attributes that are called otherwise here, and what to write in their place. */
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface OperatorFamily {
  readonly title: string;
  /** What its operators have in common. */
  readonly about: string;
  readonly operators: Readonly<Record<string, AboutOperator>>;
}

const x = { X: '`x`', input: '`x`', data: '`x`' };
const ab = { A: '`a`', B: '`b`' };
const unary = (name: string, does: string): AboutOperator => ({ does, call: `onnx.${name}(x)`, renamed: x });
const binary = (name: string, does: string): AboutOperator => ({ does, call: `onnx.${name}(a, b)`, renamed: ab });
const lastAxis = (name: string, does: string): AboutOperator => ({ does, call: `onnx.${name}(x, axis: -1)`, renamed: x });
const reduce = (name: string, does: string): AboutOperator => ({ does, call: `onnx.${name}(x, axes: [-1])`, renamed: x });
const windowRenamed = { ...x, auto_pad: '`pads`' };

export const operatorFamilies: readonly OperatorFamily[] = [
  {
    title: 'One number at a time',
    about: 'The shape stays.',
    operators: {
      Identity: unary('Identity', 'x itself.'),
      Abs: unary('Abs', 'The number without its sign.'),
      Ceil: unary('Ceil', 'The next whole number upwards.'),
      Erf: unary('Erf', 'The error function.'),
      Exp: unary('Exp', 'e to the power of x.'),
      Floor: unary('Floor', 'The next whole number downwards.'),
      Gelu: unary('Gelu', 'x times the standard normal distribution’s share below x; or nearly so, by `approximate: "tanh"`.'),
      HardSigmoid: unary('HardSigmoid', '`alpha` x + `beta`, cut off at 0 and 1.'),
      LeakyRelu: unary('LeakyRelu', 'x, or `alpha` x where x is below 0.'),
      Log: unary('Log', 'The natural logarithm.'),
      Neg: unary('Neg', '-x.'),
      Reciprocal: unary('Reciprocal', '1 / x.'),
      Relu: unary('Relu', 'x, or 0 where x is below 0.'),
      Sigmoid: unary('Sigmoid', '1 / (1 + exp(-x)).'),
      Softplus: unary('Softplus', 'log(1 + exp(x)).'),
      Softsign: unary('Softsign', 'x / (1 + |x|).'),
      Sqrt: unary('Sqrt', 'The square root.'),
      Swish: unary('Swish', 'x times the sigmoid of x.'),
      Tanh: unary('Tanh', 'The hyperbolic tangent.'),
      Clip: { does: 'x, cut off at `min` and `max`, which are single numbers.', call: 'onnx.Clip(x, 0, 1)', renamed: x },
      Cast: { does: 'The numbers as another element type. To integers only where their range is known to fit.', call: 'onnx.Cast(x, to: f32)', renamed: { ...x, saturate: 'left out: a range that may not fit is refused' } },
      CastLike: { does: 'As Cast, to the element type of `like`.', call: 'onnx.CastLike(x, like)', renamed: { ...x, target_type: '`like`' } },
    },
  },
  {
    title: 'Two numbers at a time',
    about: 'Of equal shapes, or one of them the end of the other. A bare number takes the element type of the operand beside it.',
    operators: {
      Add: binary('Add', 'a + b. Also written `a + b`.'),
      Sub: binary('Sub', 'a - b. Also written `a - b`.'),
      Mul: binary('Mul', 'a b. Also written `a * b`.'),
      Div: binary('Div', 'a / b. Of integers it is cut off towards 0, the least number by -1 stays as it is, and a 0 in `b` ends the run with an error. Also written `a / b`.'),
      Max: binary('Max', 'The greater one.'),
      Min: binary('Min', 'The smaller one.'),
      Pow: binary('Pow', 'a to the power of b.'),
      Equal: binary('Equal', 'Whether a is b.'),
      Greater: binary('Greater', 'Whether a > b.'),
      GreaterOrEqual: binary('GreaterOrEqual', 'Whether a ≥ b.'),
      Less: binary('Less', 'Whether a < b.'),
      LessOrEqual: binary('LessOrEqual', 'Whether a ≤ b.'),
      And: binary('And', 'Whether both hold.'),
      Or: binary('Or', 'Whether one of them holds.'),
      Not: unary('Not', 'Whether it does not hold.'),
      Where: { does: '`a` where the condition holds, else `b`.', call: 'onnx.Where(condition, a, b)', renamed: { X: '`a`', Y: '`b`' } },
    },
  },
  {
    title: 'Matrices and windows',
    about: 'Convolutions and pools work on [batch, channels] and one to three axes behind them; empty lists stand for ones, and for no padding.',
    operators: {
      MatMul: binary('MatMul', 'The product of the last two axes of a and a matrix, or of as many of them.'),
      Gemm: { does: '`alpha` a b + `beta` c, of a and b or of their transposes.', call: 'onnx.Gemm(a, b)', renamed: { ...ab, C: '`c`' } },
      Conv: { does: 'A convolution with the kernels `w` [out, in / group, …] and the bias `b`. The kernel’s size is that of `w`.', call: 'onnx.Conv(x, w)', renamed: { X: '`x`', W: '`w`', B: '`b`', kernel_shape: 'left out: it is the shape of `w`', auto_pad: '`pads`' } },
      MaxPool: { does: 'The greatest of each window.', call: 'onnx.MaxPool(x, kernel_shape: [2, 2])', renamed: windowRenamed },
      AveragePool: { does: 'The mean of each window.', call: 'onnx.AveragePool(x, kernel_shape: [2, 2])', renamed: windowRenamed },
      GlobalAveragePool: unary('GlobalAveragePool', 'The mean of all places of a channel.'),
      GlobalMaxPool: unary('GlobalMaxPool', 'The greatest of all places of a channel.'),
      Resize: { does: 'Maps of another height and width: `sizes` has these two.', call: 'onnx.Resize(x, sizes: [16, 16])', renamed: { ...x, scales: '`sizes`', axes: 'left out: the last two axes are resized' } },
      CenterCropPad: { does: 'The middle of the last axes, of these `sizes`; it does not pad.', call: 'onnx.CenterCropPad(x, sizes: [4, 4])', renamed: { input_data: '`x`', shape: '`sizes`', axes: 'left out: `sizes` are those of the last axes' } },
      Pad: { does: 'More elements around the last axes: `pads` has the numbers before them all, then those behind; `mode` is "constant", "reflect" or "edge".', call: 'onnx.Pad(x, pads: [0, 1])', renamed: { ...x, constant_value: '`value`', axes: 'left out: `pads` are those of the last axes' } },
    },
  },
  {
    title: 'Rows',
    about: 'Along one axis, counted from the end where it is negative; the shape stays.',
    operators: {
      Softmax: lastAxis('Softmax', 'exp(x), divided by its sum.'),
      LogSoftmax: lastAxis('LogSoftmax', 'The logarithm of the softmax.'),
      LpNormalization: lastAxis('LpNormalization', 'x, divided by its norm; `p` is 1 or 2.'),
      LayerNormalization: { does: 'Rows of the last axis with mean 0 and variance 1, times `scale`, plus `bias`.', call: 'onnx.LayerNormalization(x, scale, bias)', renamed: { X: '`x`', Scale: '`scale`', B: '`bias`', axis: 'left out: it is the last axis' } },
      RMSNormalization: { does: 'Rows of the last axis with mean square 1, times `scale`.', call: 'onnx.RMSNormalization(x, scale)', renamed: { X: '`x`', axis: 'left out: it is the last axis' } },
      CumSum: lastAxis('CumSum', 'Each element with all before it.'),
    },
  },
  {
    title: 'One number of many',
    about: 'Along some axes, which stay with size 1 unless `keepdims: 0`.',
    operators: {
      ReduceL1: reduce('ReduceL1', 'The sum of the numbers without their signs.'),
      ReduceL2: reduce('ReduceL2', 'The root of the sum of squares.'),
      ReduceMax: reduce('ReduceMax', 'The greatest.'),
      ReduceMean: reduce('ReduceMean', 'The mean.'),
      ReduceMin: reduce('ReduceMin', 'The smallest.'),
      ReduceSum: reduce('ReduceSum', 'The sum.'),
      ArgMax: { does: 'The place of the first greatest, in i64.', call: 'onnx.ArgMax(x, axis: -1)', renamed: x },
      TopK: { does: 'A record: the `values` of the `k` greatest (smallest where `largest: 0`), and their `indices`.', call: 'onnx.TopK(x, k: 3)', renamed: { X: '`x`', K: '`k`', sorted: 'left out: they come sorted' } },
    },
  },
  {
    title: 'Layout',
    about: 'The same elements in another order, under another shape, or more than once.',
    operators: {
      Transpose: { does: 'The axes in another order: all of them, or as many at the end as `perm` has, counted from the end.', call: 'onnx.Transpose(x, perm: [-1, -2])', renamed: x },
      Reshape: { does: 'Another shape of as many elements; sizes may be names of the signature.', call: 'onnx.Reshape(x, shape: [batch, 2, 4])', renamed: { ...x, allowzero: 'left out: sizes are written out' } },
      Unsqueeze: { does: 'New axes of size 1 at these places of the result.', call: 'onnx.Unsqueeze(x, axes: [-1])', renamed: x },
      Squeeze: { does: 'The tensor without these axes, each of size 1.', call: 'onnx.Squeeze(x, axes: [-1])', renamed: x },
      Flatten: { does: 'A matrix: the axes before `axis` as one, the others as one.', call: 'onnx.Flatten(x)', renamed: x },
      Expand: { does: 'What has size 1 is repeated until the shape is that of `like`.', call: 'onnx.Expand(x, like)', renamed: { ...x, shape: '`like`, a tensor of that shape' } },
      Tile: { does: '`times` copies, one behind the other along `axis`.', call: 'onnx.Tile(x, axis: -1, times: 3)', renamed: { ...x, repeats: '`axis` and `times`' } },
      Concat: { does: 'Two or more tensors, one behind the other along an axis.', call: 'onnx.Concat(a, b, axis: -1)', renamed: { inputs: 'the tensors one by one' } },
      Slice: { does: 'From `start` up to, not including, `end` of one axis.', call: 'onnx.Slice(x, axis: -1, start: 0, end: 4)', renamed: { ...x, starts: '`start`', ends: '`end`', axes: '`axis`', steps: 'left out: a slice has no gaps' } },
      Gather: { does: 'The slices of an axis that the indices (i32 or i64, or numbers) name, in their order; a single one leaves the axis out.', call: 'onnx.Gather(x, indices, axis: -1)', renamed: x },
    },
  },
];

/** What is known of an operator; undefined where the name is none. */
export const aboutOperator = (name: string): AboutOperator | undefined => operatorFamilies.find(({ operators }) => Object.hasOwn(operators, name))?.operators[name];
