/** The steps of a body: it is evaluated once more, and each expression is kept with its value. */
import type { Fact } from '../types/fact.ts';
import { implying } from '../types/implies.ts';
import type { Expr } from '../syntax/ast.ts';
import type { Env, TraceNode } from './env.ts';
import { evaluateBlock } from './expressions/block.ts';
import { evaluate } from './expressions/expr.ts';
import type { Value } from './expressions/values.ts';

/** The steps of a part's body, or of one expression of a model, in the order of their evaluation. */
export function traceBody(expr: Expr, env: Env): TraceNode {
  const root: TraceNode = { expr: undefined, symbol: env.symbol, letName: undefined, value: undefined, inner: [] };
  const { declaration } = env.symbol;
  const quiet: Env = { ...env, mixtures: undefined, report: () => {}, joints: undefined, deep: undefined, trace: root };
  if (declaration.kind !== 'PartDecl' || declaration.body === undefined) {
    root.value = evaluate(expr, quiet);
    return root;
  }
  const names = new Set(declaration.params.map(({ name }) => name.text));
  const locals = new Map([...env.locals].filter(([name]) => names.has(name)));
  root.value = evaluateBlock(declaration.body, { ...quiet, locals });
  return root;
}

/** Steps by their values: a name stands for the step whose value it is. */
export function stepsByValue(root: TraceNode): ReadonlyMap<Value, TraceNode> {
  const steps = new Map<Value, TraceNode>();
  const visit = (node: TraceNode): void => {
    node.inner.forEach(visit);
    if (node.value !== undefined && !steps.has(node.value)) steps.set(node.value, node);
  };
  visit(root);
  return steps;
}

export interface LostStep {
  /** Of what the fact is known, and the step behind it of which it is not. */
  readonly before: Expr;
  readonly at: Expr;
}

/** The last step behind which a fact is no longer known that was known before it; undefined where it never was. */
export function lostStep(root: TraceNode, fact: Fact): LostStep | undefined {
  const steps = stepsByValue(root);
  const holds = (value: Value | undefined): boolean => value?.kind === 'tensor' && implying(value.type, fact) !== undefined;
  const visited = new Set<TraceNode>();
  const visit = (given: TraceNode): LostStep | undefined => {
    const node = given.expr?.kind === 'NameExpr' && given.value ? (steps.get(given.value) ?? given) : given;
    if (visited.has(node)) return undefined;
    visited.add(node);
    // Steps of bodies that were called are their own business.
    const operands = node.inner.filter(({ symbol, value, expr }) => symbol === node.symbol && value?.kind === 'tensor' && expr !== undefined);
    const before = operands.find(({ value }) => holds(value));
    if (before !== undefined && node.expr !== undefined && !holds(node.value)) return { before: before.expr!, at: node.expr };
    return operands.map(visit).find((found) => found !== undefined);
  };
  const result = root.inner.filter(({ symbol }) => symbol === root.symbol).at(-1);
  return result && visit(result);
}
