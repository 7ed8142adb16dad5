/** Calls of ONNX operators: `onnx.Softmax(x, axis: -1)`, and what infix signs stand for. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix, Place } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { aboutOperator } from '../../ops/about.ts';
import type { AttributeSpec, AttributeValue, Operator } from '../../ops/operator.ts';
import { at, type Span } from '../../text/source.ts';
import { intDim } from '../../types/dim.ts';
import { showStatement } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { inferAssuming } from '../types/assumed-dtype.ts';
import { spanOf } from './arguments.ts';
import { warnBeyondHalves } from './beyond-halves.ts';
import type { Argument } from './call.ts';
import { givenTwice, insertAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { foldsTokens, judgeMaskedFold } from '../joints/masked-folds.ts';
import { foldsMatches, judgeMatched } from '../joints/matched-tokens.ts';
import { noteMixture } from '../joints/mixtures.ts';
import { originsOf } from '../joints/origins.ts';
import { judgePlaces, takesPlaces } from '../joints/padded-places.ts';
import { readingsAfter } from '../joints/readings.ts';
import { judgeReduction, reducesTokens } from '../joints/reduced-tokens.ts';
import { judgeTexts, textsAfter } from '../joints/text-places.ts';
import { judgeGather } from '../joints/vocabulary.ts';
import { toTensor } from './constant-operand.ts';
import { meantBy } from './misuse.ts';
import { judgeLost, judgeOverRows } from './lost-numbers.ts';
import { warnOfMixedScores } from './mixed-scores.ts';
import { nearestArguments } from './other-names.ts';
import { operandPlace } from './operand-fixes.ts';
import { reportInBody } from './report-in-body.ts';
import { judgeSettled } from './settled-result.ts';
import { judgeEquality } from './rounded-equality.ts';
import { judgeReshape } from './reshaped-order.ts';
import { oddsOf, warnOfShares } from './normalised-twice.ts';
import { numberingAfter, warnOfNumbers } from './numbering.ts';
import { askedBy, guardMade, oweSizes, operatorSite } from './operator-sizes.ts';
import { decideIn } from '../types/size-facts.ts';
import { warnOfWrapping } from './wrapped-integers.ts';
import { describeValue, isStatic, numberOf, sizeOf, unknownValue, valueOf, type TensorValue, type Value } from './values.ts';
import { text } from '../source-text.ts';

export function applyOperator(operator: Operator, args: readonly Argument[], span: Span, env: Env): Value {
  const operands = args.filter((arg) => arg.name === undefined || operator.inputs.includes(arg.name.text));
  const attributes = readAttributes(operator, args, span, env);
  if (attributes === undefined || operands.some((arg) => arg.value.kind === 'unknown')) return unknownValue;
  const tensors = readOperands(operator, operands, span, env);
  if (tensors === undefined) return unknownValue;
  const types = tensors.map((t) => t.type);
  const inference = inferAssuming(operator, types, attributes);
  if (!inference.ok) return reportMisfit(operator, inference.why, operandPlace(operator, operands, types, env), span, env);
  const { type, demands } = inference;
  const broken = demands.find((demand) => tensors.some((tensor) => decideIn(env, demand, tensor.type) === 'refuted'));
  if (broken !== undefined) return reportMisfit(operator, `it needs ${showStatement(broken)}, which no size here can have`, {}, span, env);
  const beyond = judgeGather(operator, tensors, attributes, (i) => `\`${text(operands[i]!.expr, env)}\``, env.checker);
  if (beyond !== undefined) reportInBody((location, place) => jointCodes.report('vocabulary-too-large', beyond.args, location, place), span, beyond.place, env);
  noteMixture(operator, tensors, attributes, span, env);
  if (env.deep === undefined && env.inferring === undefined) {
    judgeSettled(operator, types, type, span, env);
    warnOfWrapping(operator, operands, types, span, env);
    warnBeyondHalves(operator, types, attributes, span, env);
    judgeEquality(operator, operands, tensors, span, env);
    judgeLost(operator, operands, tensors, type, attributes, span, env);
    if (operator.name === 'Reshape') judgeReshape(args, attributes, span, env);
    if (takesPlaces.has(operator.name)) judgePlaces(operator, operands, attributes, span, env);
    if (reducesTokens.has(operator.name)) judgeReduction(operator, operands[0], attributes, span, env);
    if (foldsTokens.has(operator.name)) judgeMaskedFold(operator, operands[0], attributes, span, env);
    if (foldsMatches.has(operator.name)) judgeMatched(operator, operands[0], attributes, span, env);
  }
  if (env.deep === undefined) {
    warnOfShares(operator, tensors, attributes, span, env);
    warnOfNumbers(operator, tensors, attributes, span, env);
    warnOfMixedScores(operator, operands, tensors, span, env);
    judgeOverRows(operator, tensors[0], span, env);
    judgeTexts(operator, tensors, attributes, span, env);
    const origins = env.mixtures === undefined ? [] : originsOf(operator, tensors, attributes);
    const [odds, numbering] = [oddsOf(operator, tensors, type), numberingAfter(operator, tensors, attributes)];
    if (type.kind !== 'tensor') return valueOf(type);
    const readings = env.mixtures === undefined ? [] : readingsAfter(operator, tensors, attributes, type);
    return { kind: 'tensor', type, ...(origins.length > 0 && { origins }), ...(readings.length > 0 && { readings }), ...(odds && { odds }), ...(numbering && { numbering }), ...textsAfter(operator, tensors, attributes, type) };
  }
  const { sink } = env.deep;
  const refs = tensors.map((t) => t.ref ?? '');
  const site = env.scope.module.package === 'std' ? env.deep.site : at(env.scope.module, span);
  const refOf = (output: TensorType, field?: string): string =>
    sink.operation(operator, refs, attributes, field === undefined ? { inputs: types, output } : { inputs: types, output, field }, site);
  const inputs = tensors.map((tensor, i) => ({ type: tensor.type, ref: refs[i]! }));
  const untold = oweSizes(demands, types, { by: askedBy(operator, env), site }, env);
  if (type.kind === 'tensor') {
    const ref = refOf(type);
    return { kind: 'tensor', type, ref: operator.clamps ? guardMade(ref, untold, inputs, operatorSite(operator, site, env), env) : ref };
  }
  return { kind: 'record', type, refs: new Map([...type.fields].map(([field, output]) => [field, refOf(output, field)])) };
}

/**
 * Operands that do not fit. A body is checked for all sizes; where those of one call are too small for it, that is
 * found when the call is followed, and told at the call.
 */
export function reportMisfit(operator: Operator, why: string, repeated: Pick<Place, 'notes' | 'fixes'>, span: Span, env: Env): Value {
  const args = { operator: `onnx.${operator.name}`, why };
  reportInBody((location, place) => partCodes.report('operator-type', args, location, place), span, { label: 'these do not fit', ...repeated }, env);
  return unknownValue;
}

/** The operands in the operator's order; a number beside a tensor becomes a constant of its dtype. */
function readOperands(operator: Operator, args: readonly Argument[], span: Span, env: Env): TensorValue[] | undefined {
  const name = `onnx.${operator.name}`;
  const slots = new Map<string, Argument>();
  const positional = args.filter((arg) => arg.name === undefined);
  if (positional.length > operator.inputs.length && !operator.variadic) {
    const extra = positional[operator.inputs.length]!;
    const given = { part: name, takes: operator.inputs.length, given: positional.length };
    env.report(partCodes.report('too-many-arguments', given, at(env.scope.module, extra.expr.span), { label: 'one too many' }));
    return undefined;
  }
  // An operator that takes any number of inputs has a slot for each.
  const inputs = [...operator.inputs, ...positional.slice(operator.inputs.length).map((_, i) => `${operator.inputs.length + i + 1}`)];
  const required = operator.inputs.length - (operator.optional ?? 0);
  positional.forEach((arg, i) => slots.set(inputs[i]!, arg));
  for (const arg of args) {
    if (arg.name === undefined) continue;
    if (slots.has(arg.name.text)) return reportTwice(name, args, arg, slots.get(arg.name.text)!, env);
    slots.set(arg.name.text, arg);
  }
  const sharing = [...slots].filter(([input]) => !operator.ownDType?.includes(input)).map(([, arg]) => arg.value);
  const beside = [...slots].find(([input, { value }]) => !operator.ownDType?.includes(input) && value.kind === 'tensor')?.[1];
  const dtype = sharing.find((v) => v.kind === 'tensor')?.type.dtype;
  const tensors: TensorValue[] = [];
  for (const [i, input] of inputs.entries()) {
    const arg = slots.get(input);
    if (arg === undefined && i >= required && inputs.slice(i).every((later) => !slots.has(later))) break;
    if (arg === undefined) {
      env.report(partCodes.report('missing-argument', { part: name, parameter: input }, at(env.scope.module, span)));
      return undefined;
    }
    const tensor = operator.ownDType?.includes(input) ? toTensor(arg, operator.numbersAs?.[input], env) : toTensor(arg, dtype, env, beside);
    if (tensor === 'misfit') return undefined;
    if (tensor === undefined) {
      const misused = { found: describeValue(arg.value), where: `\`${input}\` of \`${name}\`` };
      env.report(partCodes.report('tensor-needed', misused, at(env.scope.module, arg.expr.span), { notes: meantBy(arg.value) }));
      return undefined;
    }
    tensors.push(tensor);
  }
  return tensors;
}

function readAttributes(operator: Operator, args: readonly Argument[], span: Span, env: Env): Map<string, AttributeValue> | undefined {
  const values = new Map<string, AttributeValue>();
  for (const [name, spec] of Object.entries(operator.attributes)) if (spec.default !== undefined) values.set(name, spec.default);
  const given = new Map<string, Argument>();
  let sound = true;
  for (const arg of args) {
    if (arg.name === undefined || operator.inputs.includes(arg.name.text)) continue;
    const spec = Object.hasOwn(operator.attributes, arg.name.text) ? operator.attributes[arg.name.text] : undefined;
    const value = spec && toAttributeValue(spec, arg.value);
    const first = given.get(arg.name.text);
    if (first !== undefined) return reportTwice(`onnx.${operator.name}`, args, arg, first, env);
    given.set(arg.name.text, arg);
    if (value !== undefined) values.set(arg.name.text, value);
    else if (arg.value.kind !== 'unknown' || spec === undefined) reportAttribute(operator, arg, spec !== undefined, env);
    sound &&= value !== undefined;
  }
  for (const [name, spec] of Object.entries(operator.attributes)) {
    if (spec.default !== undefined || values.has(name) || !sound) continue;
    env.report(partCodes.report('missing-argument', { part: `onnx.${operator.name}`, parameter: name }, at(env.scope.module, span), { label: `write \`${name}: …\``, notes: [`It is ${attributeWords[spec.type]}.`], fixes: nameFix(name, spec, args, env) }));
    sound = false;
  }
  return sound ? values : undefined;
}

/** The last value without a name, where the attribute takes it: `onnx.Cast(x, f16)`. The first is what is worked on. */
function nameFix(name: string, spec: AttributeSpec, args: readonly Argument[], env: Env): Fix[] {
  const last = args.filter((arg) => arg.name === undefined).slice(1).at(-1);
  if (last === undefined || toAttributeValue(spec, last.value) === undefined) return [];
  return [{ title: `name it \`${name}\``, edits: [insertAt(last.expr.span.start, `${name}: `, env.scope.module)] }];
}

/** A compile-time value as an attribute of its type; undefined where it is none. */
function toAttributeValue(spec: AttributeSpec, value: Value): AttributeValue | undefined {
  if (!isStatic(value)) return undefined;
  const number = numberOf(value);
  switch (spec.type) {
    case 'string':
      return value.kind === 'text' ? value.value : undefined;
    case 'ints':
      return value.kind === 'list' && value.values.every(Number.isSafeInteger) ? value.values : undefined;
    case 'int':
      // A flag may shape the result, and the body is checked once for all callers.
      if (value.kind === 'flag') return value.assumed ? undefined : value.value;
      return Number.isSafeInteger(number) && !(value.kind === 'number' && value.assumed) ? number : undefined;
    case 'float':
      // What follows from it is to hold whatever the callers give.
      return value.kind === 'number' && value.assumed ? NaN : number;
    case 'size':
      return sizeOf(value);
    case 'sizes':
      return value.kind === 'sizes' ? value.sizes : value.kind === 'list' && value.values.every(Number.isSafeInteger) ? value.values.map(intDim) : undefined;
    case 'dtype':
      return value.kind === 'dtype' ? value.dtype : undefined;
  }
}

/** What each type of attribute takes, in words. */
const attributeWords: Readonly<Record<AttributeSpec['type'], string>> = {
  int: 'a whole number',
  float: 'a number',
  ints: 'a list of whole numbers',
  string: 'a text',
  size: 'a number or a size',
  sizes: 'a list of whole numbers or sizes',
  dtype: 'an element type',
};

function reportTwice(part: string, args: readonly Argument[], second: Argument, first: Argument, env: Env): undefined {
  const name = second.name!;
  env.report(partCodes.report('duplicate-argument', { part, name: name.text }, at(env.scope.module, name.span), givenTwice(args.map(spanOf), args.indexOf(second), args.indexOf(first), env.scope.module)));
  return undefined;
}

function reportAttribute(operator: Operator, arg: Argument, known: boolean, env: Env): void {
  const part = `onnx.${operator.name}`;
  const name = arg.name!.text;
  if (known) {
    const args = { part, name, expected: attributeWords[operator.attributes[name]!.type], found: describeValue(arg.value) };
    env.report(partCodes.report('argument-kind', args, at(env.scope.module, arg.expr.span)));
    return;
  }
  const takes = [...operator.inputs, ...Object.keys(operator.attributes)];
  const renamed = aboutOperator(operator.name)?.renamed;
  const instead = renamed !== undefined && Object.hasOwn(renamed, name) ? renamed[name] : undefined;
  const location = at(env.scope.module, arg.name!.span);
  env.report(
    partCodes.report('unknown-argument', { part, name }, location, {
      ...(instead === undefined ? mistyped(nearestArguments(name, takes), location, 'unknown') : { label: `here it is ${instead}` }),
      notes: [`It takes ${takes.map((argument) => `\`${argument}\``).join(', ')}.`],
    }),
  );
}
