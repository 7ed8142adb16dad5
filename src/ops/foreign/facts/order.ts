/** Numbers in their order along an axis, and the masks that comparisons make of them: `position < length`. */
import { constantOf } from '../../../types/dim.ts';
import { axisIn, dimsAt, intOf, intsIn, numbersAt, type RuleCall } from '../rule.ts';
import { between, isEverything, rounded } from '../ranges/interval.ts';
import { fixedSize, isFloat, mostTerms, type FactCall, type FactRule } from './fact-rule.ts';
import { isMask, type ValueFacts } from './value-facts.ts';

/** Whether an operand has one element along an axis of the result, or none of its own. */
function isFlat(call: RuleCall, input: number, axis: number): boolean {
  const dims = dimsAt(call, input);
  if (dims === undefined) return false;
  return dims.length < -axis || constantOf(dims.at(axis)!) === 1;
}

const range: FactRule = ({ at }) => (at(2).low >= 0 ? { rising: -1 } : {});

/** The sum of all before: of what is not negative it never falls, as long as it does not wrap around. */
const cumSum: FactRule = (given) => {
  const { call } = given;
  const [rank, along] = [dimsAt(call, 0)?.length, numbersAt(call, 1)];
  const axis = rank === undefined || along?.length !== 1 ? undefined : axisIn(along[0]!, rank);
  if (axis === undefined || intOf(call, 'reverse', 0) !== 0 || !(given.at(0).low >= 0)) return {};
  const most = given.at(0).high * (fixedSize(call, 0, axis - rank!) ?? mostTerms);
  if (!isFloat(given.output.dtype) && isEverything(rounded(between(0, most), given.output.dtype))) return {};
  const { integer } = given.factsAt(0);
  return { rising: axis - rank!, ...(integer ? { integer } : {}) };
};

/** What is in order stays so where all of a line is moved by one number. */
export function movedOrder(given: FactCall): Partial<ValueFacts> {
  const { call } = given;
  // Of weights nothing is asked.
  const risingOf = (input: number): number | undefined => (given.isStored(input) ? undefined : given.factsAt(input).rising);
  const [a, b] = [risingOf(0), call.node.op === 'Add' ? risingOf(1) : undefined];
  if (a !== undefined && isFlat(call, 1, a)) return { rising: a };
  return b !== undefined && isFlat(call, 0, b) ? { rising: b } : {};
}

const holds: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  Equal: (x, y) => x === y,
  Less: (x, y) => x < y,
  LessOrEqual: (x, y) => x <= y,
  Greater: (x, y) => x > y,
  GreaterOrEqual: (x, y) => x >= y,
};

/** Places below a number are a prefix; so is a prefix mask beside a number that tells 0 from 1. */
const comparison: FactRule = (given) => {
  const { call, factsAt, at } = given;
  const { op } = call.node;
  const [low, high] = op.startsWith('Less') ? [0, 1] : [1, 0];
  // A stored table of places is compared with one number for each of its rows.
  const rising = given.isStored(low) && !isFlat(call, high, -1) ? undefined : factsAt(low).rising;
  if (op !== 'Equal' && rising !== undefined && isFlat(call, high, rising)) return { prefix: rising };
  for (const side of [0, 1]) {
    const mask = given.isStored(side) ? undefined : factsAt(side);
    if (mask?.prefix === undefined || !isMask(mask)) continue;
    const number = at(1 - side);
    const test = (x: number): boolean => (side === 0 ? holds[op]!(x, number.low) : holds[op]!(number.low, x));
    if (number.low === number.high && test(1) && !test(0)) return { prefix: mask.prefix };
  }
  return {};
};

/** Ones and then zeros, where two such meet: in each line one of them ends first. */
const joined: FactRule = ({ call, factsAt, isStored }) => {
  if (call.inputs.length !== 2) return {};
  const first = isStored(0) ? 1 : 0;
  if (!isMask(factsAt(first))) return {};
  const [a, b] = [factsAt(0), factsAt(1)];
  if (!isMask(a) || !isMask(b)) return {};
  const isOf = (axis: number, facts: ValueFacts, input: number): boolean => facts.prefix === axis || isFlat(call, input, axis);
  const axis = [a.prefix, b.prefix].find((one) => one !== undefined && isOf(one, a, 0) && isOf(one, b, 1));
  return axis === undefined ? {} : { prefix: axis };
};

/** 1 where the condition holds, and else 0. */
const chosen: FactRule = ({ factsAt, at, call }) => {
  const { prefix } = factsAt(0);
  const isOnes = at(1).low === 1 && at(1).high === 1 && at(2).low === 0 && at(2).high === 0;
  return prefix !== undefined && isOnes && isFlat(call, 1, prefix) && isFlat(call, 2, prefix) ? { prefix } : {};
};

/** How many ones a line of a mask has, where that is known. */
const count: FactRule = ({ call, factsAt }) => {
  const facts = factsAt(0);
  const [rank, axes] = [dimsAt(call, 0)?.length, intsIn(call, 'axes', 1)];
  if (!isMask(facts) || rank === undefined || axes === undefined || axes === 'unknown' || axes.length !== 1) return facts.integer ? { integer: true } : {};
  const axis = axisIn(axes[0]!, rank);
  const line = facts.lines.find((one) => one.kind === 'sum' && axis !== undefined && one.axis === axis - rank);
  return { integer: true, ...(line ? { range: { low: line.low, high: line.high } } : {}) };
};

export const orderFacts: Readonly<Record<string, FactRule>> = {
  Range: range,
  CumSum: cumSum,
  ...Object.fromEntries(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((op) => [op, comparison])),
  ...Object.fromEntries(['And', 'Or'].map((op) => [op, joined])),
  ReduceSum: count,
};

/** Of operators that have rules of their own beside. */
export const besides: Readonly<Record<string, FactRule>> = { Add: movedOrder, Sub: movedOrder, Mul: joined, Min: joined, Max: joined, Where: chosen };
