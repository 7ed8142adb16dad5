/** One number of each window, or of all places, of [batch, channels, …]. */
import { constantOf, intDim } from '../types/dim.ts';
import type { Fact } from '../types/fact.ts';
import { showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import { elementFacts, emptyAxis, oneAxis, someElements } from './axes.ts';
import { describeDType, floats, works } from './dtypes.ts';
import { flagAt, inferred, int, ints, intsAt, refuse, type AttributeSpec, type Inference, type Operator } from './operator.ts';
import { signOf } from './reductions.ts';
import { result } from './shapes.ts';
import { slide, windowAttributes, windowOf, writtenWindow } from './windows.ts';

const { dilations, ...windowWithoutHoles } = windowAttributes;
const ceilMode: AttributeSpec = { type: 'int', default: 0 };

/** What keeps a pool from working on such a tensor. */
function misfit(x: TensorType): string | undefined {
  if (!works(x.dtype, floats)) return describeDType(x.dtype, 'floats');
  const rank = x.shape.axes.length;
  if (x.shape.rest !== undefined || rank < 3 || rank > 5) return `it works on [batch, channels] and one to three axes, not on ${showTensor(x)}`;
  return emptyAxis(x, Array.from({ length: rank - 2 }, (_, i) => i + 2 - rank));
}

function windowed(name: string, own: Readonly<Record<string, AttributeSpec>>, facts: (x: TensorType) => readonly Fact[]): Operator {
  const inferPool: Operator['infer'] = ([x], attributes) => {
    const fault = misfit(x!);
    if (fault !== undefined) return refuse(fault);
    const [batch, channels, ...axes] = x!.shape.axes;
    const kernel = intsAt(attributes, 'kernel_shape');
    const window = windowOf(kernel.map(intDim), attributes);
    const moved = slide(x!, axes, window);
    if (typeof moved === 'string') return refuse(moved);
    // A window that lies in the padding alone has no greatest element, and no mean.
    if (window.pads.some((pad, i) => (constantOf(pad) ?? 0) >= kernel[i % kernel.length]!)) return refuse('`pads` are smaller than the kernel');
    return inferred(result([x!], { axes: [batch!, channels!, ...moved.axes] }, facts(x!)), moved.demands);
  };
  return {
    name,
    inputs: ['x'],
    attributes: { kernel_shape: { type: 'ints' }, ...windowWithoutHoles, ceil_mode: ceilMode, ...own },
    // Windows that stand over the edge, and holes in them, since opset 10.
    since: ([x], attributes) => (x!.dtype === 'bf16' ? 22 : flagAt(attributes, 'ceil_mode') || (attributes.has('dilations') && intsAt(attributes, 'dilations').length > 0) ? 10 : 7),
    infer: inferPool,
    emit: (call, to) => {
      const kernel = intsAt(call.attributes, 'kernel_shape');
      const written = writtenWindow(windowOf(kernel.map(intDim), call.attributes));
      return to.node(name, call.inputs, {
        kernel_shape: ints(kernel),
        strides: ints(written.strides),
        pads: ints(written.pads),
        ...(to.opset >= 10 ? { ceil_mode: int(Number(flagAt(call.attributes, 'ceil_mode'))) } : {}),
        ...('dilations' in own && to.opset >= 10 ? { dilations: ints(written.dilations) } : {}),
        ...('count_include_pad' in own ? { count_include_pad: int(Number(flagAt(call.attributes, 'count_include_pad'))) } : {}),
      });
    },
  };
}

function global(name: string, facts: (x: TensorType) => readonly Fact[]): Operator {
  return {
    name,
    inputs: ['x'],
    attributes: {},
    since: ([x]) => (x!.dtype === 'bf16' ? 22 : 1),
    infer: ([x]): Inference => {
      const fault = misfit(x!);
      if (fault !== undefined) return refuse(fault);
      const [batch, channels, ...axes] = x!.shape.axes;
      const one = axes.map(({ label }) => ({ ...oneAxis, ...(label === undefined ? {} : { label }) }));
      return inferred(result([x!], { axes: [batch!, channels!, ...one] }, facts(x!)), someElements(x!, axes.map((_, i) => i - axes.length)));
    },
  };
}

export const poolingOperators: readonly Operator[] = [
  windowed('MaxPool', { dilations }, elementFacts),
  windowed('AveragePool', { count_include_pad: { type: 'int', default: 0 } }, signOf),
  global('GlobalAveragePool', signOf),
  global('GlobalMaxPool', elementFacts),
];
