/** Operators that work on each element alone. */
import type { DType } from '../types/dtype.ts';
import type { Fact, Statement } from '../types/fact.ts';
import type { ElementType, TensorType } from '../types/type.ts';
import { anything, describeDType, floats, numbers, signedNumbers, sinceOf, works } from './dtypes.ts';
import { inferred, refuse, type Inference, type Operator } from './operator.ts';
import { broadcast, describeOperands, result, sameElementType } from './shapes.ts';

interface Unary {
  readonly since: number;
  readonly takes?: { readonly dtypes: readonly DType[]; readonly words: string };
  /** What holds of every result of a floating-point dtype, whatever goes in; NaN apart. */
  readonly facts?: readonly Statement[];
  /** Facts of the input that also hold of the result. */
  readonly keeps?: 'all';
}

const unaryTable: Readonly<Record<string, Unary>> = {
  Identity: { since: 1, takes: { dtypes: anything, words: 'anything' }, keeps: 'all' },
  // The least number of an integer dtype has no absolute value there: no fact about those.
  Abs: { since: 6, takes: { dtypes: numbers, words: 'numbers' }, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Erf: { since: 9, facts: [{ kind: 'range', low: -1, high: 1 }] },
  Exp: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Log: { since: 6 },
  Neg: { since: 6, takes: { dtypes: signedNumbers, words: 'numbers with a sign' } },
  Relu: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Sigmoid: { since: 6, facts: [{ kind: 'range', low: 0, high: 1 }] },
  Sqrt: { since: 6, facts: [{ kind: 'range', low: 0, high: Infinity }] },
  Tanh: { since: 6, facts: [{ kind: 'range', low: -1, high: 1 }] },
};

const proved = (statement: Statement): Fact => ({ ...statement, evidence: 'proved' });

function unary(name: string, { since, takes = { dtypes: floats, words: 'floats' }, facts = [], keeps }: Unary): Operator {
  return {
    name,
    inputs: ['x'],
    attributes: {},
    since: ([x]) => sinceOf(x!.dtype, since),
    infer: ([x]) => {
      if (!works(x!.dtype, takes.dtypes)) return refuse(describeDType(x!.dtype, takes.words));
      const holding = keeps === 'all' ? x!.facts : works(x!.dtype, floats) ? facts.map(proved) : [];
      return inferred(result([x!], x!.shape, holding));
    },
  };
}

const narrow = new Set<ElementType>(['i8', 'u8', 'i16', 'u16']);

function binary(name: string): Operator {
  return {
    name,
    inputs: ['a', 'b'],
    attributes: {},
    since: ([a]) => (narrow.has(a!.dtype) ? 14 : sinceOf(a!.dtype, 7)),
    infer: ([a, b]) => inferBinary(name, a!, b!),
  };
}

function inferBinary(name: string, a: TensorType, b: TensorType): Inference {
  const shape = sameElementType(a.dtype, b.dtype) ? broadcast(a.shape, b.shape) : undefined;
  if (shape === undefined) return refuse(describeOperands(a, b));
  if (!works(a.dtype, numbers)) return refuse(describeDType(a.dtype, 'numbers'));
  const isZero = b.facts.some((fact) => fact.kind === 'range' && fact.low === 0 && fact.high === 0);
  // Of floats it is infinite; of integers no runtime survives it.
  if (name === 'Div' && isZero && !works(a.dtype, floats)) return refuse('an integer cannot be divided by 0');
  return inferred(result([a, b], shape));
}

export const unaryOperators: readonly Operator[] = Object.entries(unaryTable).map(([name, row]) => unary(name, row));
export const binaryOperators: readonly Operator[] = ['Add', 'Sub', 'Mul', 'Div'].map(binary);
