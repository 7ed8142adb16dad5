/** `linear.w` of a `weights` clause: a call in the body by its `let` or its callee, down to a `param`. */
import type { Symbol } from '../names/modules.ts';
import type { Expr, Name } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import { bodyScope, calleeOf, type BodyScope } from './scope.ts';
import type { Target } from './targets.ts';

/** What each word of a path stands for, as far as it leads anywhere. */
export function parameterPath(path: readonly Name[], owner: Symbol): readonly (Target | undefined)[] {
  const targets: (Target | undefined)[] = [];
  let part: Symbol | undefined = owner;
  for (const [i, name] of path.entries()) {
    if (part === undefined) break;
    const step: Step = i === path.length - 1 ? { target: parameter(name, part) } : enterCall(name, part);
    targets.push(step.target);
    part = step.into;
  }
  return targets;
}

interface Step {
  readonly target: Target | undefined;
  /** The part that the path goes on in. */
  readonly into?: Symbol | undefined;
}

function parameter(name: Name, part: Symbol): Target | undefined {
  const member = bodyScope(part).locals.get(name.text);
  return member?.node.kind === 'ParamStatement' ? member : undefined;
}

function enterCall(name: Name, part: Symbol): Step {
  const scope = bodyScope(part);
  const local = scope.locals.get(name.text);
  if (local?.node.kind === 'Let') return { target: local, into: outermostCallee(local.node.value, scope) };
  const callee = callees(part, scope).find((symbol) => symbol.name === name.text);
  return { target: callee && { kind: 'declaration', symbol: callee }, into: callee };
}

/** The part whose call a `let` gives its name. */
function outermostCallee(value: Expr, scope: BodyScope): Symbol | undefined {
  if (value.kind === 'PipeExpr') return calleeOf(value.stage, scope);
  return value.kind === 'CallExpr' ? calleeOf(value, scope) : undefined;
}

function callees(part: Symbol, scope: BodyScope): Symbol[] {
  const found: Symbol[] = [];
  const { declaration } = part;
  if (declaration.kind !== 'PartDecl' || declaration.body === undefined) return found;
  visit(declaration.body, {
    enter: (node) => {
      const callee = node.kind === 'CallExpr' ? calleeOf(node, scope) : node.kind === 'PipeExpr' ? calleeOf(node.stage, scope) : undefined;
      if (callee !== undefined) found.push(callee);
    },
  });
  return found;
}

/** Parts inside each other, and paths: more nobody reads. */
const deepest = 6;
const most = 500;

/** The paths of the parameters that the `weights` of a part are for. */
export function parameterPaths(owner: Symbol): readonly string[] {
  const paths = new Set<string>();
  const enter = (part: Symbol, prefix: string, depth: number): void => {
    const { declaration } = part;
    if (depth > deepest || paths.size >= most || declaration.kind !== 'PartDecl' || declaration.body === undefined) return;
    const scope = bodyScope(part);
    const unnamed = callees(part, scope);
    for (const statement of declaration.body.statements) {
      if (statement.kind === 'ParamStatement') paths.add(`${prefix}${statement.name.text}`);
      const callee = statement.kind === 'Let' ? outermostCallee(statement.value, scope) : undefined;
      if (callee === undefined) continue;
      // A `let` gives one call of it its name.
      unnamed.splice(unnamed.indexOf(callee), 1);
      enterOwned(callee, `${prefix}${statement.name.text}.`, depth);
    }
    for (const callee of unnamed) enterOwned(callee, `${prefix}${callee.name}.`, depth);
  };
  // What has weights of its own owns its parameters.
  const enterOwned = (callee: Symbol, prefix: string, depth: number): void => {
    if (callee.declaration.kind === 'PartDecl' && callee.declaration.weights === undefined) enter(callee, prefix, depth + 1);
  };
  enter(owner, '', 0);
  return [...paths];
}
