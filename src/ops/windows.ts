/** Windows that slide over the last axes: what convolutions and pools have in common. */
import { addDims, constantOf, intDim, showDim, subtractDims, type Dim } from '../types/dim.ts';
import type { SizeStatement } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { Axis, TensorType } from '../types/type.ts';
import { intsAt, numberAt, sizesAt, type AttributeSpec, type AttributeValues } from './operator.ts';
import { atLeast, isBroken, stillOpen } from './size-demands.ts';

/** Empty lists stand for ones, and for no padding. */
export const windowAttributes: Readonly<Record<'strides' | 'pads' | 'dilations', AttributeSpec>> = {
  strides: { type: 'ints', default: [] },
  pads: { type: 'sizes', default: [] },
  dilations: { type: 'ints', default: [] },
};

/** One number or size an axis; pads have those before all axes, then those behind them, as ONNX has. */
interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly pads: readonly Dim[];
  readonly dilations: readonly number[];
  readonly ceil: boolean;
}

export function windowOf(kernel: readonly Dim[], attributes: AttributeValues): Window {
  const filled = <T>(list: readonly T[], count: number, one: T): readonly T[] => (list.length === 0 ? Array.from({ length: count }, () => one) : list);
  return {
    kernel,
    strides: filled(intsAt(attributes, 'strides'), kernel.length, 1),
    pads: filled(sizesAt(attributes, 'pads'), 2 * kernel.length, intDim(0)),
    dilations: filled(attributes.has('dilations') ? intsAt(attributes, 'dilations') : [], kernel.length, 1),
    ceil: attributes.has('ceil_mode') && numberAt(attributes, 'ceil_mode') !== 0,
  };
}

/** The attributes as ONNX writes them, with the numbers that were left out. */
export function writtenWindow({ strides, pads, dilations }: Window): { strides: readonly number[]; pads: readonly number[]; dilations: readonly number[] } {
  return { strides, pads: pads.map((pad) => constantOf(pad) ?? 0), dilations };
}

/** What axes become under a window, and what they have to be like for it to fit into them. */
interface Slid {
  readonly axes: readonly Axis[];
  readonly demands: readonly SizeStatement[];
}

/** The axes that `axes` become under a window, or why there is none. */
export function slide(x: TensorType, axes: readonly Axis[], window: Window): Slid | string {
  const { kernel, strides, pads, dilations } = window;
  const count = axes.length;
  if (kernel.length !== count) return `the kernel has ${kernel.length} axes, but ${showTensor(x)} has ${count} behind its first two`;
  if (strides.length !== count || dilations.length !== count) return `\`strides\` and \`dilations\` have one number for each of the ${count} axes`;
  if (pads.length !== 2 * count) return `\`pads\` has ${2 * count} numbers: those before the ${count} axes, then those behind them`;
  if ([...strides, ...dilations].some((n) => n < 1)) return '`strides` and `dilations` are 1 or more';
  if (pads.some((pad) => (constantOf(pad) ?? 0) < 0)) return '`pads` are 0 or more';
  const moved: Axis[] = [];
  const demands: SizeStatement[] = [];
  for (const [i, axis] of axes.entries()) {
    const size = constantOf(kernel[i]!);
    if (size !== undefined && size < 1) return 'a kernel has no size below 1';
    const reach = scale(subtractDims(kernel[i]!, intDim(1)), dilations[i]!);
    const padding = addDims(pads[i]!, pads[i + count]!);
    const room = subtractDims(addDims(axis.size, padding), addDims(reach, intDim(1)));
    const demand = atLeast(axis.size, subtractDims(addDims(reach, intDim(1)), padding));
    if (isBroken(demand)) return `a window of ${showDim(addDims(reach, intDim(1)))} is larger than the ${showDim(axis.size)} of an axis of ${showTensor(x)} with its pads`;
    const begins = addDims(axis.size, pads[i]!);
    const steps = stepsOf(room, begins, strides[i]!, window.ceil);
    if (steps === undefined) return `with a stride of ${strides[i]!} it cannot be said how often the window fits into ${showDim(axis.size)}: the size has to be a number`;
    demands.push(demand);
    moved.push({ size: addDims(steps, intDim(1)), ...(axis.label === undefined ? {} : { label: axis.label }) });
  }
  return { axes: moved, demands: stillOpen(demands) };
}

const scale = (dim: Dim, by: number): Dim => ({ terms: dim.terms.map((term) => ({ ...term, coefficient: term.coefficient * by })) });

/** How often a window moves on over `room`; rounded up, one that would begin behind the data and its front padding, at `begins`, is left out, as ONNX Runtime does. */
function stepsOf(room: Dim, begins: Dim, stride: number, ceil: boolean): Dim | undefined {
  const steps = divideFloor(room, stride, ceil);
  if (steps === undefined || !ceil) return steps;
  const behind = constantOf(subtractDims(scale(steps, stride), begins));
  return behind !== undefined && behind >= 0 ? subtractDims(steps, intDim(1)) : steps;
}

/** ⌊dim / by⌋, or ⌈dim / by⌉; undefined where it is no polynomial: where `by` divides not all that depends on symbols. */
function divideFloor(dim: Dim, by: number, ceil: boolean): Dim | undefined {
  const open = dim.terms.filter((term) => term.symbols.length > 0);
  if (open.some((term) => term.coefficient % by !== 0)) return undefined;
  const rest = dim.terms.find((term) => term.symbols.length === 0)?.coefficient ?? 0;
  const whole = { terms: open.map((term) => ({ ...term, coefficient: term.coefficient / by })) };
  return addDims(whole, intDim(ceil ? Math.ceil(rest / by) : Math.floor(rest / by)));
}
