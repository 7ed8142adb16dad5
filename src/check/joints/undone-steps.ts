/**
 * Edits of the step that lost what is demanded: a logarithm left out, a softmax over another axis, the norm of the other factor of a product, a mask in
 * the place of ids. Each is evaluated, and offered only where what comes out is all that is demanded; nothing that is put behind a value brings back
 * what that step took.
 */
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts';
import type { Arg, CallExpr, Expr, FieldExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import type { Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { insertAt, replaceAt } from '../edits.ts';
import type { Env, TraceNode } from '../env.ts';
import { evaluate } from '../expressions/expr.ts';
import { followedValue } from './followed-values.ts';
import { onlyMaskOf } from './masks.ts';

/** An expression in the place of another, and how it is written there. */
interface Rewrite {
  readonly title: string;
  readonly expr: Expr;
  readonly edits: readonly Edit[];
  /** What else makes it fit would hide the same mistake. */
  readonly alone?: true;
}

/**
 * Those that make of an expression what is demanded, and whether nothing else is to be offered beside them; none while another body is followed. `behind` is
 * what has to stand behind a value of a type, ` |> onnx.Clip(…)` where rounding leads out of a range: '' where it is what is demanded, undefined where
 * nothing makes it that.
 */
export function undoneSteps(expr: Expr, wanted: TensorType, env: Env, behind: (type: TensorType) => string | undefined): { readonly fixes: Fix[]; readonly alone: boolean } {
  // What is tried here is judged as well, and would be tried in its turn.
  if (env.trace !== undefined || env.inferring !== undefined || env.deep !== undefined) return { fixes: [], alone: false };
  const found = makers.flatMap((make) => make(expr, wanted.facts, env)).flatMap((rewrite) => {
    const type = typeOf(rewrite.expr, wanted, env);
    const more = type && behind(type);
    return more === undefined ? [] : [{ ...rewrite, more }];
  });
  const end = expr.span.end;
  const fixes = found.map(({ title, edits, more }) => (more === '' ? { title, edits } : { title: `${title}, and cut off what rounding adds`, edits: [...edits, insertAt(end, more, env.scope.module)] }));
  return { fixes, alone: found.some(({ alone }) => alone) };
}

/** The type of an expression that checks, with what follows from its nodes. */
function typeOf(expr: Expr, wanted: TensorType, env: Env): TensorType | undefined {
  let errors = 0;
  const trace: TraceNode = { expr: undefined, symbol: env.symbol, letName: undefined, value: undefined, inner: [] };
  const value = evaluate(expr, { ...env, mixtures: undefined, joints: undefined, deep: undefined, trace, report: ({ severity }) => void (errors += Number(severity === 'error')) });
  if (errors > 0) return undefined;
  const known = followedValue(value, wanted, expr, env);
  return known.kind === 'tensor' ? known.type : undefined;
}

/** Whether an expression is a product with a matrix, of which the ranges of its factors say nothing. */
export const isProduct = (expr: Expr): boolean => operatorCall(expr)?.name === 'MatMul';

type MakeRewrites = (expr: Expr, wanted: readonly Fact[], env: Env) => readonly Rewrite[];

/** Of probabilities somebody took the logarithm. */
const withoutLog: MakeRewrites = (expr, _, { scope: { module } }) => {
  const log = operatorCall(expr);
  if (log?.name !== 'Log' || log.first === undefined) return [];
  const { span } = log.first;
  const [before, after] = [{ start: expr.span.start, end: span.start }, { start: span.end, end: expr.span.end }];
  const edits = [before, after].filter(({ start, end }) => end > start).map((cut) => replaceAt(cut, '', module));
  return [{ title: 'leave out `onnx.Log`', expr: log.first, edits }];
};

const alongAnAxis: ReadonlySet<string> = new Set(['Softmax', 'LpNormalization']);

/** What was made to be shares, or of one length, along another axis than the one that is demanded. */
const alongTheOther: MakeRewrites = (expr, wanted, { scope: { module } }) => {
  const found = operatorCall(expr);
  const given = found?.args.find(({ name }) => name?.text === 'axis');
  if (found === undefined || given === undefined || !alongAnAxis.has(found.name)) return [];
  const axes = new Set(wanted.flatMap((fact) => (fact.kind === 'sum' || fact.kind === 'norm' ? [fact.axis] : [])));
  return [...axes].map((axis) => ({
    title: `write \`axis: ${axis}\``,
    expr: found.withArgs(found.args.map((arg) => (arg === given ? { ...arg, value: numberOf(axis, arg) } : arg))),
    edits: [replaceAt(given.value.span, String(axis), module)],
    alone: true,
  }));
};

function numberOf(value: number, { span }: Arg): Expr {
  const size: Expr = { kind: 'NumberLit', span, value: Math.abs(value), text: String(Math.abs(value)) };
  return value < 0 ? { kind: 'UnaryExpr', span, op: '-', operand: size } : size;
}

/** Of products of vectors the length of the one is known, and not of the other: both are to be divided by their norms for a cosine. */
const dividedByNorm: MakeRewrites = (expr, wanted, { scope: { module }, locals }) => {
  const product = operatorCall(expr);
  if (product?.name !== 'MatMul' || !wanted.some(({ kind }) => kind === 'range')) return [];
  const isOfLibrary = module.names.get('l2_normalize')?.module.package === 'std' && !locals.has('l2_normalize');
  return product.operands.map((factor, i) => {
    const turned = operatorCall(factor);
    const vectors = turned?.name === 'Transpose' ? turned.first! : factor;
    const unit = isOfLibrary ? call('l2_normalize', vectors, []) : lpNormalized(vectors);
    const other = turned?.name === 'Transpose' ? turned.withFirst(unit) : unit;
    const [open, close] = isOfLibrary ? ['l2_normalize(', ')'] : ['onnx.LpNormalization(', ', axis: -1)'];
    return {
      title: 'divide the other factor by its norm, too',
      expr: product.withOperands(product.operands.map((each, k) => (k === i ? other : each))),
      edits: [insertAt(vectors.span.start, open, module), insertAt(vectors.span.end, close, module)],
    };
  });
};

const call = (name: string, of: Expr, args: readonly Arg[]): CallExpr => ({
  kind: 'CallExpr', span: of.span, args: [{ kind: 'Arg', span: of.span, value: of }, ...args],
  callee: name.startsWith('onnx.') ? operatorNamed(name.slice(5), of) : nameOf(name, of),
});
const nameOf = (text: string, { span }: Expr): Expr => ({ kind: 'NameExpr', span, name: { kind: 'Name', span, text } });
const operatorNamed = (name: string, of: Expr): FieldExpr => ({ kind: 'FieldExpr', span: of.span, object: nameOf('onnx', of), field: { kind: 'Name', span: of.span, text: name } });

function lpNormalized(of: Expr): CallExpr {
  const axis: Arg = { kind: 'Arg', span: of.span, name: { kind: 'Name', span: of.span, text: 'axis' }, value: of };
  return call('onnx.LpNormalization', of, [{ ...axis, value: numberOf(-1, axis) }]);
}

/** Numbers of words where the mask of the same text fits. */
const maskForIds: MakeRewrites = (expr, _, env) => {
  const { module } = env.scope;
  const found: Rewrite[] = [];
  visit(expr, {
    enter: (node) => {
      if (node.kind !== 'FieldExpr' || node.object.kind !== 'NameExpr') return;
      const record = env.locals.get(node.object.name.text)?.value;
      const ids = record?.kind === 'record' ? record.type.fields.get(node.field.text) : undefined;
      const mask = onlyMaskOf(node.object.name.text, env);
      if (mask === undefined || ids?.facts.some(({ kind }) => kind === 'tokenizer') !== true || mask.field === node.field.text) return;
      const meant: FieldExpr = { ...node, field: { ...node.field, text: mask.field } };
      found.push({ title: `take \`${node.object.name.text}.${mask.field}\`: ids are numbers of words`, expr: replaced(expr, node, meant), edits: [replaceAt(node.field.span, mask.field, module)], alone: true });
    },
  });
  return found.length === 1 ? found : [];
};

/** An expression with another one in the place of a first argument in it. */
function replaced(expr: Expr, old: Expr, by: Expr): Expr {
  if (expr === old) return by;
  if (expr.kind === 'PipeExpr') return { ...expr, value: replaced(expr.value, old, by) };
  const [first, ...rest] = expr.kind === 'CallExpr' ? expr.args : [];
  return expr.kind === 'CallExpr' && first !== undefined ? { ...expr, args: [{ ...first, value: replaced(first.value, old, by) }, ...rest] } : expr;
}

const makers: readonly MakeRewrites[] = [withoutLog, alongTheOther, dividedByNorm, maskForIds];

interface OperatorCall {
  readonly name: string;
  readonly args: readonly Arg[];
  /** What it is called of, of a pipe what stands before it, too. */
  readonly operands: readonly Expr[];
  readonly first: Expr | undefined;
  readonly withArgs: (args: readonly Arg[]) => Expr;
  readonly withFirst: (first: Expr) => Expr;
  readonly withOperands: (operands: readonly Expr[]) => Expr;
}

/** `onnx.Log(x)`, or `x |> onnx.Log`. */
function operatorCall(expr: Expr): OperatorCall | undefined {
  const stage = expr.kind === 'PipeExpr' ? expr.stage : expr;
  const callee = stage.kind === 'CallExpr' ? stage.callee : expr.kind === 'PipeExpr' ? stage : undefined;
  if (callee?.kind !== 'FieldExpr' || callee.object.kind !== 'NameExpr' || callee.object.name.text !== 'onnx') return undefined;
  const args = stage.kind === 'CallExpr' ? stage.args : [];
  const piped = expr.kind === 'PipeExpr' ? [expr.value] : [];
  const operands = [...piped, ...args.flatMap(({ name, value }) => (name === undefined ? [value] : []))];
  const withArgs = (changed: readonly Arg[]): Expr => {
    const made: Expr = stage.kind === 'CallExpr' ? { ...stage, args: changed } : stage;
    return expr.kind === 'PipeExpr' ? { ...expr, stage: made } : made;
  };
  const withOperands = (changed: readonly Expr[]): Expr => {
    const inner = changed.slice(piped.length);
    const made = withArgs(args.map((arg) => (arg.name === undefined ? { ...arg, value: inner.shift()! } : arg)));
    return made.kind === 'PipeExpr' ? { ...made, value: changed[0]! } : made;
  };
  return { name: callee.field.text, args, operands, first: operands[0], withArgs, withOperands, withFirst: (first) => withOperands([first, ...operands.slice(1)]) };
}
