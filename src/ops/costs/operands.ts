/** What operators take stored operands for, where that is not what they compute with. */
interface Roles {
  /** Numbers that were learned, though they are stored as integers. */
  readonly weights?: readonly number[];
  /** What only says how to work or how integers are to be read: scales, zero points, limits, sizes. */
  readonly settings?: readonly number[];
}

/** Two tensors, each followed by its scale and zero point, then those of the result. */
const pair: Roles = { weights: [0, 3], settings: [1, 2, 4, 5, 6, 7] };

const roles: Readonly<Record<string, Roles>> = {
  ConvInteger: { weights: [0, 1], settings: [2, 3] },
  DequantizeLinear: { weights: [0], settings: [1, 2] },
  DynamicQuantizeLSTM: { weights: [1, 2, 3], settings: [8, 9, 10, 11] },
  DynamicQuantizeMatMul: { weights: [1], settings: [2, 3] },
  MatMulInteger: { weights: [0, 1], settings: [2, 3] },
  MatMulIntegerToFloat: { weights: [0, 1], settings: [2, 3, 4, 5] },
  MatMulNBits: { weights: [1], settings: [2, 3, 4] },
  QAttention: { weights: [1, 2], settings: [3, 4, 6, 7] },
  QGemm: { weights: [0, 3, 6], settings: [1, 2, 4, 5, 7, 8] },
  QLinearAdd: pair,
  QLinearConv: { weights: [0, 3, 8], settings: [1, 2, 4, 5, 6, 7] },
  QLinearMatMul: pair,
  QLinearMul: pair,
  QuantizeLinear: { settings: [1, 2] },

  Clip: { settings: [1, 2] },
  Dropout: { settings: [1, 2] },
  OneHot: { settings: [1, 2] },
  Pad: { settings: [1, 2, 3] },
  Range: { settings: [0, 1, 2] },
  Resize: { settings: [1, 2, 3] },
  Upsample: { settings: [1] },
};

/** Undefined where an operand is one like any other. */
export function roleOf(op: string, operand: number): keyof Roles | undefined {
  const row = Object.hasOwn(roles, op) ? roles[op]! : undefined;
  if (row === undefined) return undefined;
  return row.weights?.includes(operand) ? 'weights' : row.settings?.includes(operand) ? 'settings' : undefined;
}

/** Operators that hand their first operand on, in another shape or in part: behind them a table of weights is one still. */
export const movement: ReadonlySet<string> = new Set(['Expand', 'Flatten', 'Gather', 'Identity', 'Reshape', 'Slice', 'Squeeze', 'Transpose', 'Unsqueeze']);
