/** Bodies: their statements, and the names that these declare. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { kindName } from '../../names/modules.ts';
import type { Block, Expr, Let, Name, ParamStatement } from '../../syntax/ast.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import { substituteTensor } from '../../types/bindings.ts';
import type { TensorType } from '../../types/type.ts';
import { isKind } from '../types/declarations.ts';
import { freeName, replaceAt } from '../edits.ts';
import { ownedIn, type Deep, type Env, type Parameter } from '../env.ts';
import { membersOf } from './declared-below.ts';
import { evaluate, inside, observe } from './expr.ts';
import { checkInitialValue, initializerName, initializerOf, isInitializer, unknownInitializer } from '../parts/initializers.ts';
import { parameterType } from '../parts/parameter-facts.ts';
import { evaluateType } from '../types/type-expr.ts';
import { leavesParameters } from './reached.ts';
import { unknownValue, type Value } from './values.ts';
import { visit } from '../../syntax/visit.ts';

/** Evaluates a body: its statements, then its value. */
export function evaluateBlock(block: Block, env: Env): Value {
  evaluateStatements(block, env);
  return evaluate(block.result, env);
}

/** Those statements of a body that end before a place in the source. */
export function evaluateStatements(block: Block, env: Env, before = Infinity): void {
  for (const statement of block.statements) {
    if (statement.span.end > before) return;
    if (statement.kind === 'Let') evaluateLet(statement, env);
    else evaluateParam(statement, env);
  }
}

export function evaluateLet(statement: Let, env: Env): void {
  const value = evaluate(statement.value, { ...env, letName: statement.name.text });
  reportHiddenSize(statement.name, env);
  declareLocal(statement.name, value, env);
}

export function declareLocal(node: Name, value: Value, env: Env): void {
  const { text: name, span } = node;
  if (name === '') return;
  observe(node, value, env);
  const first = env.locals.get(name);
  if (first === undefined) {
    reportShadowing(node, env, renameFix(node, env));
    env.locals.set(name, { value, span, used: false });
    return;
  }
  env.report(
    nameCodes.report('duplicate-name', { name, where: `\`${env.symbol.name}\`` }, at(env.scope.module, span), {
      label: 'declared again here',
      related: [{ location: at(env.scope.module, first.span), text: 'first here' }],
      fixes: renameRepeated(node, env),
    }),
  );
}

/** A local name hides the module's: what stands below it and means that would get this. */
export function reportShadowing(node: Name, env: Pick<Env, 'scope' | 'report' | 'deep'>, fixes: readonly Fix[] = []): void {
  const hidden = env.scope.module.names.get(node.text);
  if (hidden !== undefined) reportHidden(node, kindName(hidden.declaration), at(hidden.module, hidden.declaration.name.span), env, fixes);
}

/**
 * So does a `let` a size of the signature, which a body can use as a number. A `param w` beside the sizes `h` and `w` is no slip, and what
 * the contracts of other modules call their sizes is not for their users to know.
 */
function reportHiddenSize(node: Name, env: Env): void {
  const size = env.scope.seen.get(node.text);
  if (size?.uri === env.scope.module.uri && !env.scope.module.names.has(node.text)) reportHidden(node, 'size', size, env, renameFix(node, env));
}

function reportHidden({ text: name, span }: Name, hidden: string, location: Location, { scope: { module }, report, deep }: Pick<Env, 'scope' | 'report' | 'deep'>, fixes: readonly Fix[]): void {
  if (deep !== undefined) return;
  report(nameCodes.report('shadowed-name', { name, hidden }, at(module, span), { label: 'hides it from here on', related: [{ location, text: 'hidden by it' }], fixes }));
}

/** Another name for a `let` whose name is there already, also where it is meant further down; of another member only for itself. */
function renameRepeated(node: Name, env: Env): Fix[] {
  if (env.deep !== undefined) return [];
  const { module } = env.scope;
  const name = freeName(node.text, new Set([...env.locals.keys(), ...module.names.keys(), ...membersOf(env).flatMap((member) => ('name' in member ? [member.name.text] : []))]));
  const declared = membersOf(env).find((member) => 'name' in member && member.name === node);
  const places = declared?.kind === 'Let' ? [node.span, ...usesBehind(declared, env)] : [node.span];
  return [{ title: `call it \`${name}\``, edits: places.map((span) => replaceAt(span, name, module)) }];
}

/** Where the name of a `let` stands further down. */
function usesBehind({ name, span: { end } }: Let, { symbol: { declaration } }: Env): Span[] {
  const places: Span[] = [];
  visit(declaration, { enter: ({ kind, span }, parent) => void (kind === 'Name' && span.start > end && parent?.kind === 'NameExpr' && parent.name.text === name.text && places.push(span)) });
  return places;
}

/** Another name for a `let` that hides something. Where parameters are named by it, files would not hold them any more. */
function renameFix(node: Name, env: Env): Fix[] {
  const { module } = env.scope;
  const declared = membersOf(env).find((member) => member.kind === 'Let' && member.name === node);
  if (env.deep !== undefined || declared?.kind !== 'Let' || (!module.names.has(node.text) && !env.scope.seen.has(node.text)) || callsWithParameters(declared.value, env)) return [];
  const name = `${node.text}_2`;
  if (env.locals.has(name) || module.names.has(name)) return [];
  const places = [node.span, ...usesBehind(declared, env)];
  return [{ title: `call it \`${name}\``, edits: places.map((span) => replaceAt(span, name, module)) }];
}

function callsWithParameters(expr: Expr, { scope: { module }, checker }: Env): boolean {
  let found = false;
  visit(expr, {
    enter: (node) => {
      const symbol = node.kind === 'NameExpr' ? module.names.get(node.name.text) : undefined;
      found ||= isKind(symbol, 'PartDecl', 'BackboneDecl') && leavesParameters(symbol, checker);
    },
  });
  return found;
}

function evaluateParam(statement: ParamStatement, env: Env): void {
  const declared = evaluateType(statement.type, env.scope);
  const { name } = statement;
  if (declared.kind !== 'tensor') {
    if (declared.kind === 'record') {
      env.report(partCodes.report('unsupported', { what: 'a record as a parameter' }, at(env.scope.module, statement.type.span)));
    }
    declareLocal(name, unknownValue, env);
    return;
  }
  const type = parameterType(name.text, substituteTensor(declared, env.bindings), statement.type, env);
  const location = at(env.scope.module, statement.span);
  const init = evaluateInitial(statement, type, env);
  const ref = putParameter(name.text, { type, location, ...(init === undefined ? {} : { init }) }, env);
  declareLocal(name, ref === undefined ? { kind: 'tensor', type } : { kind: 'tensor', type, ref }, env);
}

/** Tells the sink of a parameter, or notes it for the weights that it belongs to; answers with what the sink calls it. */
export function putParameter(name: string, said: Pick<Parameter, 'type' | 'location' | 'init'>, env: Env): string | undefined {
  const put = ({ sink, owner, path, site, entered }: Deep): string => sink.parameter({ ...said, owner, path: [...path, name].join('.'), site, below: entered[0] });
  ownedIn(env)?.told.push(put);
  return env.deep && put(env.deep);
}

/** What a parameter begins with, where its declaration says so. */
function evaluateInitial(statement: ParamStatement, type: TensorType, env: Env): Parameter['init'] {
  const { init } = statement;
  if (init === undefined || init.kind === 'MissingExpr') return undefined;
  const named = initializerName(init);
  const name = named?.kind === 'CallExpr' ? named.callee.name : named?.name;
  if (name !== undefined && name.text !== '' && !env.locals.has(name.text) && !isKnown(name.text, env) && !isInitializer(name.text)) {
    env.report(unknownInitializer(name.text, at(env.scope.module, name.span)));
    return undefined;
  }
  const value = evaluate(init, inside(env));
  if (env.deep === undefined && env.inferring === undefined) checkInitialValue(statement, init, value, type, env);
  const initializer = initializerOf(value);
  return initializer && { initializer, value, given: init.kind === 'NameExpr' && env.locals.has(init.name.text) };
}

/** Whether a name has a meaning in the module, or an import of it failed. */
const isKnown = (name: string, { scope }: Env): boolean => scope.module.names.has(name) || scope.module.unresolved.has(name) || scope.seen.has(name);
