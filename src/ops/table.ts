/** All operators that a body may call as `onnx.NAME(…)`. */
import { arithmeticOperators } from './arithmetic.ts';
import { castOperators } from './casts.ts';
import { conv } from './convolution.ts';
import { centerCrop } from './crop.ts';
import { unaryOperators } from './elementwise.ts';
import { layoutOperators } from './layout.ts';
import { logicOperators } from './logic.ts';
import { gemm, matmul } from './matmul.ts';
import type { Operator } from './operator.ts';
import { withNarrow } from './narrow.ts';
import { pad } from './padding.ts';
import { poolingOperators } from './pooling.ts';
import { reductionOperators } from './reductions.ts';
import { reshape } from './reshape.ts';
import { resize } from './resize.ts';
import { rowOperators } from './rows.ts';
import { selectionOperators } from './selection.ts';
import { topK } from './top-k.ts';

const all: readonly Operator[] = [
  ...unaryOperators,
  ...arithmeticOperators,
  ...logicOperators,
  matmul,
  gemm,
  conv,
  ...poolingOperators,
  ...rowOperators,
  ...reductionOperators,
  ...layoutOperators,
  reshape,
  resize,
  pad,
  centerCrop,
  ...selectionOperators,
  topK,
  ...castOperators,
];

export const operators: ReadonlyMap<string, Operator> = new Map(all.map((operator) => [operator.name, withNarrow(operator)]));

/** Infix operators of the language to ONNX's. */
export const infix = { '+': 'Add', '-': 'Sub', '*': 'Mul', '/': 'Div' } as const;
