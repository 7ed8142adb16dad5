/** Sums and products of half precision that by their ranges may come to more than it holds: they are infinite then, and what is computed of that is NaN. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { intsAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { axisFromEnd } from '../../ops/shapes.ts';
import { at, type Span } from '../../text/source.ts';
import { constantOf } from '../../types/dim.ts';
import type { Ends } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { arithmetic } from './wrapped-integers.ts';

const greatest = 65504;

const times = ({ low, high }: Ends, count: number): Ends => ({ low: low * count, high: high * count });

/** What the result lies in, as far as that is said of the operands; undefined for other operators, and where a size is open. */
function resultOf({ name }: Operator, types: readonly TensorType[], attributes: AttributeValues): Ends | undefined {
  const [a, b] = types;
  const rule = arithmetic.get(name);
  if (a === undefined) return undefined;
  if (rule !== undefined && b !== undefined) return rule(rangeOf(a), rangeOf(b));
  if (name === 'MatMul' && b !== undefined) {
    const count = constantOf(a.shape.axes.at(-1)?.size ?? { terms: [] });
    return count === undefined ? undefined : times(arithmetic.get('Mul')!(rangeOf(a), rangeOf(b)), count);
  }
  if (name !== 'ReduceSum') return undefined;
  const sizes = axesFromEnd(intsAt(attributes, 'axes'), a.shape)?.map((axis) => constantOf(axisFromEnd(a.shape, axis).size)) ?? [undefined];
  const count = sizes.reduce<number | undefined>((all, size) => (all === undefined || size === undefined ? undefined : all * size), 1);
  return count === undefined ? undefined : times(rangeOf(a), count);
}

/** Judges what a body writes, by the ranges that it has for all its callers; of what nobody bounds nothing is said. */
export function warnBeyondHalves(operator: Operator, types: readonly TensorType[], attributes: AttributeValues, span: Span, env: Env): void {
  if (types.length === 0 || types.some(({ dtype }) => dtype !== 'f16')) return;
  const result = resultOf(operator, types, attributes);
  if (result === undefined || !Number.isFinite(result.low) || !Number.isFinite(result.high)) return;
  const found = -result.low > result.high ? result.low : result.high;
  if (Math.abs(found) <= greatest) return;
  env.report(
    partCodes.report('beyond-half', { operator: operator.name, found: showBound(found) }, at(env.scope.module, span), {
      label: 'infinite beyond that',
      notes: ['Whether a runtime computes wider on the way is its own affair: what is handed on is f16. Compute in f32, or say by `where range` what the values lie in.'],
    }),
  );
}
