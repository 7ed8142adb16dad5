/** Calls: arguments to parameters, sizes by unification, each argument a joint, and the type of the answer. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { withArticle } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { kindName, type Symbol } from '../../names/modules.ts';
import { operators } from '../../ops/table.ts';
import type { Expr, Name } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { isBound, noBindings, substituteElementType, substituteType, type Bindings } from '../../types/bindings.ts';
import { faultOf, intDim, showDim } from '../../types/dim.ts';
import type { Type } from '../../types/type.ts';
import { bindArguments, inferStatics, type Bound } from './arguments.ts';
import { chooseSizes } from '../types/chosen-sizes.ts';
import { asValue } from '../types/several-versions.ts';
import type { Callable } from '../context.ts';
import { isKind, lookup } from '../types/declarations.ts';
import { ownedIn, type Deep, type Env } from '../env.ts';
import { besideDecider } from './deciding-arguments.ts';
import { isInitializer, makeInitializer } from '../parts/initializers.ts';
import { reportForeignCall } from './foreign-call.ts';
import { inferCall } from './infer-call.ts';
import { instantiate } from './instantiate.ts';
import { keepNominals } from './kept-nominals.ts';
import { followedValue } from '../joints/followed-values.ts';
import { guardValue, wantsGuards } from '../joints/guards.ts';
import { bindTypes, checkArgument, pairTensors } from '../joints/joint.ts';
import { notAPart, usesOf } from './misuse.ts';
import { toTensor } from './constant-operand.ts';
import { applyOperator } from './operator-call.ts';
import { inGivenSizes, takesMultiples, withMultiples } from './operator-sizes.ts';
import { signatureOf } from '../parts/part.ts';
import { knownAtCall } from '../parts/given-inputs.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import { text } from '../source-text.ts';
import { leavesParameters } from './reached.ts';
import { sizeCall } from './size-call.ts';
import { notByName, reportUnknownOperator, unknownCallee } from './unknown-call.ts';
import { swapArguments, warnOfExchanged } from './swapped-arguments.ts';
import { sizeKey } from '../types/type-scope.ts';
import { describeValue, unknownValue, valueOf, type Value } from './values.ts';

export interface Argument {
  readonly name: Name | undefined;
  readonly value: Value;
  readonly expr: Expr;
  /** What a data file gives: it is what the parameter takes, or the run says otherwise. */
  readonly trusted?: boolean;
}

export function callExpression(callee: Expr, args: readonly Argument[], span: Span, env: Env): Value {
  const onnx = callee.kind === 'FieldExpr' && callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx';
  if (onnx && !env.locals.has('onnx')) return callOperator(callee.field, args, span, env);
  const initializer = initializerCallee(callee, env);
  if (initializer !== undefined) return makeInitializer(initializer, args, span, { module: env.scope.module, report: env.report }) ?? unknownValue;
  const size = sizeCall(callee, args, span, env);
  if (size !== undefined) return size;
  if (reportForeignCall(callee, args, span, env)) return unknownValue;
  const symbol = resolveCallee(callee, args, env);
  if (symbol === undefined) return unknownValue;
  const { calls } = env.checker;
  calls.set(env.symbol, (calls.get(env.symbol) ?? new Set()).add(symbol));
  const signature = signatureOf(symbol, env.checker, at(env.scope.module, callee.span), env.report);
  return signature === undefined ? unknownValue : callPart(signature, args, span, env);
}

/** The name of an initialiser, where nothing in scope has it. */
function initializerCallee(callee: Expr, env: Env): string | undefined {
  if (callee.kind !== 'NameExpr' || !isInitializer(callee.name.text)) return undefined;
  const { text: name } = callee.name;
  return env.locals.has(name) || env.scope.module.names.has(name) || env.scope.module.unresolved.has(name) ? undefined : name;
}

function callOperator(name: Name, args: readonly Argument[], span: Span, env: Env): Value {
  const operator = operators.get(name.text);
  if (operator !== undefined) return applyOperator(operator, args, span, env);
  if (name.text !== '') reportUnknownOperator(name, args, env);
  return unknownValue;
}

function resolveCallee(callee: Expr, args: readonly Argument[], env: Env): Symbol<Callable> | undefined {
  const location = at(env.scope.module, callee.span);
  if (callee.kind === 'MissingExpr') return undefined;
  if (callee.kind !== 'NameExpr') {
    env.report(partCodes.report('not-callable', { name: text(callee, env), found: 'an expression' }, location, { label: 'a part is called by its name', notes: notByName(callee, env) }));
    return undefined;
  }
  if (callee.name.text === '') return undefined;
  const local = env.locals.get(callee.name.text);
  if (local !== undefined) {
    local.used = true;
    if (local.value.kind !== 'unknown') {
      const { text: name } = callee.name;
      const related = [{ location: at(env.scope.module, local.span), text: 'declared here' }];
      env.report(partCodes.report('not-callable', { name, found: describeValue(local.value) }, location, { related, notes: notAPart(name, env.scope.module.names.get(name)) }));
    }
    return undefined;
  }
  const symbol = lookup(callee.name, env.scope.module);
  if (isKind(symbol, 'PartDecl', 'BackboneDecl')) return symbol;
  if (symbol !== undefined) {
    const found = withArticle(kindName(symbol.declaration));
    const related = [{ location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }];
    env.report(partCodes.report('not-callable', { name: callee.name.text, found }, location, { related, notes: usesOf(symbol) }));
    return undefined;
  }
  if (!env.scope.module.unresolved.has(callee.name.text)) env.report(unknownCallee(callee.name.text, args, env, location));
  return undefined;
}

// ---------------------------------------------------------------- parts

/** The value of a call of a part whose signature is known. */
export function callPart(signature: Signature, args: readonly Argument[], span: Span, env: Env): Value {
  if (env.deep !== undefined || env.inferring !== undefined || args.length < 2) return callAsWritten(signature, args, span, env);
  const found: Diagnostic[] = [];
  const value = callAsWritten(signature, args, span, { ...env, report: (d) => void found.push(d) });
  const swap = found.some(({ code, severity }) => severity === 'error' && Object.hasOwn(jointCodes.table, code)) ? swapArguments(signature, args, found, env, (others, inner) => callAsWritten(signature, others, span, inner)) : undefined;
  if (!found.some(({ severity }) => severity === 'error')) warnOfExchanged(signature, args, env);
  for (const diagnostic of swap === undefined ? found : [swap.diagnostic]) env.report(diagnostic);
  return swap?.value ?? value;
}

function callAsWritten(signature: Signature, args: readonly Argument[], span: Span, env: Env): Value {
  const given = bindArguments(signature, args, span, env);
  if (given === undefined) return unknownValue;
  const bindings = noBindings();
  bindStatics(signature, given, bindings);
  for (const [parameter, arg] of given.tensors) bindTypes(parameter.type, arg.value, signature.free, bindings);
  const whole = withConstants(given, signature, bindings, env);
  const completed = whole && inferStatics(signature, whole, bindings, span, env);
  if (completed === undefined) return unknownValue;
  bindStatics(signature, completed, bindings);
  const bound = followedArguments(completed, bindings, env);
  // A body in which a size is chosen chooses another one at each call.
  if (chooseSizes(signature.result, bindings, env.scope) && env.deep !== undefined) env.checker.unsettled++;
  let sound = true;
  for (const [parameter, arg] of bound.tensors) sound = ((arg.trusted ?? env.deep?.sink.sound ?? false) || checkArgument(signature, parameter, arg, bindings, besideDecider(env, parameter, given))) && sound;
  const pairs = [...bound.tensors].flatMap(([{ type }, { value }]) => pairTensors(type, value));
  const declared = inGivenSizes(substituteType(signature.result, bindings), pairs, bindings);
  if (!checkSizes(signature, declared, span, env)) return unknownValue;
  // Only what does not depend on a wrong argument can be said about the answer.
  if (!sound && !isDetermined(signature.result, signature, bindings)) return unknownValue;
  const site = at(env.scope.module, span);
  const type = asValue(keepNominals(sound ? knownAtCall(declared, bound, bindings) : declared, signature, bound, env), `${site.uri}:${span.start}`);
  if (env.deep !== undefined && !sound) env.deep.budget.gap = true;
  if (!sound) return valueOf(type);
  const guarded = withGuards(signature, bound, bindings, env);
  ownedIn(env)?.told.push((deep) => void (hasNothingFor(deep, signature, env) || instantiate(signature, guarded, bindings, type, site, { ...env, deep })));
  if (env.deep === undefined || hasNothingFor(env.deep, signature, env)) return inferCall(signature, guarded, bindings, type, site, { ...env, deep: undefined });
  return instantiate(signature, guarded, bindings, type, site, env);
}

/** The arguments with what their nodes say together, where that is asked for. */
function followedArguments({ tensors, statics }: Bound, bindings: Bindings, env: Env): Bound {
  const known = [...tensors].map(([parameter, arg]) => [parameter, arg.trusted ? arg : { ...arg, value: followedValue(arg.value, substituteType(parameter.type, bindings), arg.expr, env) }] as const);
  return { tensors: new Map(known), statics };
}

/** Whether following a call leads to nothing that is looked for: to no parameter of who looks for them, and to no gap. */
const hasNothingFor = ({ sink }: Deep, { symbol }: Signature, { checker }: Env): boolean =>
  sink.onlyParameters && sink.sound && !leavesParameters(symbol, checker);

/** The arguments with what their consumer makes of values that are not as it demands. */
function withGuards(signature: Signature, { tensors, statics }: Bound, bindings: Bindings, env: Env): Bound {
  const guarded = [...tensors].map(([parameter, arg]) => {
    if (!wantsGuards(parameter.type) && !takesMultiples(parameter.type)) return [parameter, arg] as const;
    const site = { location: at(env.scope.module, arg.expr.span), to: `${signature.symbol.name}.${parameter.name}`, from: text(arg.expr, env) };
    const value = withMultiples(arg.value, parameter.type, bindings, site, signature.symbol.name, env);
    return [parameter, { ...arg, value: wantsGuards(parameter.type) ? guardValue(value, substituteType(parameter.type, bindings), site, env) : value }] as const;
  });
  return { tensors: new Map(guarded), statics };
}

/** Sizes that are sums and products come to numbers only at a call. */
function checkSizes(signature: Signature, type: Type, span: Span, env: Env): boolean {
  for (const tensor of tensorsOf(type)) {
    for (const { size } of tensor.shape.axes) {
      const fault = faultOf(size);
      if (fault === undefined) continue;
      const args = { size: `the size ${fault === 'too long' ? '' : `${showDim(size)} `}of what \`${signature.symbol.name}\` gives here`, fault };
      env.report(partCodes.report('invalid-size', args, at(env.scope.module, span), { related: [{ location: signature.resultLocation, text: 'declared here' }] }));
      return false;
    }
  }
  return true;
}

/** What compile-time arguments stand for in the types of a signature. */
function bindStatics({ scope }: Signature, { statics }: Bound, { sizes, dtypes, nominals }: Bindings): void {
  for (const [{ name, of }, value] of statics) {
    const key = sizeKey(scope, name);
    if (value.kind === 'dtype') dtypes.set(key, value.dtype);
    else if (value.kind === 'nominal') {
      const { kind: _, ...use } = value;
      nominals.set(key, use);
    }
    else if (of !== 'int' && of !== 'labels') continue;
    else if (value.kind === 'size') sizes.set(key, value);
    else if (value.kind === 'number') sizes.set(key, { size: intDim(value.value) });
  }
}

/** Lists of numbers become vectors, and numbers scalars, of the dtypes that the parameters have here; undefined where one does not fit, which is reported. */
function withConstants(bound: Bound, signature: Signature, bindings: Bindings, env: Env): Bound | undefined {
  const tensors = new Map(bound.tensors);
  for (const [parameter, arg] of bound.tensors) {
    const { type } = parameter;
    const rank = arg.value.kind === 'list' ? 1 : arg.value.kind === 'number' ? 0 : undefined;
    if (type.kind !== 'tensor' || type.shape.rest !== undefined || type.shape.axes.length !== rank) continue;
    const value = toTensor(arg, substituteElementType(type.dtype, bindings), env);
    if (value === 'misfit') return undefined;
    if (value === undefined) continue;
    bindTypes(type, value, signature.free, bindings);
    tensors.set(parameter, { ...arg, value });
  }
  return { ...bound, tensors };
}

function isDetermined(type: Type, signature: Signature, bindings: Bindings): boolean {
  if (type.kind === 'unknown') return false;
  return tensorsOf(type).every(
    (t) =>
      t.shape.axes.every((axis) => isBound(axis.size, bindings, signature.free.sizes)) &&
      (t.shape.rest === undefined || bindings.rests.has(t.shape.rest.key)) &&
      (typeof t.dtype === 'string' || bindings.dtypes.has(t.dtype.key)),
  );
}
