/** The rules about values, by operator; operators of other domains are named with theirs. */
import type { Node } from '../../../ir/graph.ts';
import { rangeRules, type RangeRule } from '../ranges/rules.ts';
import type { FactRule } from './fact-rule.ts';
import { linearFacts } from './linear.ts';
import { lineFacts } from './lines.ts';
import { besides, orderFacts } from './order.ts';
import { resetFacts } from './normalisation.ts';
import { propagationFacts } from './propagation.ts';

const both = (rule: FactRule | undefined, other: FactRule): FactRule => (rule === undefined ? other : (given) => ({ ...other(given), ...rule(given) }));
const own: Readonly<Record<string, FactRule>> = { ...propagationFacts, ...resetFacts, ...linearFacts, ...orderFacts };
const withMore = (rules: Readonly<Record<string, FactRule>>, more: Readonly<Record<string, FactRule>>): Readonly<Record<string, FactRule>> => ({
  ...rules,
  ...Object.fromEntries(Object.entries(more).map(([op, rule]) => [op, both(rules[op], rule)])),
});
const factRules = [besides, lineFacts].reduce(withMore, own);

const keyOf = ({ domain, op }: Pick<Node, 'domain' | 'op'>): string => (domain === '' ? op : `${domain}.${op}`);
const find = <T>(rules: Readonly<Record<string, T>>, node: Node): T | undefined => (Object.hasOwn(rules, keyOf(node)) ? rules[keyOf(node)] : undefined);

export const factRuleOf = (node: Node): FactRule | undefined => find(factRules, node);
export const rangeRuleOf = (node: Node): RangeRule | undefined => find(rangeRules, node);

/** Operators whose elements each come of the operands' elements at the same place: their bounds follow index by index. */
const elementwise = new Set([
  'Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Clip', 'Relu', 'LeakyRelu', 'Exp', 'Log', 'Sqrt', 'Abs', 'Neg', 'Reciprocal', 'Floor', 'Ceil', 'Round', 'Softplus', 'Gelu',
  'HardSwish', 'Where', 'Cast',
]);
export const isElementwise = (node: Node): boolean => node.domain === '' && elementwise.has(node.op);

/** Why the facts hold, for operators that bound their result whatever comes in, and the common ones that hand facts on. */
const reasons: Readonly<Record<string, string>> = {
  Softmax: 'exponentials divided by their sum',
  Sigmoid: 'lies between 0 and 1 whatever comes in',
  HardSigmoid: 'lies between 0 and 1 whatever comes in',
  Tanh: 'lies between -1 and 1 whatever comes in',
  Erf: 'lies between -1 and 1 whatever comes in',
  Relu: 'nothing below 0',
  Clip: 'cut off at its ends',
  LayerNormalization: 'normalised, then scaled and moved by constants',
  LpNormalization: 'divided by its own length',
  OneHot: 'one mark in each vector',
  MatMul: 'sums of products, with what is known of both sides',
  Gemm: 'sums with constant weights, moved by a constant',
  Conv: 'sums with constant weights',
  ConvTranspose: 'sums with constant weights',
  ReduceMean: 'a mean lies between what it is of',
  Concat: 'whatever one of its parts may be',
};
export const reasonOf = (node: Node): string => reasons[keyOf(node)] ?? (Object.hasOwn(propagationFacts, keyOf(node)) ? 'from its operands' : 'bounds of the operator');
