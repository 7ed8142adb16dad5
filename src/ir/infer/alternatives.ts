/**
 * Nodes on tensors that have one of several shapes. Exporters write `squeeze` on an axis of open size as a branch: without
 * the axis where its size is 1, as it was elsewhere. Most of what follows runs on one of the two alone, and so tells which it was.
 */
import { couldRun } from '../../ops/foreign/demands.ts';
import { nothing, type Known } from '../../ops/foreign/known.ts';
import type { Rule, RuleCall } from '../../ops/foreign/rule.ts';
import { join } from './join.ts';

/** Combinations of shapes that a node is inferred for. */
const mostCalls = 16;

/** What `rule` says of a node, whichever of their shapes its inputs have. */
export function applyToAll(call: RuleCall, rule: Rule): readonly (Known | undefined)[] {
  if (call.inputs.every((input) => input?.oneOf === undefined)) return rule(call);
  const calls = everyCombination(call.inputs).map((inputs): RuleCall => ({ ...call, inputs }));
  if (calls.length > mostCalls) return rule(call);
  const results = calls.filter(couldRun).map(rule);
  const outputs = Math.max(0, ...results.map(({ length }) => length));
  return Array.from({ length: outputs }, (_, i) => join(results.map((result) => result[i] ?? nothing), call.size));
}

function everyCombination(inputs: RuleCall['inputs']): readonly RuleCall['inputs'][] {
  let all: RuleCall['inputs'][] = [[]];
  for (const input of inputs) {
    const choices: readonly (Known | undefined)[] = input?.oneOf?.map((dims) => ({ dtype: input.dtype, dims })) ?? [input];
    // One more than is followed: the caller sees that it was too many.
    all = all.flatMap((chosen) => choices.map((choice) => [...chosen, choice])).slice(0, mostCalls + 1);
  }
  return all;
}
