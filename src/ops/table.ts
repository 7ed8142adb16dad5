/** All operators that a body may call as `onnx.NAME(…)`. */
import { binaryOperators, unaryOperators } from './elementwise.ts';
import { matmul } from './matmul.ts';
import type { Operator } from './operator.ts';
import { rowOperators } from './rows.ts';

const all: readonly Operator[] = [...unaryOperators, ...binaryOperators, matmul, ...rowOperators];

export const operators: ReadonlyMap<string, Operator> = new Map(all.map((operator) => [operator.name, operator]));

/** Infix operators of the language to ONNX's. */
export const infix = { '+': 'Add', '-': 'Sub', '*': 'Mul', '/': 'Div' } as const;
