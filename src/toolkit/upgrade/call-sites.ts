/** Where the models of a file call the encoder that is to be exchanged, and how the texts change there. */
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Arg, BackboneDecl, Expr, ModelDecl, Name, Node, PartDecl, PipeExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import type { Span } from '../../text/source.ts';

export type Encoder = Symbol<PartDecl | BackboneDecl>;
export type Caller = Symbol<PartDecl | ModelDecl>;

/** One call of the encoder, whose vectors the rest of the declaration reads. */
export interface CallSite {
  readonly caller: Caller;
  readonly callee: Name;
  /** In the order of the encoder's inputs, as far as they are not named. */
  readonly args: readonly { readonly name: string | undefined; readonly value: Expr }[];
  /** The whole expression that is the vectors: of a backbone its output's field. */
  readonly whole: Node;
}

/** A change of one module's text. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** What a name of a module stands for, where that is called. */
const calleeOf = (expr: Expr, module: ModuleScope): Symbol | undefined => (expr.kind === 'NameExpr' ? module.names.get(expr.name.text) : undefined);

/** The parts, backbones and models that a declaration calls. */
export function calledIn({ declaration, module }: Symbol): ReadonlySet<Symbol> {
  const called = new Set<Symbol>();
  visit(declaration, {
    enter(node) {
      const callee = node.kind === 'CallExpr' ? node.callee : node.kind === 'PipeExpr' ? (node.stage.kind === 'CallExpr' ? node.stage.callee : node.stage) : undefined;
      const symbol = callee && calleeOf(callee, module);
      if (symbol !== undefined) called.add(symbol);
    },
  });
  return called;
}

/** The declarations that these reach, themselves first. */
export function reachedBy(roots: readonly Symbol[]): readonly Symbol[] {
  const reached = new Set<Symbol>(roots);
  for (const symbol of reached) for (const callee of calledIn(symbol)) reached.add(callee);
  return [...reached];
}

/** The module with one of these calls that a declaration which speaks of these modules would rest on. */
export function callerBehind(modules: readonly ModuleScope[], sites: readonly CallSite[]): ModuleScope | undefined {
  const read = new Set(modules);
  for (const scope of read) for (const { module } of scope.names.values()) read.add(module);
  return sites.map(({ caller }) => caller.module).find((module) => read.has(module));
}

/**
 * The calls of the encoder in a declaration. Of a backbone, calls whose field `output` is read: in place, or through a
 * `let` of which nothing else is read. A clause that says why, where the vectors cannot be told from the rest.
 */
export function callSites(encoder: Encoder, output: string | undefined, caller: Caller): readonly CallSite[] | string {
  const sites: CallSite[] = [];
  let why: string | undefined;
  visit(caller.declaration, {
    enter(node, parent) {
      // The stage of a pipe is no call of its own: the pipe is.
      const call = parent?.kind === 'PipeExpr' && parent.stage === node ? undefined : callOf(node, encoder, caller.module);
      if (call === undefined) return;
      const whole = output === undefined ? node : parent?.kind === 'FieldExpr' && parent.field.text === output ? parent : undefined;
      if (whole === undefined) why = `\`${caller.name}\` calls \`${encoder.name}\` without reading \`.${output}\` of it in the same place`;
      else sites.push({ caller, ...call, whole });
    },
  });
  return why ?? sites;
}

function callOf(node: Node, encoder: Encoder, module: ModuleScope): Pick<CallSite, 'callee' | 'args'> | undefined {
  const of = (callee: Expr, args: readonly Arg[], piped: readonly Expr[]): Pick<CallSite, 'callee' | 'args'> | undefined =>
    callee.kind === 'NameExpr' && calleeOf(callee, module) === encoder
      ? { callee: callee.name, args: [...piped.map((value) => ({ name: undefined, value })), ...args.map(({ name, value }) => ({ name: name?.text, value }))] }
      : undefined;
  if (node.kind === 'CallExpr') return of(node.callee, node.args, []);
  return node.kind === 'PipeExpr' ? ofStage(node, of) : undefined;
}

const ofStage = ({ value, stage }: PipeExpr, of: (callee: Expr, args: readonly Arg[], piped: readonly Expr[]) => Pick<CallSite, 'callee' | 'args'> | undefined) =>
  stage.kind === 'CallExpr' ? of(stage.callee, stage.args, [value]) : of(stage, [], [value]);

/** The call says another name; what read the backbone's field reads the call itself. Comments before the field stay. */
export function replaceCall({ caller, callee, whole }: CallSite, name: string): readonly Edit[] {
  const renamed = { span: callee.span, text: name };
  if (whole.kind !== 'FieldExpr') return [renamed];
  const span = { start: whole.object.span.end, end: whole.span.end };
  const comments = caller.module.source.text.slice(span.start, span.end).match(/\/\/[^\r\n]*/g) ?? [];
  return [renamed, { span, text: comments.map((comment) => ` ${comment}\n`).join('') }];
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits].sort((a, b) => b.span.start - a.span.start).reduce((result, { span, text: to }) => result.slice(0, span.start) + to + result.slice(span.end), text);
}
