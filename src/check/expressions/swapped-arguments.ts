/**
 * Arguments that stand in each other's place: where they fit a part the other way round alone, one error with the swap as its fix, in place of one
 * for each of them; where they fit both ways and are called as the other's parameter, a warning.
 */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at, type Location } from '../../text/source.ts';
import { showType } from '../../types/show.ts';
import type { Argument } from './call.ts';
import type { Env } from '../env.ts';
import type { Signature } from '../parts/signature.ts';
import { text } from '../source-text.ts';
import { isStatic, type Value } from './values.ts';

/** Calls a part and answers with the value, silently; what is wrong is given to the environment's `report`. */
export type Try = (args: readonly Argument[], env: Env) => Value;

export interface Swap {
  readonly diagnostic: Diagnostic;
  /** What the call gives with its arguments in their places. */
  readonly value: Value;
}

/** More pairs than these are not tried. */
const mostArguments = 6;

/** The only two tensors of a call that fit once they are swapped; undefined where there are no such, or several. */
export function swapArguments(signature: Signature, args: readonly Argument[], found: readonly Diagnostic[], env: Env, attempt: Try): Swap | undefined {
  const tensors = args.filter(({ value }) => !isStatic(value));
  if (tensors.length < 2 || tensors.length > mostArguments || tensors.some(({ value }) => value.kind === 'unknown')) return undefined;
  const fitting = tensors.flatMap((first, i) =>
    tensors.slice(i + 1).flatMap((second) => {
      const value = valueOf(swapped(args, first, second), env, attempt);
      return value === undefined ? [] : [{ first, second, value }];
    }),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return undefined;
  return { diagnostic: diagnosticOf(signature, only.first, only.second, found, env), value: only.value };
}

function swapped(args: readonly Argument[], first: Argument, second: Argument): Argument[] {
  const as = (place: Argument, other: Argument): Argument => ({ ...place, value: other.value, expr: other.expr });
  return args.map((arg) => (arg === first ? as(first, second) : arg === second ? as(second, first) : arg));
}

/** Undefined where something is wrong with the call. */
function valueOf(args: readonly Argument[], env: Env, attempt: Try): Value | undefined {
  let sound = true;
  const value = attempt(args, { ...env, mixtures: undefined, joints: undefined, report: (d) => void (sound &&= d.severity !== 'error') });
  return sound ? value : undefined;
}

const shown = ({ value }: Argument): string => (value.kind === 'tensor' || value.kind === 'record' ? `this is ${showType(value.type)}` : 'this one');

function diagnosticOf({ symbol }: Signature, first: Argument, second: Argument, [before]: readonly Diagnostic[], env: Env): Diagnostic {
  const { module } = env.scope;
  const place = ({ expr }: Argument) => at(module, expr.span);
  const written = ({ expr: { span } }: Argument): string => module.source.text.slice(span.start, span.end);
  const args = { part: symbol.name, first: text(first.expr, env), second: text(second.expr, env) };
  const edits = [{ location: place(first), text: written(second) }, { location: place(second), text: written(first) }];
  return partCodes.report('arguments-swapped', args, place(first), {
    label: shown(first),
    related: [{ location: place(second), text: shown(second) }, { location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }],
    notes: before === undefined ? [] : [`As it stands, ${before.message}.`],
    // A pipe inside a call would need parentheses.
    fixes: [first, second].some(({ expr }) => expr.kind === 'PipeExpr') ? [] : [{ title: 'swap them', edits }],
  });
}

/** Warns of two values that stand, by their places alone, each where the parameter has the name of the other. */
export function warnOfExchanged({ symbol, tensors }: Signature, args: readonly Argument[], { scope: { module }, report }: Env): void {
  const placed = args.filter(({ name, value }) => name === undefined && !isStatic(value)).map((arg, i) => ({ arg, name: arg.expr.kind === 'NameExpr' ? arg.expr.name.text : undefined, parameter: tensors[i]?.name }));
  for (const [i, first] of placed.entries()) {
    const second = placed.slice(i + 1).find((other) => other.name !== undefined && other.name === first.parameter && other.parameter === first.name);
    if (second === undefined || first.name === second.name) continue;
    const [place, other] = [first, second].map(({ arg }) => at(module, arg.expr.span)) as [Location, Location];
    const named = `${first.parameter}: ${first.name}, ${second.parameter}: ${second.name}`;
    report(
      partCodes.report('arguments-exchanged', { part: symbol.name, first: first.name!, second: second.name! }, place, {
        label: `goes into \`${first.parameter}\``,
        related: [{ location: other, text: `goes into \`${second.parameter}\`` }, { location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }],
        notes: [`Where that is meant, say it: \`${named}\`.`],
        fixes: [{ title: 'swap them', edits: [{ location: place, text: second.name! }, { location: other, text: first.name! }] }],
      }),
    );
  }
}
