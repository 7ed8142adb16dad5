/**
 * What a body that keeps a space or a tokenizer does to places and ids. The same place of a vector is one feature: a body that cuts
 * the last axis and joins it in another order gives other features. An id is an index: what is added to it, or multiplied, makes it the index of another word.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at, type Symbol } from '../../names/modules.ts';
import type { CallExpr, Expr, Node, PartDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import type { Span } from '../../text/source.ts';
import { writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { showDim } from '../../types/dim.ts';
import { colourAxis, colourIdentity } from '../joints/readings.ts';
import { identityOf, isKind } from '../types/declarations.ts';
import { promisedPlace } from './kept-space.ts';
import { tensorsOf, type Signature } from './signature.ts';

export function checkKeptPlaces(signature: Signature, env: Env): void {
  const { declaration } = signature.symbol as Symbol<PartDecl>;
  if (declaration.body === undefined || declaration.weights !== undefined) return;
  const body: Body = { env, signature, lets: new Map(declaration.body.statements.flatMap((statement) => (statement.kind === 'Let' ? [[statement.name.text, statement.value] as const] : []))) };
  if (signature.keeps.has('space')) reportMoved(declaration, { ...body, ...vectors });
  const colour = colourOf(signature, env);
  if (colour !== undefined) reportMoved(declaration, { ...body, ...colour });
  if (signature.keeps.has('tokenizer')) reportCounted(declaration, body);
}

interface Body {
  readonly env: Env;
  readonly signature: Signature;
  readonly lets: ReadonlyMap<string, Expr>;
}

/** What tells the numbers of a value apart by their places along one axis. */
interface Places {
  /** What is kept, as it is written behind `keeps`. */
  readonly kept: string;
  readonly features: string;
  readonly vectors: string;
  readonly isAlong: (axis: Expr | undefined, body: Body) => boolean;
  /** What else puts them in other places, beside cuts and lists. */
  readonly others: readonly ((expr: Expr, body: Body & Places) => Moved | undefined)[];
  readonly note: string;
}

/** A call of an operator, as a call or as a stage of a pipe, with what goes into it. */
interface Operation {
  readonly name: string;
  readonly operands: readonly Expr[];
  readonly named: (name: string) => Expr | undefined;
  readonly span: Span;
}

function operationOf(expr: Expr): Operation | undefined {
  const [call, piped] = expr.kind === 'PipeExpr' ? [expr.stage, [expr.value]] : [expr, []];
  if (call.kind !== 'CallExpr' || !isOperator(call)) return undefined;
  const { args } = call;
  return {
    name: call.callee.kind === 'FieldExpr' ? call.callee.field.text : '',
    operands: [...piped, ...args.flatMap(({ name, value }) => (name === undefined ? [value] : []))],
    named: (name) => args.find((arg) => arg.name?.text === name)?.value,
    span: expr.span,
  };
}

const isOperator = ({ callee }: CallExpr): boolean => callee.kind === 'FieldExpr' && callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx';

/** What a name stands for. */
function resolved(expr: Expr, body: Body): Expr {
  const named = expr.kind === 'NameExpr' ? body.lets.get(expr.name.text) : undefined;
  return named !== undefined && named.span.end <= expr.span.start ? resolved(named, body) : expr;
}

/** A number that is written, with its sign. */
function numberIn(expr: Expr | undefined): number | undefined {
  if (expr?.kind === 'UnaryExpr') return expr.operand.kind === 'NumberLit' ? -expr.operand.value : undefined;
  return expr?.kind === 'NumberLit' ? expr.value : undefined;
}

// ---------------------------------------------------------------- space

/** Whether an axis is the last one of the vectors: counted from the end, or from the start of a result whose axes are known. */
function isLast(axis: Expr | undefined, { signature }: Body): boolean {
  const number = numberIn(axis);
  const { result } = signature;
  return number === -1 || (number !== undefined && result.kind === 'tensor' && result.shape.rest === undefined && number === result.shape.axes.length - 1);
}

/** Features of vectors lie along the last axis. */
const vectors: Places = {
  kept: 'space', features: 'features', vectors: 'vectors', isAlong: isLast, others: [turned, mixed],
  note: 'The same place of a vector is the same feature to all that read the space. The first features alone may be taken, and cuts joined in their order.',
};

/** The first and the last place of a cut of the axis, as they are written. */
function cutOf(expr: Expr, body: Body & Places): { readonly start: string; readonly end: string } | undefined {
  const operation = operationOf(resolved(expr, body));
  const [start, end] = [operation?.named('start'), operation?.named('end')];
  if (operation?.name !== 'Slice' || !body.isAlong(operation.named('axis'), body) || start === undefined || end === undefined) return undefined;
  return { start: writtenAt(start, body.env.scope.module), end: writtenAt(end, body.env.scope.module) };
}

function reportMoved(declaration: PartDecl, body: Body & Places): void {
  const { env, kept, note } = body;
  const moved = movedIn(declaration.body!.result, body);
  if (moved === undefined) return;
  env.report(jointCodes.report('features-moved', { part: declaration.name.text, kept, how: moved.how }, at(env.scope.module, moved.span), promisedPlace(declaration, kept, note, env.scope.module)));
}

interface Moved {
  readonly span: Span;
  readonly how: string;
}

/** The first place in what a result is made of where features change theirs. */
function movedIn(result: Expr, body: Body & Places): Moved | undefined {
  const cut = cutOf(result, body);
  if (cut !== undefined && cut.start !== '0') return { span: resolved(result, body).span, how: `gives the ${body.features} from ${cut.start} on as the first ones` };
  const picked = operationOf(resolved(result, body));
  const list = picked?.name === 'Gather' && body.isAlong(picked.named('axis'), body) ? (picked.named('indices') ?? picked.operands[1]) : undefined;
  if (list?.kind === 'ListExpr' && list.items.some((item, i) => numberIn(item) !== i)) return { span: picked!.span, how: `gives ${body.features} that are no beginning, or not in their order` };
  let found: Moved | undefined;
  const seen = new Set<Expr>();
  const follow = (expr: Expr): void =>
    visit(expr, {
      enter: (node) => {
        if (found !== undefined) return;
        if (node.kind === 'CallExpr' || node.kind === 'PipeExpr') found = [joinedOtherwise, ...body.others].map((moves) => moves(node, body)).find((moved) => moved !== undefined);
        const named = node.kind === 'NameExpr' ? resolved(node, body) : undefined;
        if (named === undefined || named === node || seen.has(named)) return;
        seen.add(named);
        follow(named);
      },
    });
  follow(result);
  return found;
}

/** Cuts of the axis that are joined, and do not follow one another from the first feature on. */
function joinedOtherwise(expr: Expr, body: Body & Places): Moved | undefined {
  const operation = operationOf(expr);
  if (operation?.name !== 'Concat' || !body.isAlong(operation.named('axis'), body)) return undefined;
  const cuts = operation.operands.map((operand) => cutOf(operand, body));
  if (cuts.length < 2 || cuts.some((cut) => cut === undefined)) return undefined;
  const follows = cuts.every((cut, i) => cut!.start === (i === 0 ? '0' : cuts[i - 1]!.end));
  return follows ? undefined : { span: operation.span, how: `joins cuts of the ${body.vectors} in another order` };
}

/** Vectors that are split into rows, turned, and made vectors again. */
function turned(expr: Expr, body: Body): Moved | undefined {
  const operation = operationOf(expr);
  if (operation?.name !== 'Reshape') return undefined;
  const turns: number[][] = [];
  const inner = turnsBelow(operation.operands[0], body, turns);
  const [perm] = turns;
  const split = listOf(inner?.named('shape') ?? inner?.operands[1]);
  if (inner?.name !== 'Reshape' || turns.length !== 1 || perm === undefined || split === undefined || split.length !== perm.length) return undefined;
  // Axes of one element may stand anywhere.
  const order = perm.filter((axis) => numberIn(split[axis]) !== 1);
  const isLastMoved = order.at(-1) !== Math.max(...order);
  return isLastMoved ? { span: operation.span, how: 'splits the vectors, turns what comes of it, and joins it in another order' } : undefined;
}

/** The operation below transpositions, whose orders of axes are noted. */
function turnsBelow(expr: Expr | undefined, body: Body, turns: number[][]): Operation | undefined {
  const operation = expr && operationOf(resolved(expr, body));
  if (operation?.name !== 'Transpose') return operation;
  turns.push((listOf(operation.named('perm')) ?? []).map((axis) => numberIn(axis) ?? -1));
  return turnsBelow(operation.operands[0], body, turns);
}

const listOf = (expr: Expr | undefined): readonly Expr[] | undefined => (expr?.kind === 'ListExpr' ? expr.items : undefined);

/** A product with a matrix that is an input of its own, or a running sum: each feature becomes one of several. */
function mixed(expr: Expr, body: Body): Moved | undefined {
  const operation = operationOf(expr);
  const [first, second] = operation?.operands ?? [];
  if (operation === undefined || first === undefined || !saysSpace(first, body)) return undefined;
  if (operation.name === 'CumSum' && isLast(operation.named('axis') ?? second, body)) return { span: operation.span, how: 'adds each feature to those behind it' };
  const matrix = operation.name === 'MatMul' && second !== undefined ? inputOf(second, body) : undefined;
  const [width, last] = [lastSize(matrix), lastSize(body.signature.result)];
  // A vector for each of the features is no weighting of rows.
  return matrix !== undefined && !hasSpace(matrix) && width !== undefined && width === last ? { span: operation.span, how: 'makes each feature a mixture of all' } : undefined;
}

/** The type of an input that an expression names. */
function inputOf(expr: Expr, body: Body): Signature['result'] | undefined {
  const named = resolved(expr, body);
  return named.kind === 'NameExpr' ? body.signature.tensors.find(({ name }) => name === named.name.text)?.type : undefined;
}

const hasSpace = (type: Signature['result']): boolean => tensorsOf(type).some(({ facts }) => facts.some(({ kind }) => kind === 'space'));

const lastSize = (type: Signature['result'] | undefined): string | undefined => {
  const axis = type?.kind === 'tensor' ? type.shape.axes.at(-1) : undefined;
  return axis && showDim(axis.size);
};

/** Whether an expression is an input in a space, or operators of arithmetic on it; without inputs that say a space it is the first. */
function saysSpace(expr: Expr, body: Body): boolean {
  const named = resolved(expr, body);
  if (named.kind === 'UnaryExpr') return saysSpace(named.operand, body);
  if (named.kind === 'BinaryExpr') return saysSpace(named.left, body) || saysSpace(named.right, body);
  const type = inputOf(named, body);
  const { tensors } = body.signature;
  return type !== undefined && (hasSpace(type) || (!tensors.some((other) => hasSpace(other.type)) && type === tensors[0]?.type));
}

// ---------------------------------------------------------------- colours

/** Operators behind which an axis may stand at another place. */
const relaying: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** Where the order of the colours of `std/vision` is kept: along their axis, in a body that leaves the axes where they are. */
function colourOf({ symbol, tensors }: Signature, { scope: { module } }: Env): Places | undefined {
  const { keeps, body } = symbol.declaration as PartDecl;
  const kept = keeps.find(({ text }) => {
    const named = module.names.get(text);
    return isKind(named, 'AttributeDecl') && identityOf(named) === colourIdentity;
  });
  const shape = tensors.flatMap(({ type }) => tensorsOf(type))[0]?.shape;
  const axis = kept && shape && colourAxis(shape);
  if (axis === undefined || shape?.rest !== undefined) return undefined;
  let isRelaid = false;
  visit(body!, { enter: (node) => void (isRelaid ||= (node.kind === 'CallExpr' || node.kind === 'PipeExpr') && relaying.has(operationOf(node)?.name ?? '')) });
  const isAlong = (written: Expr | undefined): boolean => [axis, axis + shape!.axes.length].includes(numberIn(written) ?? NaN);
  return isRelaid ? undefined : { kept: kept!.text, features: 'channels', vectors: 'channels', isAlong, others: [], note: 'Which channel is which colour is told by its place alone. A part that gives them in another order says so: `color == bgr`.' };
}

// ---------------------------------------------------------------- tokenizer

/** Which number changes nothing, by the operator. */
const neutral: Readonly<Record<string, number>> = { '+': 0, '-': 0, '*': 1, '/': 1, Add: 0, Sub: 0, Mul: 1, Div: 1 };

function reportCounted(declaration: PartDecl, body: Body): void {
  const { env } = body;
  const note = 'An id is an index into the vocabulary: the next number is another word. Where a file counts its vocabulary otherwise, its ids are those of another `tokenizer`.';
  visit(declaration.body!, {
    enter: (node) => {
      const summed = node.kind === 'CallExpr' || node.kind === 'PipeExpr' ? operationOf(node) : undefined;
      const isSum = summed?.name === 'CumSum' && summed.operands[0] !== undefined && areIds(resolved(summed.operands[0], body), body);
      if (isSum) env.report(counted(declaration, node, note, env));
      const [sign, a, b] = node.kind === 'BinaryExpr' ? [node.op, node.left, node.right] : node.kind === 'CallExpr' || node.kind === 'PipeExpr' ? signOf(operationOf(node)) : [];
      const number = numberIn(b) ?? (sign === '/' || sign === 'Div' ? undefined : numberIn(a));
      const ids = numberIn(b) === undefined ? b : a;
      if (sign === undefined || ids === undefined || number === undefined || number === neutral[sign] || !areIds(resolved(ids, body), body)) return;
      env.report(counted(declaration, node, note, env));
    },
  });
}

const counted = (declaration: PartDecl, node: Node, note: string, env: Env): Diagnostic =>
  jointCodes.report('ids-counted', { part: declaration.name.text, value: writtenAt(node, env.scope.module) }, at(env.scope.module, node.span), promisedPlace(declaration, 'tokenizer', note, env.scope.module));

const signOf = (operation: Operation | undefined): readonly [string?, (Expr | undefined)?, (Expr | undefined)?] => (operation !== undefined && Object.hasOwn(neutral, operation.name) ? [operation.name, operation.operands[0], operation.operands[1]] : []);

/** An input of ids: what says a tokenizer, or the first input that is no mask. */
function areIds(expr: Expr, { signature }: Body): boolean {
  const { name, field } = expr.kind === 'FieldExpr' && expr.object.kind === 'NameExpr' ? { name: expr.object.name.text, field: expr.field.text } : { name: expr.kind === 'NameExpr' ? expr.name.text : '', field: undefined };
  const parameter = signature.tensors.find((tensor) => tensor.name === name);
  const type = parameter?.type.kind === 'record' ? (field === undefined ? undefined : parameter.type.fields.get(field)) : field === undefined && parameter?.type.kind === 'tensor' ? parameter.type : undefined;
  if (type === undefined || type.facts.some(({ kind }) => kind === 'mask' || kind === 'prefix_mask')) return false;
  const saysTokenizer = ({ type: each }: { readonly type: Signature['result'] }): boolean => tensorsOf(each).some(({ facts }) => facts.some(({ kind }) => kind === 'tokenizer'));
  return type.facts.some(({ kind }) => kind === 'tokenizer') || (!signature.tensors.some(saysTokenizer) && parameter === signature.tensors[0]);
}
