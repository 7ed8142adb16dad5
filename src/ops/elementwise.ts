/** Operators that work on each element alone. */
import type { Fact, Statement } from '../types/fact.ts';
import type { TensorType } from '../types/type.ts';
import { dtypeFamilies } from '../types/dtype.ts';
import { showElementType } from '../types/show.ts';
import { inferred, refuse, type Operator } from './operator.ts';
import { broadcast, describeOperands, result, sameElementType } from './shapes.ts';

interface Unary {
  readonly since: number;
  /** What holds of every finite result, whatever goes in. */
  readonly facts?: readonly Statement[];
  /** Facts of the input that also hold of the result. */
  readonly keeps?: 'all';
}

const unaryTable: Readonly<Record<string, Unary>> = {
  Identity: { since: 1, keeps: 'all' },
  Abs: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Erf: { since: 9, facts: [{ kind: 'range', low: -1, high: 1 }] },
  Exp: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Log: { since: 6 },
  Neg: { since: 6 },
  Relu: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Sigmoid: { since: 6, facts: [{ kind: 'range', low: 0, high: 1 }] },
  Sqrt: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Tanh: { since: 6, facts: [{ kind: 'range', low: -1, high: 1 }] },
};
const anyDtype = new Set(['Identity', 'Abs', 'Neg', 'Relu']);

const isFloat = (type: TensorType): boolean =>
  typeof type.dtype === 'string' ? (dtypeFamilies.float as readonly string[]).includes(type.dtype) : type.dtype.family === 'float';

const proved = (statement: Statement): Fact => ({ ...statement, evidence: 'proved' });

function unary(name: string, row: Unary): Operator {
  return {
    name,
    inputs: ['x'],
    attributes: {},
    since: row.since,
    infer: ([x]) => {
      if (!anyDtype.has(name) && !isFloat(x!)) return refuse(`it works on floats, not on ${showElementType(x!.dtype)}`);
      const facts = row.keeps === 'all' ? x!.facts : (row.facts ?? []).map(proved);
      return inferred(result([x!], x!.shape, facts));
    },
  };
}

function binary(name: string): Operator {
  return {
    name,
    inputs: ['a', 'b'],
    attributes: {},
    since: 7,
    infer: ([a, b]) => {
      const shape = sameElementType(a!.dtype, b!.dtype) ? broadcast(a!.shape, b!.shape) : undefined;
      return shape === undefined ? refuse(describeOperands(a!, b!)) : inferred(result([a!, b!], shape));
    },
  };
}

export const unaryOperators: readonly Operator[] = Object.entries(unaryTable).map(([name, row]) => unary(name, row));
export const binaryOperators: readonly Operator[] = ['Add', 'Sub', 'Mul', 'Div'].map(binary);
