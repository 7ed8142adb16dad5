/** Probabilities compared for equality with 0 or 1: a softmax and a sigmoid come to that by rounding alone. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { at, type Span } from '../../text/source.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Argument } from './call.ts';
import { areShares } from './normalised-twice.ts';
import type { TensorValue } from './values.ts';

const isProbability = ({ type, odds }: TensorValue): boolean =>
  (odds === 'single' || areShares(type)) && !type.facts.some(({ kind }) => kind === 'one_hot' || kind === 'integer' || kind === 'mask');

const onlyNumber = ({ type }: TensorValue): number | undefined => {
  const { low, high } = rangeOf(type);
  return low === high ? low : undefined;
};

/** Judges what a body writes. */
export function judgeEquality({ name }: Operator, operands: readonly Argument[], tensors: readonly TensorValue[], span: Span, env: Env): void {
  if (name !== 'Equal') return;
  const [odds, number] = [tensors.findIndex(isProbability), tensors.map(onlyNumber).find((value) => value === 0 || value === 1)];
  if (odds < 0 || number === undefined) return;
  const { expr } = operands[odds]!;
  const isPiped = expr.span.end <= span.start;
  const call = number === 1 ? 'Greater' : 'Less';
  const text = isPiped ? `onnx.${call}(0.5)` : `onnx.${call}(${writtenAt(expr, env.scope.module)}, 0.5)`;
  env.report(
    jointCodes.report('equal-by-rounding', { number, of: tensors[odds]!.odds === 'single' ? 'a sigmoid' : 'probabilities that sum to 1' }, at(env.scope.module, span), {
      label: 'true by rounding alone',
      notes: ['However large a score is, the others keep a share: whether the last digit is lost depends on the element type and on the runtime. A bound in between is meant, or the greatest of them, `onnx.ArgMax`.'],
      fixes: [{ title: `write \`${text}\``, edits: [replaceAt(span, text, env.scope.module)], doubtful: true }],
    }),
  );
}
