/**
 * Edits of the step that lost what is demanded: a logarithm left out. Each is evaluated, and offered only where what comes out is all that is
 * demanded; nothing that is put behind a value brings back what that step took.
 */
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { TensorType } from '../../types/type.ts';
import { replaceAt } from '../edits.ts';
import type { Env, TraceNode } from '../env.ts';
import { evaluate } from '../expressions/expr.ts';

/** An expression in the place of another, and how it is written there. */
interface Rewrite {
  readonly title: string;
  readonly expr: Expr;
  readonly edits: readonly Edit[];
}

/** Those that make of an expression what is demanded; none while another body is followed. */
export function undoneSteps(expr: Expr, env: Env, isMeant: (type: TensorType) => boolean): Fix[] {
  // What is tried here is judged as well, and would be tried in its turn.
  if (env.trace !== undefined || env.inferring !== undefined || env.deep !== undefined) return [];
  const rewrites = makers.flatMap((make) => make(expr, env));
  return rewrites.filter((rewrite) => gives(rewrite.expr, env, isMeant)).map(({ title, edits }) => ({ title, edits }));
}

function gives(expr: Expr, env: Env, isMeant: (type: TensorType) => boolean): boolean {
  let errors = 0;
  const trace: TraceNode = { expr: undefined, symbol: env.symbol, letName: undefined, value: undefined, inner: [] };
  const value = evaluate(expr, { ...env, mixtures: undefined, joints: undefined, deep: undefined, trace, report: ({ severity }) => void (errors += Number(severity === 'error')) });
  return errors === 0 && value.kind === 'tensor' && isMeant(value.type);
}

type MakeRewrites = (expr: Expr, env: Env) => readonly Rewrite[];

/** Of probabilities somebody took the logarithm. */
const withoutLog: MakeRewrites = (expr, { scope: { module } }) => {
  const log = operatorCall(expr);
  if (log?.name !== 'Log' || log.first === undefined) return [];
  const { span } = log.first;
  const [before, after] = [{ start: expr.span.start, end: span.start }, { start: span.end, end: expr.span.end }];
  const edits = [before, after].filter(({ start, end }) => end > start).map((cut) => replaceAt(cut, '', module));
  return [{ title: 'leave out `onnx.Log`', expr: log.first, edits }];
};

const makers: readonly MakeRewrites[] = [withoutLog];

interface OperatorCall {
  readonly name: string;
  readonly first: Expr | undefined;
}

/** `onnx.Log(x)`, or `x |> onnx.Log`. */
function operatorCall(expr: Expr): OperatorCall | undefined {
  const stage = expr.kind === 'PipeExpr' ? expr.stage : expr;
  const callee = stage.kind === 'CallExpr' ? stage.callee : expr.kind === 'PipeExpr' ? stage : undefined;
  if (callee?.kind !== 'FieldExpr' || callee.object.kind !== 'NameExpr' || callee.object.name.text !== 'onnx') return undefined;
  const [arg] = stage.kind === 'CallExpr' ? stage.args : [];
  return { name: callee.field.text, first: expr.kind === 'PipeExpr' ? expr.value : arg?.value };
}
