/**
 * `keeps space` against the body: the way from the inputs to the result leads through operators, and through calls of
 * parts that keep the space themselves. A parameter on that way moves vectors to where its file says, and a value of a
 * space of its own does not lie in the input's: what they touch is kept by nobody.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix, Place } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Expr, PartDecl } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { removeItem, replaceAt } from '../edits.ts';
import { leavesParameters } from '../expressions/reached.ts';
import { isKind } from '../types/declarations.ts';
import type { Env } from '../env.ts';
import { tensorsOf, type Signature } from './signature.ts';

/** What of the inputs an expression's value still is. */
interface Flow {
  /** Whether an input is in it, unchanged but for operators. */
  readonly kept: boolean;
  /** The first thing in it that keeps no space, and why not. */
  readonly spoilt?: Reason;
  /** The first call that an input went into, and did not come out of as what it was. */
  readonly lost?: Reason;
}
interface Reason {
  readonly span: Span;
  readonly why: string;
}

const nothing: Flow = { kept: false };

const join = (flows: readonly Flow[]): Flow => {
  const [spoilt, lost] = [flows.find((flow) => flow.spoilt)?.spoilt, flows.find((flow) => flow.lost)?.lost];
  return { kept: flows.some((flow) => flow.kept), ...(spoilt ? { spoilt } : {}), ...(lost ? { lost } : {}) };
};

/** Reports a part that says it keeps the space of its inputs, and whose body does not. With weights of its own, it is its word. */
export function checkKeptSpace(signature: Signature, env: Env): void {
  const { declaration } = signature.symbol as Symbol<PartDecl>;
  if (!signature.keeps.has('space') || declaration.weights !== undefined || declaration.body === undefined) return;
  const { result } = declaration.body;
  if (result.kind === 'MissingExpr') return;
  const { kept, spoilt, lost } = flowOf(result, { env, locals: localFlows(declaration, env) });
  const reason = spoilt ?? (kept ? undefined : (lost ?? { span: result.span, why: 'no input is in its result' }));
  if (reason === undefined) return;
  const note = 'A part keeps a space that computes with its inputs alone, by operators and by parts that keep it. Drop `keeps space`; an adapter with `weights` says in which space its result lies.';
  env.report(jointCodes.report('space-not-kept', { part: signature.symbol.name, why: reason.why }, at(env.scope.module, reason.span), promisedPlace(declaration, 'space', note, env.scope.module)));
}

/** Where a part says that it keeps what its body does not, and how that is taken back. */
export function promisedPlace(declaration: PartDecl, kept: string, note: string, module: ModuleScope): Place {
  const i = declaration.keeps.findIndex((name) => name.text === kept);
  return { related: [{ location: at(module, declaration.keeps[i]!.span), text: 'promised here' }], notes: [note], fixes: [dropKeeps(declaration, i, module)] };
}

/** Takes one of the words behind `keeps` out, or the clause where it was all. */
function dropKeeps({ keeps }: PartDecl, i: number, module: ModuleScope): Fix {
  const { text } = keeps[i]!;
  if (keeps.length > 1) return removeItem(`drop \`${text}\``, keeps, i, module);
  const { start, end } = keeps[0]!.span;
  const word = /\s*\bkeeps\s+$/.exec(module.source.text.slice(0, start))![0];
  return { title: `drop \`keeps ${text}\``, edits: [replaceAt({ start: start - word.length, end }, '', module)] };
}

interface Body {
  readonly env: Env;
  /** What the inputs and the statements so far are. */
  readonly locals: ReadonlyMap<string, Flow | 'parameter'>;
}

/** In the order of the body, each statement once: those above it are all that it can name. */
function localFlows({ params, body }: PartDecl, env: Env): Body['locals'] {
  const locals = new Map<string, Flow | 'parameter'>();
  for (const { name, type } of params) locals.set(name.text, { kept: type.kind === 'TypeExpr' });
  for (const statement of body!.statements) {
    const name = statement.name.text;
    if (!locals.has(name)) locals.set(name, statement.kind === 'Let' ? flowOf(statement.value, { env, locals }) : 'parameter');
  }
  return locals;
}

function flowOf(expr: Expr, body: Body): Flow {
  const flows = (all: readonly Expr[]): Flow => join(all.map((each) => flowOf(each, body)));
  switch (expr.kind) {
    case 'NameExpr':
      return flowOfName(expr.name.text, expr.span, body);
    case 'FieldExpr':
      return flowOf(expr.object, body);
    case 'UnaryExpr':
      return flowOf(expr.operand, body);
    case 'BinaryExpr':
      return flows([expr.left, expr.right]);
    case 'ListExpr':
      return flows(expr.items);
    case 'RecordExpr':
      return flows(expr.entries.map((entry) => entry.value));
    case 'CallExpr':
      return flowOfCall(expr.callee, flows(expr.args.map((arg) => arg.value)), expr.span, body);
    case 'PipeExpr': {
      const { stage } = expr;
      const args = stage.kind === 'CallExpr' ? stage.args.map((arg) => arg.value) : [];
      return flowOfCall(stage.kind === 'CallExpr' ? stage.callee : stage, flows([expr.value, ...args]), stage.span, body);
    }
    default:
      return nothing;
  }
}

function flowOfName(name: string, span: Span, { locals }: Body): Flow {
  const local = locals.get(name) ?? nothing;
  return local === 'parameter' ? { kept: false, spoilt: { span, why: `its result depends on the parameter \`${name}\`` } } : local;
}

function flowOfCall(callee: Expr, args: Flow, span: Span, { env }: Body): Flow {
  // An operator of ONNX is what the body does itself.
  if (callee.kind !== 'NameExpr') return args;
  const name = callee.name.text;
  const symbol = env.scope.module.names.get(name);
  const signature = isKind(symbol, 'PartDecl', 'BackboneDecl') ? env.checker.signatures.get(symbol) : undefined;
  if (signature === undefined || signature.keeps.has('space')) return args;
  const own = tensorsOf(signature.result).flatMap((type) => type.facts).find((fact) => fact.kind === 'space');
  if (own?.kind === 'space') return { kept: false, spoilt: { span, why: `\`${name}\` gives vectors of the space \`${own.nominal.name}\`` } };
  if (leavesParameters(signature.symbol, env.checker)) return { kept: false, spoilt: { span, why: `\`${name}\` has parameters` } };
  return args.kept || args.lost ? { kept: false, lost: args.lost ?? { span, why: `\`${name}\` does not say that it keeps it` } } : nothing;
}
