/** All operators that a body may call as `onnx.NAME(…)`. */
import { arithmeticOperators } from './arithmetic.ts';
import { castOperators } from './casts.ts';
import { unaryOperators } from './elementwise.ts';
import { layoutOperators } from './layout.ts';
import { logicOperators } from './logic.ts';
import { matmul } from './matmul.ts';
import type { Operator } from './operator.ts';
import { reductionOperators } from './reductions.ts';
import { rowOperators } from './rows.ts';
import { selectionOperators } from './selection.ts';

const all: readonly Operator[] = [
  ...unaryOperators,
  ...arithmeticOperators,
  ...logicOperators,
  matmul,
  ...rowOperators,
  ...reductionOperators,
  ...layoutOperators,
  ...selectionOperators,
  ...castOperators,
];

export const operators: ReadonlyMap<string, Operator> = new Map(all.map((operator) => [operator.name, operator]));

/** Infix operators of the language to ONNX's. */
export const infix = { '+': 'Add', '-': 'Sub', '*': 'Mul', '/': 'Div' } as const;
