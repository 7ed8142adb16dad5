/**
 * Calls of parts in scope that turn one value of an attribute into another, `to_bgr`: behind the value, or behind what it was
 * made of, where the steps after it keep the attribute. Each place is tried, and offered only where everything checks.
 */
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { AttributeStatement } from '../../types/fact.ts';
import { showTensor } from '../../types/show.ts';
import type { Env, TraceNode } from '../env.ts';
import { foundAttribute } from '../expressions/attribute.ts';
import { evaluate } from '../expressions/expr.ts';
import { converters } from '../fixes.ts';
import { text } from '../source-text.ts';

/** Edits, and notes of parts that stand nowhere here. */
interface Conversions {
  readonly fixes: readonly Fix[];
  readonly notes: readonly string[];
}

/** How a value whose attribute is `found` comes to have what is demanded; nothing while another body is followed. */
export function conversionsOf(demand: AttributeStatement, found: AttributeStatement | undefined, expr: Expr, env: Env): Conversions {
  // What is tried here is judged as well, and would be tried in its turn.
  if (found === undefined || env.trace !== undefined || env.inferring !== undefined) return { fixes: [], notes: [] };
  const tried = converters(demand, found, env).map((name) => ({ name, fix: fixOf(name, demand, expr, env) }));
  return {
    fixes: tried.flatMap(({ fix }) => fix ?? []),
    notes: tried.flatMap(({ name, fix }) => (fix === undefined ? [noteOf(name, demand, found, env)] : [])),
  };
}

function noteOf(name: string, { value }: AttributeStatement, found: AttributeStatement, { checker, scope }: Env): string {
  const taken = [...checker.signatures.values()].find(({ symbol }) => scope.module.names.get(name) === symbol)?.tensors[0]?.type;
  const shape = taken?.kind === 'tensor' ? ` and takes ${showTensor(taken)}` : '';
  return `\`${name}\` makes ${value} of ${found.value}${shape}: call it where the value is that.`;
}

/** The call at the last place where it checks, and behind which the value has what is demanded. */
function fixOf(name: string, demand: AttributeStatement, expr: Expr, env: Env): Fix | undefined {
  const called = (value: Expr): Expr => ({ kind: 'PipeExpr', span: value.span, value, stage: { kind: 'NameExpr', span: value.span, name: { kind: 'Name', text: name, span: value.span } } });
  let place: Place | undefined = { value: expr, rebuild: (made) => made, before: undefined };
  for (; place !== undefined; place = placeBefore(place)) {
    if (!gives(demand, place.rebuild(called(place.value)), env)) continue;
    const { end } = place.value.span;
    const before = place.before === undefined ? '' : ` before \`${text(place.before, env)}\``;
    return { title: `call \`${name}\`${before}`, edits: [{ location: at(env.scope.module, { start: end, end }), text: ` |> ${name}` }] };
  }
  return undefined;
}

/** A value on the way to the whole one, the step that takes it, and the whole once another value stands in its place. */
interface Place {
  readonly value: Expr;
  readonly before: Expr | undefined;
  readonly rebuild: (value: Expr) => Expr;
}

/** Along pipes, and first arguments of calls. */
function placeBefore({ value: step, rebuild }: Place): Place | undefined {
  if (step.kind === 'PipeExpr') return { value: step.value, before: step.stage, rebuild: (value) => rebuild({ ...step, value }) };
  const [first, ...others] = step.kind === 'CallExpr' ? step.args : [];
  if (step.kind !== 'CallExpr' || first === undefined || first.name !== undefined) return undefined;
  return { value: first.value, before: step.callee, rebuild: (value) => rebuild({ ...step, args: [{ ...first, value }, ...others] }) };
}

/** Whether an expression checks, and its value has the attribute. */
function gives(demand: AttributeStatement, expr: Expr, env: Env): boolean {
  let errors = 0;
  const trace: TraceNode = { expr: undefined, symbol: env.symbol, letName: undefined, value: undefined, inner: [] };
  const value = evaluate(expr, { ...env, mixtures: undefined, joints: undefined, deep: undefined, trace, report: ({ severity }) => void (errors += Number(severity === 'error')) });
  return errors === 0 && value.kind === 'tensor' && foundAttribute(value.type, demand)?.value === demand.value;
}
