/** Operators that work along one axis. */
import type { Fact } from '../types/fact.ts';
import { inferred, refuse, type AttributeValues, type Operator } from './operator.ts';
import { dtypeFamilies } from '../types/dtype.ts';
import { describeDType, sinceOf, works } from './dtypes.ts';
import { fromEnd, outOfRange, result } from './shapes.ts';

const countFromStart = (attributes: AttributeValues, rank: number): AttributeValues => {
  const axis = Number(attributes.get('axis'));
  return new Map(attributes).set('axis', axis < 0 ? axis + rank : axis);
};

/** Along any axis since opset 13; before that along all axes from `axis` on, which is the same for the last one. */
const softmax: Operator = {
  name: 'Softmax',
  inputs: ['x'],
  attributes: { axis: { type: 'int', default: -1 } },
  since: ([x], attributes) => (fromEnd(Number(attributes.get('axis')), x!.shape) === -1 ? sinceOf(x!.dtype, 1) : 13),
  emit: countFromStart,
  infer: ([x], attributes) => {
    if (!works(x!.dtype, dtypeFamilies.float)) return refuse(describeDType(x!.dtype, 'floats'));
    const axis = fromEnd(Number(attributes.get('axis')), x!.shape);
    if (axis === undefined) return refuse(outOfRange(Number(attributes.get('axis')), x!));
    const facts: Fact[] = [
      { kind: 'range', low: 0, high: 1, evidence: 'proved' },
      { kind: 'sum', axis, value: 1, tolerance: 0, evidence: 'proved' },
    ];
    return inferred(result([x!], x!.shape, facts));
  },
};

/** A row of zeros stays one, which `norm` exempts. */
const lpNormalization: Operator = {
  name: 'LpNormalization',
  inputs: ['x'],
  attributes: { axis: { type: 'int', default: -1 }, p: { type: 'int', default: 2 } },
  since: ([x]) => (x!.dtype === 'bf16' ? 22 : 1),
  emit: countFromStart,
  infer: ([x], attributes) => {
    if (!works(x!.dtype, dtypeFamilies.float)) return refuse(describeDType(x!.dtype, 'floats'));
    const axis = fromEnd(Number(attributes.get('axis')), x!.shape);
    if (axis === undefined) return refuse(outOfRange(Number(attributes.get('axis')), x!));
    const p = Number(attributes.get('p'));
    if (p !== 1 && p !== 2) return refuse(`p is 1 or 2, not ${p}`);
    const norm: Fact = { kind: 'norm', axis, value: 1, tolerance: 0, evidence: 'proved' };
    const range: Fact = { kind: 'range', low: -1, high: 1, evidence: 'proved' };
    return inferred(result([x!], x!.shape, p === 2 ? [norm, range] : [range]));
  },
};

export const rowOperators: readonly Operator[] = [softmax, lpNormalization];
