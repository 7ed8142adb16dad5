/** Signals: transforms, windows, spectrograms. */
import { divDim } from '../../types/dim-atoms.ts';
import { addDims, constantOf, intDim, subtractDims, type Dim } from '../../types/dim.ts';
import { known } from './known.ts';
import { alike, axisIn, dimsAt, dtypeAt, dtypeOf, has, input, intOf, replaceAt, type Rule, type RuleCall, type Rules } from './rule.ts';
import * as value from './scalar.ts';

const half = (length: Dim): Dim => addDims(divDim(length, intDim(2)), intDim(1));
const sizeAt = (call: RuleCall, i: number): Dim => value.dimOf(input(call, i).values?.[0]) ?? call.size();

/** [batch, …, 1 or 2]: the last axis holds the real and the imaginary part. */
const dft: Rule = (call) => {
  const { dtype, dims } = input(call, 0);
  if (dims === undefined) return [known(dtype, undefined)];
  const wanted = call.opset >= 20 ? (has(call, 2) ? value.numberOf(input(call, 2).values?.[0]) : -2) : intOf(call, 'axis', 1);
  const axis = wanted === undefined ? undefined : axisIn(wanted, dims.length);
  if (axis === undefined) return [known(dtype, dims.map(call.size))];
  const length = has(call, 1) ? sizeAt(call, 1) : dims[axis]!;
  const [isOneSided, isInverse] = [intOf(call, 'onesided', 0) === 1, intOf(call, 'inverse', 0) === 1];
  const complex = replaceAt(replaceAt(dims, axis, isOneSided && !isInverse ? half(length) : length), dims.length - 1, intDim(2));
  return [known(dtype, isOneSided && isInverse ? replaceAt(complex, dims.length - 1, intDim(1)) : complex)];
};

/** [batch, frames, frequencies, 2] */
const stft: Rule = (call) => {
  const signal = dimsAt(call, 0);
  const step = value.dimOf(input(call, 1).values?.[0]);
  const window = has(call, 2) ? dimsAt(call, 2)?.[0] : undefined;
  const frame = has(call, 3) ? sizeAt(call, 3) : (window ?? call.size());
  const isOneSided = intOf(call, 'onesided', 1) === 1;
  const frames = signal?.[1] && step && (constantOf(step) ?? 1) > 0 ? addDims(divDim(subtractDims(signal[1], frame), step), intDim(1)) : call.size();
  return [known(dtypeAt(call, 0), [signal?.[0] ?? call.size(), frames, isOneSided ? half(frame) : frame, intDim(2)])];
};

const window: Rule = (call) => [known(dtypeOf(call, 'output_datatype', 'f32'), [sizeAt(call, 0)])];

const melWeights: Rule = (call) => [known(dtypeOf(call, 'output_datatype', 'f32'), [half(sizeAt(call, 1)), sizeAt(call, 0)])];

export const signalRules: Rules = {
  DFT: dft,
  MelWeightMatrix: melWeights,
  STFT: stft,
  ...alike(window, 'BlackmanWindow', 'HammingWindow', 'HannWindow'),
};
