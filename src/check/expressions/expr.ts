/** Expressions to values. */
import { withArticle } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { kindName } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { infix, operators } from '../../ops/table.ts';
import type { BinaryExpr, CallExpr, Expr, FieldExpr, ListExpr, Name, NameExpr, PipeExpr, QuantityLit, UnaryExpr, VersionedName } from '../../syntax/ast.ts';
import { nearest } from '../../text/suggest.ts';
import { addDims, intDim, multiplyDims, substituteDim, subtractDims, symbolDim } from '../../types/dim.ts';
import { isDType } from '../../types/dtype.ts';
import { ownFields } from '../../types/fields.ts';
import { showType } from '../../types/show.ts';
import { callExpression, type Argument } from './call.ts';
import { classesOf, isKind, lookup, lookupKind, nominalOf, unknownName } from '../types/declarations.ts';
import { replaceAt } from '../edits.ts';
import { ownedIn, type Env, type TraceNode } from '../env.ts';
import { warnOfComment } from './commented-quotient.ts';
import { envOfArgument } from './dtype-argument.ts';
import { declaredBelow, namedOutput } from './declared-below.ts';
import { callFix } from '../fixes.ts';
import { isUnknown } from './foreign-call.ts';
import { isInitializer, makeInitializer } from '../parts/initializers.ts';
import { usesOf, wordElsewhere } from './misuse.ts';
import { applyOperator, reportMisfit } from './operator-call.ts';
import { signatureOf } from '../parts/part.ts';
import { evaluateRecord } from './record-expr.ts';
import { isQuotient, reportSlash, sizeQuotient } from './size-quotient.ts';
import { sizeKey } from '../types/type-scope.ts';
import { text } from '../source-text.ts';
import { describeValue, fieldOf, isStatic, literalValue, numberOf, sizeOf, unknownValue, type Value } from './values.ts';

/** Expressions inside each other, through all parts that they call: what fits the stack by far. */
const deepest = 500;

export function evaluate(expr: Expr, env: Env): Value {
  const { checker } = env;
  if (checker.depth >= deepest) return reportTooDeep(expr, env);
  checker.depth++;
  checker.deepest = Math.max(checker.deepest, checker.depth);
  const value = env.trace === undefined ? evaluateKind(expr, env) : evaluateTraced(expr, env, env.trace);
  checker.depth--;
  if (value.kind === 'unknown') noteGap(env);
  observe(expr, value, env);
  return value;
}

function noteGap(env: Env): void {
  const owned = ownedIn(env);
  if (env.deep !== undefined) env.deep.budget.gap = true;
  else if (owned !== undefined) owned.gap = true;
}

function evaluateTraced(expr: Expr, env: Env, outer: TraceNode): Value {
  const node: TraceNode = { expr, symbol: env.symbol, letName: env.letName, value: undefined, inner: [] };
  outer.inner.push(node);
  node.value = evaluateKind(expr, { ...env, trace: node });
  return node.value;
}

/** Told once: what comes after it on the way back would be told the same. */
function reportTooDeep(expr: Expr, { checker, deep, scope }: Env): Value {
  const location = deep?.site ?? at(scope.module, expr.span);
  checker.unsettled++;
  if (!checker.diagnostics.some((d) => d.code === 'too-deep' && d.location.uri === location.uri)) {
    checker.diagnostics.push(partCodes.report('too-deep', { what: 'this expression, with the parts that it calls,', limit: deepest }, location));
  }
  return unknownValue;
}

/** A body that is followed from a call has other values at each of them. */
export function observe(node: Expr | Name, value: Value, env: Env): void {
  if (env.deep === undefined && env.inferring === undefined) env.checker.observe?.(node, value);
}

function evaluateKind(expr: Expr, env: Env): Value {
  switch (expr.kind) {
    case 'MissingExpr':
      return unknownValue;
    case 'QuantityLit':
      return reportQuantity(expr, env);
    case 'VersionedName':
      return evaluateVersioned(expr, env);
    case 'NumberLit':
    case 'StringLit':
    case 'BoolLit':
      return literalValue(expr);
    case 'ListExpr':
      return evaluateList(expr, env);
    case 'RecordExpr':
      return evaluateRecord(expr, inside(env));
    case 'NameExpr':
      return evaluateName(expr, env);
    case 'FieldExpr':
      return evaluateField(expr, env);
    case 'UnaryExpr':
      return evaluateUnary(expr, env);
    case 'BinaryExpr':
      return evaluateBinary(expr, env);
    case 'CallExpr':
      return callExpression(expr.callee, evaluateArguments(expr, env), expr.span, env);
    case 'PipeExpr':
      return evaluatePipe(expr, env);
  }
}

/** What is counted in a unit is bounded, not computed with; a share is a number in other words. */
function reportQuantity(expr: QuantityLit, env: Env): Value {
  const location = at(env.scope.module, expr.span);
  const share = String(Number((expr.value / 100).toPrecision(15)));
  const fixes = expr.unit === '%' ? [{ title: `write \`${share}\``, edits: [{ location, text: share }] }] : [];
  env.report(toolCodes.report('quantity-misplaced', { quantity: expr.text }, location, { notes: ['Quantities stand in budgets, requirements and rollouts.'], fixes }));
  return unknownValue;
}

/** Only the outermost call of a `let` takes its name. */
export const inside = (env: Env): Env => (env.letName === undefined ? env : { ...env, letName: undefined });

function evaluateArguments({ callee, args }: CallExpr, env: Env): Argument[] {
  const ofNothing = callee.kind === 'NameExpr' && isUnknown(callee.name.text, env) && !isInitializer(callee.name.text);
  return args.map(({ name, value }) => ({ name, value: evaluate(value, ofNothing && value.kind === 'ListExpr' ? withoutUnknown(inside(env)) : envOfArgument(callee, name, value, inside(env))), expr: value }));
}

/** What the names in a list stand for, `layout(to: [N, C])`, only what is called could say, and that is not there. */
const withoutUnknown = (env: Env): Env => ({ ...env, report: (found) => void (found.code === 'unknown-name' || env.report(found)) });

function evaluatePipe(expr: PipeExpr, env: Env): Value {
  const piped: Argument = { name: undefined, value: evaluate(expr.value, inside(env)), expr: expr.value };
  const { stage } = expr;
  if (stage.kind === 'MissingExpr') return unknownValue;
  if (stage.kind === 'CallExpr') return callExpression(stage.callee, [piped, ...evaluateArguments(stage, env)], stage.span, env);
  return callExpression(stage, [piped], stage.span, env);
}

/** What stands first in the call of an operator as arguments of its own. */
function withoutBrackets({ span, items }: ListExpr, { scope: { module } }: Env): Fix[] {
  if (!/\bonnx\.\w+\(\s*$/.test(module.source.text.slice(0, span.start))) return [];
  return [{ title: 'leave out the brackets', edits: [replaceAt({ start: span.start, end: items[0]!.span.start }, '', module), replaceAt({ start: items.at(-1)!.span.end, end: span.end }, '', module)] }];
}

function evaluateList(expr: ListExpr, env: Env): Value {
  const items = expr.items.map((item) => evaluate(item, inside(env)));
  const numbers = items.map((item) => (isStatic(item) ? numberOf(item) : undefined));
  if (numbers.every((n) => n !== undefined)) return { kind: 'list', values: numbers };
  const sizes = items.map((item) => (isStatic(item) ? sizeOf(item) : undefined));
  if (sizes.every((size) => size !== undefined)) return { kind: 'sizes', sizes };
  if (items.some((item) => item.kind === 'unknown')) return unknownValue;
  const several = items.every((item) => item.kind === 'tensor') ? ['Operators and parts take tensors one by one, `onnx.Concat(x, y, axis: -1)`; a record holds several, `{ a: x, b: y }`.'] : [];
  env.report(partCodes.report('unsupported', { what: 'a list of anything but numbers and sizes' }, at(env.scope.module, expr.span), { notes: several, fixes: several.length > 0 ? withoutBrackets(expr, env) : [] }));
  return unknownValue;
}

function evaluateName(expr: NameExpr, env: Env): Value {
  const name = expr.name.text;
  if (name === '') return unknownValue;
  const local = env.locals.get(name);
  if (local !== undefined) {
    local.used = true;
    if (env.deep === undefined && env.inferring === undefined) warnOfComment(expr, local.value, env);
    return local.value;
  }
  const symbol = lookup(expr.name, env.scope.module);
  if (isKind(symbol, 'LabelsDecl')) {
    const classes = classesOf(symbol);
    return { kind: 'size', size: intDim(classes.values.length), classes };
  }
  if (isKind(symbol, 'SpaceDecl', 'TokenizerDecl')) return { kind: 'nominal', nominal: nominalOf(symbol), versions: [] };
  const location = at(env.scope.module, expr.span);
  if (symbol !== undefined) {
    const found = withArticle(kindName(symbol.declaration));
    const callable = isKind(symbol, 'PartDecl', 'BackboneDecl') ? symbol : undefined;
    // Of what is being checked itself, nothing is known yet.
    const signature = callable && !env.checker.pending.includes(callable) ? signatureOf(callable, env.checker, location, env.report) : undefined;
    env.report(
      partCodes.report('not-a-value', { name, found }, location, {
        label: callable ? `call it: \`${name}(…)\`` : 'not a value',
        related: [{ location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }],
        notes: usesOf(symbol),
        fixes: signature ? callFix(signature, expr.span, env) : [],
      }),
    );
    return unknownValue;
  }
  if (env.scope.seen.has(name)) {
    // A size of the signature, used as a number.
    const dim = symbolDim({ key: sizeKey(env.scope, name), name, kind: 'rigid' });
    const bound = env.bindings.sizes.get(sizeKey(env.scope, name));
    const value: Value = bound ? { kind: 'size', ...bound } : { kind: 'size', size: substituteDim(dim, () => undefined) };
    if (env.deep === undefined && env.inferring === undefined) warnOfComment(expr, value, env);
    return value;
  }
  if (env.scope.module.unresolved.has(name)) return unknownValue;
  if (isInitializer(name)) return makeInitializer(name, [], expr.span, { module: env.scope.module, report: env.report }) ?? unknownValue;
  if (isDType(name)) return { kind: 'dtype', dtype: name };
  const values = [...env.scope.module.names].filter(([, s]) => !isKind(s, 'ContractDecl')).map(([n]) => n);
  env.report(declaredBelow(expr, env) ?? namedOutput(expr, env) ?? wordElsewhere(expr, env) ?? unknownName(name, 'value', [...env.locals.keys(), ...values], location));
  return unknownValue;
}

/** `minilm@^2 | ^3` */
function evaluateVersioned({ name, versions }: VersionedName, env: Env): Value {
  const local = env.locals.get(name.text);
  if (local !== undefined) local.used = true;
  const symbol = local === undefined ? lookupKind(name, env.scope.module, ['SpaceDecl', 'TokenizerDecl'], 'space', env.report) : undefined;
  const nominal = local?.value.kind === 'nominal' ? local.value.nominal : symbol && nominalOf(symbol);
  return nominal === undefined ? unknownValue : { kind: 'nominal', nominal, versions: versions.map((version) => version.text) };
}

/** Members that tensors have in other libraries. */
const tensorMembers: Readonly<Record<string, string>> = {
  T: 'Axes are put into another order by `onnx.Transpose(x, perm: [1, 0])`.', mT: 'Axes are put into another order by `onnx.Transpose(x, perm: [0, 2, 1])`.',
  shape: 'Sizes have names in types: of `x: f32[batch, d]` a body means the second by `d`.', size: 'Sizes have names in types: of `x: f32[batch, d]` a body means the second by `d`.',
  dtype: 'Its element type stands in its type; `onnx.Cast(x, to: f32)` gives it another.', device: 'Where it runs is said to the runtime, not here.',
};

function evaluateField(expr: FieldExpr, env: Env): Value {
  const object = evaluate(expr.object, inside(env));
  if (object.kind === 'unknown' || expr.field.text === '') return unknownValue;
  if (object.kind === 'record') {
    const field = fieldOf(object, expr.field.text);
    if (field !== undefined) return field;
  }
  const names = object.kind === 'record' ? ownFields(object.type.fields) : [];
  const location = at(env.scope.module, expr.field.span);
  const alike = nearest(expr.field.text, names);
  const near = alike.length > 0 ? alike : names.length === 1 ? names[0] : undefined;
  const notes = object.kind === 'tensor' ? [tensorMembers[expr.field.text] ?? `A tensor has no fields; what is done with it is a part or an operator: \`${text(expr.object, env)} |> relu\`.`] : [];
  env.report(
    partCodes.report('unknown-field', { field: expr.field.text, of: describeValue(object) }, location, {
      ...mistyped(near, location, 'no such field'),
      notes,
    }),
  );
  return unknownValue;
}

function evaluateUnary(expr: UnaryExpr, env: Env): Value {
  const operand = evaluate(expr.operand, inside(env));
  if (operand.kind === 'number') return { ...operand, value: -operand.value };
  if (operand.kind === 'unknown') return operand;
  return applyOperator(operators.get('Neg')!, [{ name: undefined, value: operand, expr: expr.operand }], expr.span, env);
}

function evaluateBinary(expr: BinaryExpr, env: Env): Value {
  const left = evaluate(expr.left, inside(env));
  const right = evaluate(expr.right, inside(env));
  if (left.kind === 'unknown' || right.kind === 'unknown') return unknownValue;
  const { op } = expr;
  if (isQuotient(op)) return sizeQuotient(op, expr, left, right, env);
  if (left.kind === 'number' && right.kind === 'number') {
    if (op === '/' && right.value === 0 && !right.assumed) return reportMisfit(operators.get('Div')!, 'nothing can be divided by 0', {}, expr.span, env);
    return { kind: 'number', value: fold[op](left.value, right.value), ...(left.assumed || right.assumed ? { assumed: true } : {}) };
  }
  const sizes = isStatic(left) && isStatic(right) ? [sizeOf(left), sizeOf(right)] : [];
  if (sizes.length > 0 && !sizes.includes(undefined)) return op === '/' ? reportSlash(expr, env) : { kind: 'size', size: sizeArithmetic[op](sizes[0]!, sizes[1]!) };
  const args = [
    { name: undefined, value: left, expr: expr.left },
    { name: undefined, value: right, expr: expr.right },
  ];
  return applyOperator(operators.get(infix[op])!, args, expr.span, env);
}

/** `classes - 1`: sizes and whole numbers make sizes. */
const sizeArithmetic = { '+': addDims, '-': subtractDims, '*': multiplyDims } as const;

const fold = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
} as const;

/** The type of a value, in words. */
export const showValue = (value: Value): string => (value.kind === 'tensor' || value.kind === 'record' ? showType(value.type) : describeValue(value));
