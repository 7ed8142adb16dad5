/** More elements around a tensor. */
import { addDims, constantOf, intDim, showDim, type Dim } from '../types/dim.ts';
import { holds } from '../types/dtype.ts';
import { dtypesOf } from '../types/element-type.ts';
import type { SizeStatement } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { Axis } from '../types/type.ts';
import { elementFacts } from './axes.ts';
import { describeDType, floats, numbers, works } from './dtypes.ts';
import { inferred, ints, numberAt, refuse, sizesAt, type Operator } from './operator.ts';
import { constantRange, exactRange, hull, rangeOf } from './range.ts';
import { result } from './shapes.ts';
import { atLeast, isBroken, stillOpen } from './size-demands.ts';
import { dtypeOf } from './written-out.ts';

const modes = ['constant', 'reflect', 'edge'];

/** What an axis has to have for as many elements to be taken from it: its mirror leaves out the first one, its edge is one. */
function demandOf(mode: string, pad: Dim, size: Dim): readonly SizeStatement[] {
  if (mode === 'constant' || constantOf(pad) === 0) return [];
  return [atLeast(size, mode === 'edge' ? intDim(1) : addDims(pad, intDim(1)))];
}

/** Which axis it is, and what it has. */
function tooFar(mode: string, pad: Dim, axes: readonly Axis[], axis: number): string {
  const { size, label } = axes[axis]!;
  const which = `axis ${axis - axes.length}${label === undefined ? '' : `, \`${label}\`,`} has ${showDim(size)}`;
  if (mode === 'edge') return `${which} elements, so there is none to repeat`;
  const most = constantOf(size);
  return `${showDim(pad)} elements are to be mirrored, but ${which}${most === undefined ? '' : `, of which the outermost stays: at most ${Math.max(0, most - 1)} can be`}`;
}

/** `pads` has the numbers before all axes, then those behind them; the axes are the last ones. */
export const pad: Operator = {
  name: 'Pad',
  inputs: ['x'],
  attributes: { pads: { type: 'sizes' }, value: { type: 'float', default: 0 }, mode: { type: 'string', default: 'constant' } },
  since: ([x]) => (works(x!.dtype, floats) && x!.dtype !== 'bf16' ? 2 : x!.dtype === 'bf16' ? 13 : 11),
  infer: ([x], attributes) => {
    const [pads, mode] = [sizesAt(attributes, 'pads'), String(attributes.get('mode'))];
    const { axes, rest } = x!.shape;
    const count = pads.length / 2;
    if (!works(x!.dtype, numbers)) return refuse(describeDType(x!.dtype, 'numbers'));
    const value = numberAt(attributes, 'value');
    // Of a number that each caller gives, nothing is known.
    const misfit = Number.isNaN(value) ? undefined : dtypesOf(x!.dtype).find((member) => !holds(member, value));
    if (misfit !== undefined) return refuse(`\`value\` is ${value}, which is no ${misfit}`);
    if (!modes.includes(mode)) return refuse('`mode` is "constant", "reflect" or "edge"');
    if (!Number.isInteger(count) || count === 0 || count > axes.length - (rest?.at ?? 0)) return refuse(`\`pads\` has two numbers for each axis it is meant for, the last ones of ${showTensor(x!)}`);
    if (pads.some((size) => (constantOf(size) ?? 0) < 0)) return refuse('`pads` are 0 or more: Slice cuts off');
    const first = axes.length - count;
    const demands = pads.flatMap((size, i) => demandOf(mode, size, axes[first + (i % count)]!.size).map((demand) => ({ demand, i })));
    const far = demands.find(({ demand }) => isBroken(demand))?.i;
    if (far !== undefined) return refuse(tooFar(mode, pads[far]!, axes, first + (far % count)));
    const grown = axes.map((axis, i) => (i < first ? axis : { ...axis, size: addDims(axis.size, addDims(pads[i - first]!, pads[i - first + count]!)) }));
    const [fill] = constantRange([value], x!.dtype);
    const facts = mode !== 'constant' ? elementFacts(x!) : fill?.kind === 'range' ? exactRange(hull([rangeOf(x!), fill])) : [];
    return inferred(result([x!], { ...x!.shape, axes: grown.map(({ size, label }) => ({ size, ...(label === undefined ? {} : { label }) })) }, facts), stillOpen(demands.map(({ demand }) => demand)));
  },
  emit: (call, to) => {
    const sizes = sizesAt(call.attributes, 'pads').map((size) => constantOf(size) ?? 0);
    const before = Array.from({ length: call.types[0]!.shape.axes.length - sizes.length / 2 }, () => 0);
    const pads = [...before, ...sizes.slice(0, sizes.length / 2), ...before, ...sizes.slice(sizes.length / 2)];
    const mode = { type: 'string', value: String(call.attributes.get('mode')) } as const;
    const value = numberAt(call.attributes, 'value');
    // The numbers are inputs since opset 11.
    if (to.opset < 11) return to.node('Pad', call.inputs, { mode, pads: ints(pads), value: { type: 'float', value } });
    return to.node('Pad', [call.inputs[0]!, to.ints(pads), ...(mode.value === 'constant' ? [to.scalar(dtypeOf(call), value)] : [])], { mode });
  },
};

