/** The body of a part that keeps something, as what becomes of places in it is read off: its operators, what names in it stand for, and its cuts. */
import type { ModuleScope } from '../../names/modules.ts';
import type { CallExpr, Expr, Name, PartDecl } from '../../syntax/ast.ts';
import type { Span } from '../../text/source.ts';
import { writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { colourIdentity } from '../joints/readings.ts';
import { identityOf, isKind } from '../types/declarations.ts';
import type { Signature } from './signature.ts';

export interface Body {
  readonly env: Env;
  readonly signature: Signature;
  readonly lets: ReadonlyMap<string, Expr>;
}

/** What tells the numbers of a value apart by their places along one axis. */
export interface Places {
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
export interface Operation {
  readonly name: string;
  readonly operands: readonly Expr[];
  readonly named: (name: string) => Expr | undefined;
  readonly span: Span;
}

export function operationOf(expr: Expr): Operation | undefined {
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
export function resolved(expr: Expr, body: Body): Expr {
  const named = expr.kind === 'NameExpr' ? body.lets.get(expr.name.text) : undefined;
  return named !== undefined && named.span.end <= expr.span.start ? resolved(named, body) : expr;
}

/** A number that is written, with its sign. */
export function numberIn(expr: Expr | undefined): number | undefined {
  if (expr?.kind === 'UnaryExpr') return expr.operand.kind === 'NumberLit' ? -expr.operand.value : undefined;
  return expr?.kind === 'NumberLit' ? expr.value : undefined;
}

/** The elements of a list that is written. */
export const listOf = (expr: Expr | undefined): readonly Expr[] | undefined => (expr?.kind === 'ListExpr' ? expr.items : undefined);

export interface Moved {
  readonly span: Span;
  readonly how: string;
}

/** The first and the last place of a cut of the axis, as they are written. */
export function cutOf(expr: Expr, body: Body & Places): { readonly start: string; readonly end: string } | undefined {
  const operation = operationOf(resolved(expr, body));
  const [start, end] = [operation?.named('start'), operation?.named('end')];
  if (operation?.name !== 'Slice' || !body.isAlong(operation.named('axis'), body) || start === undefined || end === undefined) return undefined;
  return { start: writtenAt(start, body.env.scope.module), end: writtenAt(end, body.env.scope.module) };
}

/** Why features have to stay where they are. */
export const keptPlacesNote = 'The same place of a vector is the same feature to all that read the space. The first features alone may be taken, and cuts joined in their order.';
export const keptColoursNote = 'Which channel is which colour is told by its place alone. A part that gives them in another order says so: `color == bgr`.';

/** The name behind `keeps` that stands for `color` of `std/vision`. */
export const keptColour = ({ keeps }: PartDecl, module: ModuleScope): Name | undefined =>
  keeps.find(({ text }) => {
    const named = module.names.get(text);
    return isKind(named, 'AttributeDecl') && identityOf(named) === colourIdentity;
  });
