/** Where the models of a file call the encoder that is to be exchanged, and how the texts change there. */
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Arg, BackboneDecl, Expr, FieldExpr, ModelDecl, Name, Node, PartDecl, PipeExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { positionAt, type Span } from '../../text/source.ts';

export type Encoder = Symbol<PartDecl | BackboneDecl>;
export type Caller = Symbol<PartDecl | ModelDecl>;

/** One call of the encoder, whose vectors the rest of the declaration reads. */
export interface CallSite {
  readonly caller: Caller;
  readonly callee: Name;
  /** In the order of the encoder's inputs, as far as they are not named. */
  readonly args: readonly { readonly name: string | undefined; readonly value: Expr }[];
  readonly call: Node;
  /** The expressions that are the vectors: the call itself, or of a backbone each place that reads its output's field. */
  readonly vectors: readonly Node[];
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
 * `let` of which nothing else is read. A clause that says why, and what to write, where the vectors cannot be told from the rest.
 */
export function callSites(encoder: Encoder, output: string | undefined, caller: Caller): readonly CallSite[] | string {
  const sites: CallSite[] = [];
  let why: string | undefined;
  visit(caller.declaration, {
    enter(node, parent) {
      // The stage of a pipe is no call of its own: the pipe is.
      const call = parent?.kind === 'PipeExpr' && parent.stage === node ? undefined : callOf(node, encoder, caller.module);
      if (call === undefined) return;
      const uses = output === undefined ? [] : usesOf(node, parent, caller);
      const other = uses.find((use) => use.kind !== 'FieldExpr' || use.field.text !== output);
      if (other !== undefined) why ??= notTheVectors(other, { encoder, output: output!, caller, call: node });
      // A `let` that nothing reads has no vectors, and goes on as it is.
      else sites.push({ caller, ...call, call: node, vectors: output === undefined ? [node] : uses });
    },
  });
  return why ?? sites;
}

/** What reads a value: the field of it, where it is that, and otherwise the expression itself. A name is followed to where it is read. */
function usesOf(value: Node, parent: Node | undefined, caller: Caller): readonly Node[] {
  if (parent?.kind === 'FieldExpr') return [parent];
  if (parent?.kind !== 'Let') return [value];
  const uses: Node[] = [];
  visit(caller.declaration, {
    enter(node, above) {
      if (node.kind === 'NameExpr' && node.name.text === parent.name.text) uses.push(...usesOf(node, above, caller));
    },
  });
  return uses;
}

interface Unreadable {
  readonly encoder: Encoder;
  readonly output: string;
  readonly caller: Caller;
  readonly call: Node;
}

/** Why a use of what the backbone gives is none of its vectors, where that is, and what to write. */
function notTheVectors(use: Node, { encoder, output, caller, call }: Unreadable): string {
  const { source } = caller.module;
  const { name } = encoder;
  const place = `line ${positionAt(source, use.span.end).line + 1} of ${decodeURIComponent(source.uri.split('/').at(-1)!)}`;
  const textOf = ({ span }: Node): string => source.text.slice(span.start, span.end);
  if (use.kind === 'FieldExpr') return `\`${caller.name}\` reads \`.${use.field.text}\` of it in ${place}, beside the vectors \`.${output}\`, which alone are exchanged: write an adapter of the same inputs with the body \`${name}(…).${output}\`, call that for the vectors, and name it`;
  const whole = use.kind === 'NameExpr' || call.kind === 'CallExpr' ? textOf(use) : `(${textOf(use)})`;
  return `\`${caller.name}\` hands on all that it gives, in ${place}, where vectors alone are exchanged: write \`${whole}.${output}\` if nothing else is read there`;
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

/** The call says another name; what read the backbone's field reads the call itself. */
export const replaceCall = (site: CallSite, name: string): readonly Edit[] => [{ span: site.callee.span, text: name }, ...withoutFields(site)];

/** The fields that are read of a backbone are gone. Comments before them stay. */
export function withoutFields({ caller, vectors }: CallSite): readonly Edit[] {
  const { text } = caller.module.source;
  return vectors.filter((node): node is FieldExpr => node.kind === 'FieldExpr').map(({ object, field, span }) => {
    const before = text.slice(object.span.end, field.span.start);
    // The brackets of `(z |> Old).z` are no node.
    const start = object.span.end + before.replace(/\/\/[^\r\n]*/g, (comment) => ' '.repeat(comment.length)).lastIndexOf(')') + 1;
    const comments = text.slice(start, span.end).match(/\/\/[^\r\n]*/g) ?? [];
    return { span: { start, end: span.end }, text: comments.map((comment) => ` ${comment}\n`).join('') };
  });
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits].sort((a, b) => b.span.start - a.span.start).reduce((result, { span, text: to }) => result.slice(0, span.start) + to + result.slice(span.end), text);
}
