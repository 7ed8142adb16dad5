/** What a rule of cost is given and answers. */
import { multiplyDims, intDim, type Dim } from '../../types/dim.ts';
import type { Known } from '../foreign/known.ts';
import { productOf } from '../foreign/known.ts';
import { dimsAt, type RuleCall } from '../foreign/rule.ts';

/** A node with all that is inferred of its inputs and outputs. */
export interface CostCall extends RuleCall {
  readonly outputs: readonly Known[];
}

/** The multiply-adds of one run of a node; undefined where they cannot be told. */
export type CostRule = (call: CostCall) => Dim | undefined;
export type CostRules = Readonly<Record<string, CostRule>>;

export const elementsOf = (dims: readonly Dim[] | undefined): Dim | undefined => dims && productOf(dims);
export const elementsAt = (call: CostCall, i: number): Dim | undefined => elementsOf(dimsAt(call, i));

/** The product; undefined where a factor is, or where it grows beyond what anybody means. */
export function times(...factors: readonly (Dim | undefined)[]): Dim | undefined {
  return factors.every((factor) => factor !== undefined) ? productOf(factors) : undefined;
}

export const numberTimes = (number: number, dim: Dim | undefined): Dim | undefined => dim && multiplyDims(intDim(number), dim);
