/** Matrix products and convolutions. */
import { constantOf, intDim, type Dim } from '../../types/dim.ts';
import { fusedFactors } from '../foreign/microsoft.ts';
import { alike, dimsAt, intOf, textOf } from '../foreign/rule.ts';
import { elementsAt, elementsOf, numberTimes, times, type CostCall, type CostRule, type CostRules } from './rule.ts';

type Dims = readonly Dim[];

/** The axis that is summed over, as whichever side says it more plainly. */
function inner(left: Dim | undefined, right: Dim | undefined): Dim | undefined {
  return left !== undefined && (right === undefined || constantOf(left) !== undefined) ? left : right;
}

/** The axis of a matrix, counted from its end, or with its last two axes the other way round; a vector has one. */
const axisOf = (dims: Dims | undefined, fromEnd: 1 | 2, turned = false): Dim | undefined => (dims === undefined ? undefined : dims.length < 2 ? dims[0] : dims.at(turned ? fromEnd - 3 : -fromEnd));

/** Each element of the result is a sum of as many products as the shared axis is long. */
const matmul =
  (bAt: number): CostRule =>
  (call) =>
    times(elementsOf(call.outputs[0]?.dims), inner(axisOf(dimsAt(call, 0), 1), axisOf(dimsAt(call, bAt), 2)));

const turnedMatmul =
  (bAt: number): CostRule =>
  (call) => {
    const [a, b] = [axisOf(dimsAt(call, 0), 1, intOf(call, 'transA', 0) !== 0), axisOf(dimsAt(call, bAt), 2, intOf(call, 'transB', 0) !== 0)];
    return times(elementsOf(call.outputs[0]?.dims), inner(a, b));
  };

const fusedMatmul: CostRule = (call) => {
  const [a, b] = fusedFactors(call);
  return times(elementsOf(call.outputs[0]?.dims), inner(axisOf(a, 1), axisOf(b, 2)));
};

/** Weights that are packed in blocks: their sizes are attributes. */
const blockMatmul: CostRule = (call) => numberTimes(intOf(call, 'K', 0), elementsOf(call.outputs[0]?.dims));

/** Of weights [M, …]: the products that make one element of the result. */
const kernelOf = (call: CostCall, at: number): Dim | undefined => elementsOf(dimsAt(call, at)?.slice(1));

/** Places in the padding count like all others. */
const conv =
  (weightsAt: number): CostRule =>
  (call) =>
    times(elementsOf(call.outputs[0]?.dims), kernelOf(call, weightsAt));

/** Each element of the input is spread over a kernel. */
const convTranspose =
  (weightsAt: number): CostRule =>
  (call) =>
    times(elementsAt(call, 0), kernelOf(call, weightsAt));

/**
 * All combinations of the letters, once for each operand after the first. One operand alone is summed or moved, and
 * multiplied with nothing.
 */
const einsum: CostRule = (call) => {
  const terms = textOf(call, 'equation', '').replaceAll(' ', '').split('->')[0]!.split(',');
  if (terms.length !== call.inputs.length) return undefined;
  const sizes = new Map<string, Dim>();
  for (const [i, term] of terms.entries()) {
    const dims = dimsAt(call, i);
    const at = term.indexOf('...');
    const letters = [...term.replace('...', '')];
    if (dims === undefined || (at < 0 ? letters.length !== dims.length : letters.length > dims.length)) return undefined;
    const rest = dims.length - letters.length;
    const labels = at < 0 ? letters : [...letters.slice(0, at), ...Array.from({ length: rest }, (_, k) => `...${rest - k}`), ...letters.slice(at)];
    for (const [axis, label] of labels.entries()) {
      const known = sizes.get(label);
      // A size of 1 is stretched to the other one.
      if (known === undefined || constantOf(known) === 1) sizes.set(label, dims[axis]!);
    }
  }
  return times(intDim(terms.length - 1), ...sizes.values());
};

export const productRules: CostRules = {
  Einsum: einsum,
  Gemm: turnedMatmul(1),
  MatMul: matmul(1),
  MatMulInteger: matmul(1),
  QLinearMatMul: matmul(3),
  ...alike(conv(1), 'Conv', 'ConvInteger', 'DeformConv'),
  QLinearConv: conv(3),
  ConvTranspose: convTranspose(1),
};

export const microsoftProductRules: CostRules = {
  ...alike(conv(1), 'Conv', 'FusedConv', 'NhwcFusedConv'),
  QLinearConv: conv(3),
  ...alike(matmul(1), 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat'),
  FusedGemm: turnedMatmul(1),
  ...alike(fusedMatmul, 'FusedMatMul', 'TransposeMatMul'),
  QGemm: turnedMatmul(3),
  MatMulNBits: blockMatmul,
  // Each pair of rows is as many squared differences as they are long.
  CDist: (call) => times(elementsOf(call.outputs[0]?.dims), dimsAt(call, 0)?.[1]),
};
