/** Operators that pick places of an axis, or blend them: what came out is handed back to where it was taken from. */
import { int, ints } from '../operator.ts';
import { padZeros, sliceAxis } from './layout.ts';
import { notation, type Notation } from '../notation.ts';
import { countOf, fromStart, intAt, listAt, numbersAt, stringAt, written, type GradientCall, type GradientRule, type GradientRules } from './rule.ts';

/** The places that the kernel itself names; where windows overlap, a place may be the greatest of several. */
const maxPool: GradientRule = (call) => {
  const { reshape, x, g } = written(call);
  const { to, node, dims, dtype } = call;
  const count = countOf(dims(x));
  const [, places] = to.nodes('MaxPool', [x], { ...Object.fromEntries(node.attributes), storage_order: int(0) }, 2);
  const zeros = to.node('Expand', [to.constant(dtype, [0], [1]), to.ints([count])]);
  const taken = countOf(dims(node.outputs[0]!));
  return reshape(to.node('ScatterElements', [zeros, reshape(places!, [taken]), reshape(g, [taken])], { axis: int(0), reduction: { type: 'string', value: 'add' } }), dims(x));
};

/** Each of the largest has a place of its own. */
const topK: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const { to, node, dims, dtype, gradient } = call;
  const [from, [, places]] = [dims(node.inputs[0]!), node.outputs];
  const zeros = to.node('Expand', [to.constant(dtype, [0], from.map(() => 1)), to.ints(from)]);
  return to.node(to.opset < 11 ? 'Scatter' : 'ScatterElements', [zeros, places!, gradient], { axis: int(fromStart(intAt(call, 'axis', -1), from.length)) });
};

/**
 * Interpolation along an axis is a product with a matrix, and that matrix is what the operator itself makes of the unit vectors: so it holds for every mode, and for what
 * a kernel does at the edges.
 */
const resize: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const n = written(call);
  const [from, to] = [call.dims(n.x), call.dims(n.y)];
  return from.reduce((value, _, axis) => (isResized(call, axis) ? alongAxis(n, value, from.map((size, i) => (i < axis ? size : to[i]!)), axis, weights(call, axis)) : value), n.g);
};

function weights(call: GradientCall, axis: number): string {
  const { to, node } = call;
  const from = call.dims(node.inputs[0]!);
  const attributes = Object.fromEntries([...node.attributes].filter(([name]) => name !== 'axes'));
  const scale = scalesOf(call)?.[axis];
  const wanted = scale === undefined ? [] : [to.constant('f32', from.map((_, i) => (i === axis ? scale : 1)), [from.length])];
  return matrixOf(call, axis, (units, shaped) => to.node('Resize', to.opset < 11 ? [units, wanted[0]!] : [units, '', ...(scale === undefined ? ['', to.ints(shaped)] : wanted)], attributes));
}

/** For each axis; undefined where sizes are given. */
function scalesOf(call: GradientCall): readonly number[] | undefined {
  const rank = call.dims(call.node.inputs[0]!).length;
  const given = numbersAt(call, 'scales', call.to.opset < 11 ? 1 : 2);
  if (given === undefined || given.length === 0) return undefined;
  const axes = listAt(call, 'axes')?.map((axis) => fromStart(axis, rank)) ?? given.map((_, axis) => axis);
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? given[axes.indexOf(axis)]! : 1));
}

function isResized(call: GradientCall, axis: number): boolean {
  const [from, to] = [call.node.inputs[0]!, call.node.outputs[0]!].map((value) => call.dims(value)[axis]!);
  return from !== to || (scalesOf(call)?.[axis] ?? 1) !== 1;
}

/** What was added around is left out; what stands for other elements is handed back to them. */
const padded: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const n = written(call);
  const [from, to] = [call.dims(n.x), call.dims(n.y)];
  const pads = numbersAt(call, 'pads', 1)!;
  const changed = [...from.keys()].filter((axis) => from[axis] !== to[axis] || pads[axis] !== 0);
  const mode = stringAt(call, 'mode', 'constant');
  if (mode === 'constant') return changed.reduce((value, axis) => sliceAxis(call, value, axis, pads[axis]!, pads[axis]! + from[axis]!), n.g);
  const matrix = (axis: number): string =>
    matrixOf(call, axis, (units) => {
      const own = Array.from({ length: 2 * from.length }, (_, i) => (i % from.length === axis ? pads[i]! : 0));
      return call.to.opset < 11 ? call.to.node('Pad', [units], { mode: { type: 'string', value: mode }, pads: ints(own) }) : call.to.node('Pad', [units, call.to.ints(own)], { mode: { type: 'string', value: mode } });
    });
  return from.reduce((value, _, axis) => (changed.includes(axis) ? alongAxis(n, value, from.map((size, i) => (i < axis ? size : to[i]!)), axis, matrix(axis)) : value), n.g);
};

/** What an operator that works along one axis makes of its unit vectors: [size of the result, size of the operand]. */
function matrixOf({ to, node, dims, dtype }: GradientCall, axis: number, make: (units: string, shaped: readonly number[]) => string): string {
  const { reshape, transpose } = notation(to, dtype);
  const [from, size] = [dims(node.inputs[0]!), dims(node.outputs[0]!)[axis]!];
  const units = from[axis]!;
  // The units lie along another axis, one that kernels leave alone.
  const other = axis === from.length - 1 ? axis - 1 : axis === 0 ? from.length - 1 : axis === 1 ? 0 : 1;
  const shaped = (along: number): number[] => from.map((_, i) => (i === axis ? along : i === other ? units : 1));
  const identity = to.constant(dtype, Array.from({ length: units * units }, (_, at) => (at % (units + 1) === 0 ? 1 : 0)), [units, units]);
  const made = make(reshape(identity, shaped(units)), shaped(size));
  return other < axis ? transpose(reshape(made, [units, size]), [1, 0]) : reshape(made, [size, units]);
}

/** The value, of these dims, with each vector along the axis multiplied by the matrix. */
function alongAxis({ transpose, matmul }: Notation, value: string, dims: readonly number[], axis: number, matrix: string): string {
  const last = dims.length - 1;
  const order = dims.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const turned = axis === last ? value : transpose(value, order);
  const made = matmul(turned, matrix);
  return axis === last ? made : transpose(made, order);
}

/** What was cut off gets nothing, and what was added is left out; an odd place more is at the end. */
const centred: GradientRule = (call, input) => {
  if (input > 0) return undefined;
  const { x, y, g } = written(call);
  const [from, to] = [call.dims(x), call.dims(y)];
  const off = from.map((size, axis) => Math.floor(Math.abs(size - to[axis]!) / 2));
  const kept = from.reduce((value, size, axis) => (to[axis]! > size ? sliceAxis(call, value, axis, off[axis]!, off[axis]! + size) : value), g);
  const lost = from.map((size, axis) => Math.max(0, size - to[axis]!));
  return padZeros(call, kept, lost.map((size, axis) => (size > 0 ? off[axis]! : 0)), lost.map((size, axis) => (size > 0 ? size - off[axis]! : 0)));
};

export const placeRules: GradientRules = { MaxPool: maxPool, TopK: topK, Resize: resize, CenterCropPad: centred, Pad: padded };
