/** An operator whose result is one and the same whatever goes in, by the ranges that are known: a bound on the wrong side, or of another scale. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { at, type Span } from '../../text/source.ts';
import type { Ends } from '../../types/fact.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { wideOf } from '../../types/wide-range.ts';
import type { Env } from '../env.ts';

/** What comes out for all of these operands; undefined where that depends on them. */
type Rule = (operands: readonly Ends[], result: Ends | undefined) => string | undefined;

const always = (isTrue: (a: Ends, b: Ends) => boolean, isFalse: (a: Ends, b: Ends) => boolean): Rule => ([a, b]) =>
  a === undefined || b === undefined ? undefined : isTrue(a, b) ? 'true' : isFalse(a, b) ? 'false' : undefined;

const belowZero: Rule = ([x]) => (x !== undefined && x.high < 0 ? 'NaN' : undefined);
/** A logarithm of 0 is -inf: of logarithms of probabilities there is no other. */
const upToZero: Rule = ([x], result) => belowZero([x!], result) ?? (x?.high === 0 ? 'NaN or -inf' : undefined);
const oneNumber: Rule = (_, result) => (result !== undefined && result.low === result.high ? showBound(result.low) : undefined);

const rules: ReadonlyMap<string, Rule> = new Map([
  ['Log', upToZero],
  ['Sqrt', belowZero],
  ['Relu', oneNumber],
  ['Clip', oneNumber],
  ['Greater', always((a, b) => a.low > b.high, (a, b) => a.high <= b.low)],
  ['GreaterOrEqual', always((a, b) => a.low >= b.high, (a, b) => a.high < b.low)],
  ['Less', always((a, b) => a.high < b.low, (a, b) => a.low >= b.high)],
  ['LessOrEqual', always((a, b) => a.high <= b.low, (a, b) => a.low > b.high)],
]);

/** Judges what a body writes, by what it has for all its callers. */
export function judgeSettled(operator: Operator, types: readonly TensorType[], type: Type, span: Span, env: Env): void {
  const rule = rules.get(operator.name);
  const operands = types.map((operand) => wideOf(rangeOf(operand)));
  // Of a constant, one result is what is meant.
  if (rule === undefined || type.kind !== 'tensor' || operands.slice(0, 2).every(({ low, high }) => low === high)) return;
  const [x] = operands;
  if (x === undefined || (operator.name === 'Clip' && x.low === x.high)) return;
  const result = rule(operands, rangeOf(type));
  if (result === undefined) return;
  const known = operands.slice(0, operator.inputs.length === 2 ? 2 : 1).map(({ low, high }) => `[${showBound(low)}, ${showBound(high)}]`);
  env.report(
    jointCodes.report('settled-result', { operator: operator.name, result, known: known.join(' and ') }, at(env.scope.module, span), {
      label: `always ${result}`,
      notes: [...(operator.name === 'Log' && x.high === 0 ? ['What lies there is a logarithm already, as `log_softmax` gives it.'] : []), 'That is known from the ranges of its operands. A bound is on the wrong side, or of another scale than the values.'],
    }),
  );
}
