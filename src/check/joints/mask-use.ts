/** Masks that are turned round on the way, or that a call does without although the text has one. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts';
import type { CallExpr, Expr } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import type { Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { insertAt, replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { Argument } from '../expressions/call.ts';
import { libraryImportEdits } from '../imports.ts';
import type { TensorParameter } from '../parts/signature.ts';
import { fieldOfInput, maskOf, onlyMaskOf, saysMask, type Lets, type Mask } from './masks.ts';

export function judgeUse(call: CallExpr, piped: readonly Expr[], lets: Lets, env: Env): void {
  const symbol = call.callee.kind === 'NameExpr' && !env.locals.has(call.callee.name.text) ? env.scope.module.names.get(call.callee.name.text) : undefined;
  const signature = symbol && env.checker.signatures.get(symbol);
  if (signature === undefined) return;
  const given = new Map<string, Expr>();
  const positional = [...piped, ...call.args.flatMap(({ name, value }) => (name === undefined ? [value] : []))];
  positional.forEach((value, i) => void (signature.tensors[i] && given.set(signature.tensors[i].name, value)));
  for (const { name, value } of call.args) if (name !== undefined) given.set(name.text, value);
  for (const parameter of signature.tensors) {
    const value = given.get(parameter.name);
    if (value !== undefined) judgeTurned(parameter, value, lets, env);
    else if (parameter.default === 1 && parameter.type.kind === 'tensor' && parameter.type.facts.some(saysMask)) judgeLeftOut(signature.symbol.name, parameter, call, [...given.values()], lets, env);
  }
}

// ---------------------------------------------------------------- turned

/** The library says what 1 means in a mask; others may mean padding by it. */
export const isOfLibrary = ({ facts }: TensorType, { checker }: Env): boolean =>
  facts.some((fact: Fact) => fact.kind === 'prefix_mask' || (saysMask(fact) && fact.location !== undefined && checker.modules.scopes.get(fact.location.uri)?.package === 'std'));

function judgeTurned(parameter: TensorParameter, value: Expr, lets: Lets, env: Env): void {
  if (parameter.type.kind !== 'tensor' || !isOfLibrary(parameter.type, env)) return;
  const found = turnedOf(value, lets, env);
  const record = found?.turned === true ? env.locals.get(found.mask.input)?.value : undefined;
  const type = record?.kind === 'record' ? record.type.fields.get(found!.mask.field) : undefined;
  if (type === undefined || !isOfLibrary(type, env)) return;
  const mask = `${found!.mask.input}.${found!.mask.field}`;
  const location = at(env.scope.module, value.span);
  env.report(
    jointCodes.report('mask-turned', { mask, to: parameter.name }, location, {
      label: '1 where padding is',
      related: [{ location: parameter.location, text: 'this is to be 1 where a token is' }],
      notes: ['What is computed by it is computed of the padding alone. Where a file of another library wants 1 for padding, its own contract says `mask`, not that of `std/text`.'],
      fixes: [{ title: `give \`${mask}\``, edits: [{ location, text: mask }] }],
    }),
  );
}

/** The mask that an expression is made of, and whether ones and zeros have changed places. */
function turnedOf(expr: Expr, lets: Lets, env: Env): { readonly mask: Mask; readonly turned: boolean } | undefined {
  const mask = maskOf(expr, lets, env);
  if (mask !== undefined) return { mask, turned: false };
  const through = (inner: Expr | undefined, turns: boolean): ReturnType<typeof turnedOf> => {
    const found = inner && turnedOf(inner, lets, env);
    return found && { ...found, turned: found.turned !== turns };
  };
  if (expr.kind === 'NameExpr') {
    const named = lets.get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? through(named, false) : undefined;
  }
  if (expr.kind === 'BinaryExpr') return expr.op === '-' && isNumber(expr.left, 1) ? through(expr.right, true) : undefined;
  if (expr.kind !== 'CallExpr') return undefined;
  const [first, second] = expr.args.map(({ value }) => value);
  switch (operatorOf(expr)) {
    case 'Cast':
      return through(first, false);
    case 'Not':
      return through(first, true);
    case 'Sub':
      return isNumber(first, 1) ? through(second, true) : undefined;
    case 'Equal':
      return isNumber(second, 0) ? through(first, true) : isNumber(second, 1) ? through(first, false) : undefined;
    default:
      return undefined;
  }
}

const isNumber = (expr: Expr | undefined, value: number): boolean => expr?.kind === 'NumberLit' && expr.value === value;
/** `Cast` of `onnx.Cast(…)`. */
export const operatorOf = ({ callee }: CallExpr): string | undefined => (callee.kind === 'FieldExpr' && callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx' ? callee.field.text : undefined);

// ---------------------------------------------------------------- mixed

/** What takes two tensors place by place, as a sign or as an operator. */
const placewise: ReadonlySet<string> = new Set(['+', '-', '*', '/', 'Add', 'And', 'Equal', 'Max', 'Min', 'Mul', 'Or', 'Sub', 'Xor']);

/** Masks of two texts under one operator: of which text is the fifth token? Where they have axes of their own, each token meets each. */
export function judgeMixedMasks(node: Expr, lets: Lets, env: Env): void {
  const operator = node.kind === 'BinaryExpr' ? node.op : node.kind === 'CallExpr' ? operatorOf(node) : undefined;
  if (operator === undefined || !placewise.has(operator)) return;
  const operands = node.kind === 'BinaryExpr' ? [node.left, node.right] : node.kind === 'CallExpr' ? node.args.map(({ value }) => value) : [];
  const masks = operands.map((operand) => turnedOf(operand, lets, env)?.mask);
  const [first] = masks;
  const second = first && masks.every((mask) => mask !== undefined) ? masks.find((mask) => mask!.input !== first.input) : undefined;
  if (second === undefined) return;
  const [one, other] = [first!, second].map(({ input, field }) => `${input}.${field}`) as [string, string];
  env.report(
    jointCodes.report('masks-mixed', { one, other }, at(env.scope.module, node.span), {
      label: 'place by place',
      related: [first!, second].map(({ input }) => ({ location: at(env.scope.module, env.locals.get(input)!.span), text: 'a text of its own' })),
      notes: [
        'A token of the one has nothing to do with the token of the other at the same place, so what comes out says of neither text where its padding is.',
        `Where the texts stand one behind the other, so do their masks: \`onnx.Concat(${one}, ${other}, axis: -1)\`. Where each token of the one meets each of the other, each mask gets an axis before: \`onnx.Unsqueeze(${one}, axes: [-1])\`, \`onnx.Unsqueeze(${other}, axes: [-2])\`.`,
      ],
    }),
  );
}

// ---------------------------------------------------------------- left out

/** A mask that is 1 everywhere where no call gives it, and tokens that have one beside them. */
function judgeLeftOut(part: string, parameter: TensorParameter, call: CallExpr, values: readonly Expr[], lets: Lets, env: Env): void {
  const [found] = values.flatMap((value) => recordsOf(value, lets, env));
  if (found === undefined || call.args.length === 0) return;
  const text = `${found.input}.${found.field}`;
  env.report(
    jointCodes.report('mask-left-out', { what: `\`${part}\` is called without \`${parameter.name}\`, which is 1 everywhere then`, mask: text }, at(env.scope.module, call.span), {
      label: 'padding counts as tokens here',
      related: [{ location: parameter.location, text: 'declared here' }],
      notes: [leftOutNote],
      fixes: [{ title: `give \`${parameter.name}: ${text}\``, edits: [insertAt(call.args.at(-1)!.span.end, `, ${parameter.name}: ${text}`, env.scope.module)] }],
    }),
  );
}

export const leftOutNote = 'Texts of one batch are padded to one length, so that what comes out for a text depends on what stands beside it. A mask of ones costs next to nothing.';

/** The mask beside a field of an input, or of an input that is given whole. */
function recordsOf(expr: Expr, lets: Lets, env: Env): Mask[] {
  const named = expr.kind === 'NameExpr' ? lets.get(expr.name.text) : undefined;
  if (named !== undefined) return named.span.end <= expr.span.start ? recordsOf(named, lets, env) : [];
  const input = expr.kind === 'NameExpr' ? expr.name.text : expr.kind === 'FieldExpr' ? fieldOfInput(expr)?.input : undefined;
  const mask = input === undefined ? undefined : onlyMaskOf(input, env);
  return mask === undefined || (expr.kind === 'FieldExpr' && expr.field.text === mask.field) ? [] : [{ input: input!, field: mask.field }];
}

/** One of the library's poolings in the place of a fold. */
export function poolFix(pool: string, { expr }: Argument, mask: string, span: Span, env: Env, from = 'std/text'): Fix[] {
  const { module } = env.scope;
  const imports = libraryImportEdits(pool, from, module);
  const isPiped = expr.span.end <= span.start;
  const text = isPiped ? `${pool}(mask: ${mask})` : `${pool}(${writtenAt(expr, module)}, mask: ${mask})`;
  const edits: readonly Edit[] | undefined = imports && [replaceAt(span, text, module), ...imports];
  return edits === undefined ? [] : [{ title: `write \`${text}\``, edits: [...edits] }];
}

/** The input whose tokens a file was given, where the expression is what that gives and nothing else. */
export function encodedOf(expr: Expr, lets: Lets, env: Env): Mask | undefined {
  if (expr.kind === 'NameExpr') {
    const named = lets.get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? encodedOf(named, lets, env) : undefined;
  }
  if (expr.kind === 'FieldExpr') return encodedOf(expr.object, lets, env);
  const [call, piped] = expr.kind === 'PipeExpr' ? [expr.stage, [expr.value]] : [expr, []];
  const [callee, args] = call.kind === 'CallExpr' ? [call.callee, call.args.map(({ value }) => value)] : [call, []];
  const symbol = callee.kind === 'NameExpr' && (call.kind === 'CallExpr' || piped.length > 0) ? env.scope.module.names.get(callee.name.text) : undefined;
  return symbol?.declaration.kind === 'BackboneDecl' ? [...piped, ...args].flatMap((value) => recordsOf(value, lets, env))[0] : undefined;
}
