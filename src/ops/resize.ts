/** Maps of another height and width. */
import { constantOf } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { wideOf } from '../types/wide-range.ts';
import { elementFacts, emptyAxis, someElements } from './axes.ts';
import { anything, describeDType, floats, works } from './dtypes.ts';
import { coordinateModes, interpolationMatrix, nearestIndices, nearestModes, resizeModes, type Interpolation } from './interpolation.ts';
import { flagAt, inferred, int, numberAt, refuse, sizesAt, type AttributeValues, type Emitter, type Operator, type OperatorCall } from './operator.ts';
import { rangeOf, roundedRange } from './range.ts';
import { signOf } from './reductions.ts';
import { result } from './shapes.ts';
import { dtypeOf } from './written-out.ts';

const within = <T extends string>(list: readonly T[], attributes: AttributeValues, name: string): T | undefined => list.find((value) => value === attributes.get(name));

/** What the attributes say, or what is wrong with them. */
function interpolationOf(attributes: AttributeValues): Interpolation | string {
  const mode = within(resizeModes, attributes, 'mode');
  const coordinates = within(coordinateModes, attributes, 'coordinate_transformation_mode');
  const nearest = within(nearestModes, attributes, 'nearest_mode');
  const oneOf = (name: string, list: readonly string[]): string => `\`${name}\` is one of ${list.map((value) => `"${value}"`).join(', ')}`;
  if (mode === undefined) return oneOf('mode', resizeModes);
  if (coordinates === undefined) return oneOf('coordinate_transformation_mode', coordinateModes);
  if (nearest === undefined) return oneOf('nearest_mode', nearestModes);
  const antialias = flagAt(attributes, 'antialias');
  const excludeOutside = flagAt(attributes, 'exclude_outside');
  if (antialias && mode === 'nearest') return '`antialias` is for "linear" and "cubic"';
  // As ONNX says; runtimes ignore it elsewhere.
  if (excludeOutside && mode !== 'cubic' && !antialias) return '`exclude_outside` is for "cubic" and for `antialias`';
  return { mode, coordinates, nearest, antialias, excludeOutside, cubicA: numberAt(attributes, 'cubic_coeff_a') };
}

/**
 * Means with weights that are not negative lie among what they are of, up to the roundings of four products, their sum and their
 * weights: 16 units in the last place cover them. Cubic weights can be negative.
 */
function interpolated(x: TensorType, { mode, antialias }: Interpolation): readonly Fact[] {
  if (mode === 'nearest') return elementFacts(x);
  if (mode === 'cubic') return [];
  const { evidence, ...range } = rangeOf(x);
  const { low, high } = wideOf(range);
  const widest = 2 ** -20 * Math.max(Math.abs(low), Math.abs(high));
  const precise = (x.dtype === 'f32' || x.dtype === 'f64') && !antialias && Number.isFinite(widest);
  return [...signOf(x), ...(precise ? roundedRange({ low: low === 0 ? 0 : low - widest, high: high === 0 ? 0 : high + widest, evidence }, x.dtype) : [])];
}

const spatial = (x: TensorType): readonly (number | undefined)[] => x.shape.axes.slice(2).map(({ size }) => constantOf(size));

/** [N, C, H, W] to the last two of `sizes`. */
export const resize: Operator = {
  name: 'Resize',
  inputs: ['x'],
  attributes: {
    sizes: { type: 'sizes' },
    mode: { type: 'string', default: 'nearest' },
    coordinate_transformation_mode: { type: 'string', default: 'half_pixel' },
    nearest_mode: { type: 'string', default: 'round_prefer_floor' },
    cubic_coeff_a: { type: 'float', default: -0.75 },
    exclude_outside: { type: 'int', default: 0 },
    antialias: { type: 'int', default: 0 },
  },
  // Before its own opset it is written out, which takes an input of a known height and width.
  since: ([x], attributes) => (spatial(x!).includes(undefined) ? native(attributes) : works(x!.dtype, floats) || attributes.get('mode') === 'nearest' ? 7 : native(attributes)),
  infer: ([x], attributes) => {
    const how = interpolationOf(attributes);
    if (typeof how === 'string') return refuse(how);
    const takes = how.mode === 'nearest' ? anything : floats;
    if (!works(x!.dtype, takes)) return refuse(describeDType(x!.dtype, 'floats, as long as its `mode` is not "nearest"'));
    if (x!.shape.rest !== undefined || x!.shape.axes.length !== 4) return refuse(`it works on [batch, channels, height, width], not on ${showTensor(x!)}`);
    const sizes = sizesAt(attributes, 'sizes');
    if (sizes.length !== 2 || sizes.some((size) => (constantOf(size) ?? 1) < 1)) return refuse('`sizes` is a height and a width, each 1 or more');
    const empty = emptyAxis(x!, [-2, -1]);
    if (empty !== undefined) return refuse(empty);
    const axes = x!.shape.axes.map((axis, i) => (i < 2 ? axis : { size: sizes[i - 2]!, ...(axis.label === undefined ? {} : { label: axis.label }) }));
    return inferred(result([x!], { axes }, interpolated(x!, how)), someElements(x!, [-2, -1]));
  },
  // Where the opset is too old for either, that has been told, and what is written is not used.
  emit: (call, to) => (to.opset >= native(call.attributes) || spatial(call.types[0]!).includes(undefined) ? emitNative(call, to) : emitWrittenOut(call, to)),
};

/** Sizes of the result since opset 11, filters that widen since 18. */
const native = (attributes: AttributeValues): number => (flagAt(attributes, 'antialias') ? 18 : 11);

function emitNative({ inputs, attributes, types }: OperatorCall, to: Emitter): string {
  const x = inputs[0]!;
  const sizes = sizesAt(attributes, 'sizes').map((size) => constantOf(size) ?? 1);
  const how = interpolationOf(attributes) as Interpolation;
  const text = (value: string) => ({ type: 'string', value }) as const;
  const written = {
    mode: text(how.mode),
    coordinate_transformation_mode: text(how.coordinates),
    ...(how.mode === 'nearest' ? { nearest_mode: text(how.nearest) } : {}),
    ...(how.mode === 'cubic' ? { cubic_coeff_a: { type: 'float', value: how.cubicA } as const } : {}),
    ...(how.excludeOutside ? { exclude_outside: int(1) } : {}),
    ...(how.antialias ? { antialias: int(1) } : {}),
  };
  const kept = to.node('Slice', [to.node('Shape', [x]), to.ints([0]), to.ints([2])]);
  const all = to.node('Concat', [kept, to.ints(sizes)], { axis: int(0) });
  // The region of interest and the scales could not be left out before opset 13.
  const none = to.opset >= 13 ? '' : to.constant(types[0]!.dtype === 'f64' ? 'f64' : 'f32', [], [0]);
  return to.node('Resize', [x, none, to.opset >= 13 ? '' : to.constant('f32', [], [0]), all], written);
}

/** Along the height, then along the width: the elements that are nearest, or products with matrices of weights. */
function emitWrittenOut(call: OperatorCall, to: Emitter): string {
  const how = interpolationOf(call.attributes) as Interpolation;
  const [h, w] = spatial(call.types[0]!) as [number, number];
  const [height, width] = sizesAt(call.attributes, 'sizes').map((size) => constantOf(size) ?? 1) as [number, number];
  if (how.mode === 'nearest') {
    const rows = to.node('Gather', [call.inputs[0]!, to.ints(nearestIndices(h, height, how))], { axis: int(2) });
    return to.node('Gather', [rows, to.ints(nearestIndices(w, width, how))], { axis: int(3) });
  }
  const dtype = dtypeOf(call);
  const left = to.constant(dtype, interpolationMatrix(h, height, how), [height, h]);
  const turned = interpolationMatrix(w, width, how);
  const right = Array.from({ length: w * width }, (_, i) => turned[(i % width) * w + Math.floor(i / width)]!);
  return to.node('MatMul', [to.node('MatMul', [left, call.inputs[0]!]), to.constant(dtype, right, [w, width])]);
}
