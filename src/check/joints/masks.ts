/**
 * The mask of one text over what was computed of another. Types cannot tell: both texts may have the same sizes, and then the pooling counts the padding of
 * one and leaves out words of the other.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { at } from '../../text/source.ts';
import type { Expr, FieldExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import type { Env } from '../env.ts';
import { membersOf } from '../expressions/declared-below.ts';
import type { Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { text } from '../source-text.ts';
import { judgeMixedMasks, judgeUse, operatorOf } from './mask-use.ts';
import { judgeFirstPool } from './padded-places.ts';

/** A field of an input that is a mask. */
export interface Mask {
  readonly input: string;
  readonly field: string;
}

/** Warns of each call and record in a body that is given the mask of one input and values that were computed of another one, which has a mask of its own; and of masks that are turned round, or left out. */
export function reportForeignMasks(env: Env): void {
  const lets = letsOf(env);
  const members = membersOf(env);
  const { declaration } = env.symbol;
  const result = declaration.kind === 'PartDecl' ? declaration.body?.result : undefined;
  for (const root of [...members, ...(result === undefined ? [] : [result])]) {
    visit(root, {
      enter: (node, parent) => {
        if (node.kind === 'RecordExpr') judgeMasks(node.entries.map((entry) => entry.value), lets, env);
        if (node.kind === 'BinaryExpr') judgeMasks([node.left, node.right], lets, env);
        if (node.kind === 'BinaryExpr' || node.kind === 'CallExpr') judgeMixedMasks(node, lets, env);
        if (node.kind === 'PipeExpr' && node.stage.kind === 'NameExpr') judgeFirstPool(node.stage.name, node.value, env);
        if (node.kind !== 'CallExpr') return;
        const piped = parent?.kind === 'PipeExpr' && parent.stage === node ? [parent.value] : [];
        judgeMasks([...piped, ...node.args.map((arg) => arg.value)], lets, env);
        judgeUse(node, piped, lets, env);
        const [first] = [...piped, ...node.args.map((arg) => arg.value)];
        if (node.callee.kind === 'NameExpr' && first !== undefined) judgeFirstPool(node.callee.name, first, env);
      },
    });
  }
}

export type Lets = ReadonlyMap<string, Expr>;

export const letsOf = (env: Env): Lets => new Map(membersOf(env).flatMap((member) => (member.kind === 'Let' ? [[member.name.text, member.value] as const] : [])));

function judgeMasks(values: readonly Expr[], lets: Lets, env: Env): void {
  for (const argument of values) {
    const found = laidOut(argument, lets, env);
    if (found === undefined) continue;
    const { mask, named } = found;
    // Masks beside each other are another matter.
    const others = values.filter((value) => value !== argument && laidOut(value, lets, env) === undefined);
    const inputs = inputsOf(others, lets, env);
    if (inputs.has(mask.input)) continue;
    const meant = [...inputs].find((input) => isMask({ input, field: mask.field }, env));
    if (meant !== undefined) report(named, mask, meant, env);
  }
}

function report(argument: Expr, { input, field }: Mask, meant: string, env: Env): void {
  const location = at(env.scope.module, argument.span);
  const declared = (name: string) => ({ location: at(env.scope.module, env.locals.get(name)!.span), text: name === input ? 'whose mask this is' : 'what it is put over' });
  env.report(
    jointCodes.report('mask-of-another', { mask: text(argument, env), of: input, over: meant }, location, {
      label: `says where \`${input}\` ends`,
      related: [declared(input), declared(meant)],
      notes: ['Where both are of one size this runs, and answers wrongly: padding of the one counts, words of the other do not.'],
      fixes: [{ title: `take the mask of \`${meant}\``, edits: [{ location, text: `${meant}.${field}` }] }],
    }),
  );
}

/** The mask that an expression names, by itself or by a `let`. */
export function maskOf(expr: Expr, lets: Lets, env: Env): Mask | undefined {
  if (expr.kind === 'NameExpr') {
    const named = lets.get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? maskOf(named, lets, env) : undefined;
  }
  const mask = expr.kind === 'FieldExpr' ? fieldOfInput(expr) : undefined;
  return mask !== undefined && isMask(mask, env) ? mask : undefined;
}

/** What leaves the ones and zeros of a mask what they are, and lays them out for what they meet. */
const layingOut: ReadonlySet<string> = new Set(['Cast', 'CastLike', 'Expand', 'Unsqueeze']);

/** The mask that an expression lays out, and where that is named. */
export function laidOut(expr: Expr, lets: Lets, env: Env): { readonly mask: Mask; readonly named: Expr } | undefined {
  const mask = maskOf(expr, lets, env);
  if (mask !== undefined) return { mask, named: expr };
  if (expr.kind === 'NameExpr') {
    const named = lets.get(expr.name.text);
    return named !== undefined && named.span.end <= expr.span.start ? laidOut(named, lets, env) : undefined;
  }
  const [call, inner] = expr.kind === 'PipeExpr' ? [expr.stage, expr.value] : expr.kind === 'CallExpr' ? [expr, expr.args[0]?.value] : [];
  const operator = call?.kind === 'CallExpr' ? operatorOf(call) : undefined;
  return operator !== undefined && layingOut.has(operator) && inner !== undefined ? laidOut(inner, lets, env) : undefined;
}

export const fieldOfInput = ({ object, field }: FieldExpr): Mask | undefined => (object.kind === 'NameExpr' ? { input: object.name.text, field: field.text } : undefined);

/** The one field of an input that is a mask; undefined where there is none, or several. */
export function onlyMaskOf(input: string, { locals }: Env): { readonly field: string; readonly type: TensorType } | undefined {
  const value = locals.get(input)?.value;
  const masks = value?.kind === 'record' ? [...value.type.fields].filter(([, { facts }]) => facts.some(saysMask)) : [];
  return masks.length === 1 ? { field: masks[0]![0], type: masks[0]![1] } : undefined;
}

export const saysMask = ({ kind }: Fact): boolean => kind === 'mask' || kind === 'prefix_mask';

function isMask({ input, field }: Mask, { locals }: Env): boolean {
  const value = locals.get(input)?.value;
  const type = value?.kind === 'record' ? value.type.fields.get(field) : undefined;
  return type?.facts.some(saysMask) === true;
}

/** The records that go into some expressions, by their names. */
export function inputsOf(exprs: readonly Expr[], lets: Lets, env: Env): ReadonlySet<string> {
  const seen = new Set<string>();
  const inputs = new Set<string>();
  const follow = (expr: Expr): void =>
    visit(expr, {
      enter: (node) => {
        if (node.kind !== 'NameExpr' || seen.has(node.name.text)) return;
        const name = node.name.text;
        seen.add(name);
        const named = lets.get(name);
        if (named !== undefined) follow(named);
        else if (env.locals.get(name)?.value.kind === 'record') inputs.add(name);
      },
    });
  exprs.forEach(follow);
  return inputs;
}
