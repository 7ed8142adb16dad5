/** Which argument of a call goes to which parameter. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { at } from '../names/modules.ts';
import type { Span } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import type { Argument } from './call.ts';
import type { Env } from './env.ts';
import type { Signature, StaticParameter, TensorParameter } from './signature.ts';
import { describeValue, expectedKinds, fits, isStatic, type StaticValue } from './values.ts';

export interface Bound {
  readonly tensors: ReadonlyMap<TensorParameter, Argument>;
  readonly statics: ReadonlyMap<StaticParameter, StaticValue>;
}

/** Undefined where an argument is missing, unknown or of the wrong kind; each is reported. */
export function bindArguments(signature: Signature, args: readonly Argument[], span: Span, env: Env): Bound | undefined {
  const before = new Map<TensorParameter, Argument>();
  const statics = new Map<StaticParameter, StaticValue>();
  let sound = assignPositional(signature, args, before, env);
  const given = new Set([...before.keys()].map((p) => p.name));
  for (const arg of args) {
    if (arg.name === undefined || arg.name.text === '') continue;
    const name = arg.name.text;
    const tensor = signature.tensors.find((p) => p.name === name);
    const parameter = signature.statics.find((p) => p.name === name);
    if (given.has(name)) sound = reportDuplicate(signature, arg, env);
    else if (tensor !== undefined) before.set(tensor, arg);
    else if (parameter !== undefined) sound = bindStatic(signature, parameter, arg, statics, env) && sound;
    else sound = reportUnknown(signature, arg, env);
    given.add(name);
  }
  for (const parameter of signature.statics) {
    if (parameter.default !== undefined && !given.has(parameter.name)) statics.set(parameter, parameter.default);
  }
  const parameters = [...signature.tensors, ...signature.statics];
  // A mistyped name was probably meant for the parameter that it is near to.
  const meant = new Set([...given].map((name) => suggest(name, parameters.map((p) => p.name))));
  for (const parameter of parameters) {
    const bound = given.has(parameter.name) || ('of' in parameter && parameter.default !== undefined);
    if (bound) continue;
    sound = meant.has(parameter.name) ? false : reportMissing(signature, parameter, span, env);
  }
  return sound ? { tensors: before, statics } : undefined;
}

function assignPositional(signature: Signature, args: readonly Argument[], tensors: Map<TensorParameter, Argument>, env: Env): boolean {
  const positional = args.filter((arg) => arg.name === undefined);
  positional.forEach((arg, i) => {
    const parameter = signature.tensors[i];
    if (parameter !== undefined) tensors.set(parameter, arg);
  });
  const extra = positional[signature.tensors.length];
  if (extra === undefined) return true;
  const [only] = signature.statics;
  const hint = only && isStatic(extra.value) ? [`Compile-time arguments are named: \`${only.name}: …\`.`] : [];
  const counts = { part: signature.symbol.name, takes: signature.tensors.length, given: positional.length };
  env.report(
    partCodes.report('too-many-arguments', counts, at(env.scope.module, extra.expr.span), {
      label: 'one too many',
      related: [{ location: at(signature.symbol.module, signature.symbol.declaration.name.span), text: 'declared here' }],
      notes: hint,
    }),
  );
  return false;
}

function bindStatic(signature: Signature, parameter: StaticParameter, arg: Argument, statics: Map<StaticParameter, StaticValue>, env: Env): boolean {
  if (arg.value.kind === 'unknown') return false;
  if (isStatic(arg.value) && fits(parameter.of, arg.value)) {
    statics.set(parameter, arg.value);
    return true;
  }
  const args = { part: signature.symbol.name, name: parameter.name, expected: expectedKinds[parameter.of], found: describeValue(arg.value) };
  env.report(
    partCodes.report('argument-kind', args, at(env.scope.module, arg.expr.span), {
      related: [{ location: parameter.location, text: `declared as \`${parameter.of}\`` }],
    }),
  );
  return false;
}

function reportDuplicate(signature: Signature, arg: Argument, env: Env): false {
  const args = { part: signature.symbol.name, name: arg.name!.text };
  env.report(partCodes.report('duplicate-argument', args, at(env.scope.module, arg.name!.span), { label: 'given before' }));
  return false;
}

function reportUnknown(signature: Signature, arg: Argument, env: Env): false {
  const names = [...signature.tensors, ...signature.statics].map((p) => p.name);
  const near = suggest(arg.name!.text, names);
  const location = at(env.scope.module, arg.name!.span);
  env.report(
    partCodes.report('unknown-argument', { part: signature.symbol.name, name: arg.name!.text }, location, {
      ...mistyped(near, location, 'unknown'),
      notes: near || names.length === 0 ? [] : [`Its parameters are ${names.map((n) => `\`${n}\``).join(', ')}.`],
    }),
  );
  return false;
}

function reportMissing(signature: Signature, parameter: TensorParameter | StaticParameter, span: Span, env: Env): false {
  const args = { part: signature.symbol.name, parameter: parameter.name };
  const how = 'of' in parameter ? [`Compile-time arguments are named: \`${parameter.name}: …\`, ${expectedKinds[parameter.of]}.`] : [];
  env.report(
    partCodes.report('missing-argument', args, at(env.scope.module, span), {
      related: [{ location: parameter.location, text: 'declared here' }],
      notes: how,
    }),
  );
  return false;
}
