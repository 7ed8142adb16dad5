/** What is found in a body: at its place there, or, where the body is followed for a call, at the call. */
import type { Diagnostic, Place } from '../../diagnostics/diagnostic.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import type { Env } from '../env.ts';
import type { Sides } from '../joints/joint.ts';
import type { Signature } from '../parts/signature.ts';

/** At the place in the body, or, where that is followed for a call, at the call. */
export function reportInBody(report: (location: Location, place: Place) => Diagnostic, span: Span, place: Place, env: Env): void {
  const { diagnostics } = env.checker;
  const location = at(env.scope.module, span);
  const call = env.deep?.site ?? env.inferring?.site;
  if (call === undefined) {
    env.report(report(location, place));
    return;
  }
  env.checker.unsettled++;
  const finding = report(call, { ...place, label: 'this call does not fit', related: [{ location, text: 'in this body' }, ...(place.related ?? [])] });
  const told = diagnostics.some((d) => d.code === finding.code && (isSame(d.location, location) || (isSame(d.location, finding.location) && d.message === finding.message)));
  if (told) return;
  if (env.deep === undefined) env.inferring!.report(finding);
  else diagnostics.push(finding);
}

/** Of a result of which a part says other things than of the arguments of a call, which come through its body, hold: told at the call. */
export function reportComingThrough({ symbol, field, note }: ComingThrough, report: (sides: Sides) => Diagnostic, span: Span, env: Env): void {
  const sides = { to: field === undefined ? symbol.name : `${symbol.name}.${field}`, promised: true, from: 'this call', related: [{ location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }] };
  reportInBody((location, place) => {
    const { label, related, notes, ...rest } = report({ ...sides, location });
    return { ...rest, related: [...(place.related ?? []), ...(related ?? [])], label: place.label ?? label, notes: [note, ...(notes ?? [])] };
  }, span, {}, env);
}

export interface ComingThrough {
  /** The part that is called. */
  readonly symbol: Signature['symbol'];
  /** Of a result that is a record. */
  readonly field: string | undefined;
  /** What the part takes, and what it gets here. */
  readonly note: string;
}

const isSame = (a: Location, b: Location): boolean => a.uri === b.uri && a.span.start === b.span.start && a.span.end === b.span.end;
