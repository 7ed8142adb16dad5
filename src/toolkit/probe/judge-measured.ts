/** Whether what is declared of vectors can be true, by what a probe measured of them. */
import type { CheckedProbe } from '../../check/tools/index.ts';
import type { LowerTerms } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { Host } from '../../host/host.ts';
import type { LockedProbe, LockedSpace, MeasuredBounds } from '../../packages/lock.ts';
import type { Fact } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { changedGrounds } from '../verify/grounds.ts';
import { lowerProbe, probeFingerprint, probeGrounds } from './lower-probe.ts';

/** Warnings at a probe whose measurement is of something else, or at declared facts that it contradicts. */
export function judgeMeasured(probe: CheckedProbe, stored: LockedProbe, host: Host, lowerTerms: LowerTerms): readonly Diagnostic[] {
  const command = `Run \`mdl probe ${host.display(probe.uri)} ${probe.name}\`.`;
  if (probeFingerprint(probe, host, lowerTerms) !== stored.fingerprint)
    return [toolkitCodes.report('probe-stale', { name: probe.name, date: stored.date }, probe.location, { label: 'measured on something else', notes: [`${changedGrounds(stored.grounds, probeGrounds(probe, host, lowerTerms)) ?? 'Parts or their files are others now.'} ${command}`] })];
  const lowered = lowerProbe(probe, lowerTerms);
  if (typeof lowered === 'string') return [];
  return lowered.model.outputs.flatMap(({ name, type }) => {
    const space = stored.spaces[name];
    return space === undefined || type.kind !== 'tensor' ? [] : type.facts.flatMap((fact) => contradiction(name, fact, type, space, { probe, stored }));
  });
}

interface Judged {
  readonly probe: CheckedProbe;
  readonly stored: LockedProbe;
}

function contradiction(of: string, fact: Fact, type: TensorType, space: LockedSpace, { probe, stored }: Judged): readonly Diagnostic[] {
  const found = fact.evidence === 'declared' ? compareMeasured(fact, type, space) : undefined;
  if (found === undefined || found.holds) return [];
  const { date, rows } = stored;
  const text = `measured by this probe on ${date}`;
  const part = probe.through.find(({ name }) => name === of);
  // What operators made of a declared fact is written nowhere.
  const places = fact.location === undefined ? { label: text, related: part === undefined ? [] : [{ location: at(part.module, part.declaration.name.span), text: 'follows from what is declared of what this is made of' }] } : { label: 'declared here', related: [{ location: probe.location, text }] };
  return [toolkitCodes.report('measured-contradicts', { what: showStatement(fact), found: found.what, rows, of }, fact.location ?? probe.location, {
    ...places,
    notes: ['Declare what holds, or mend what computes the vectors: what reads them believes this, and builds on it.'],
  })];
}

export interface ComparedFact {
  /** `a norm from 0.98 to 1.02` */
  readonly what: string;
  /** Whether all that was measured is as the fact says. */
  readonly holds: boolean;
}

/** A fact beside what was measured; undefined where that says nothing of it, as of facts along another axis than that of the vectors. */
export function compareMeasured(fact: Fact, type: TensorType, space: LockedSpace): ComparedFact | undefined {
  const rank = type.shape.axes.length;
  switch (fact.kind) {
    case 'finite':
      return { what: space.finite ? 'finite numbers' : 'NaN or infinity', holds: space.finite };
    case 'range':
      return fact.rows === undefined ? { what: `numbers ${show(space.range)}`, holds: !isOutside(space.range, fact) } : undefined;
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std': {
      const isOfRows = rank === 2 && (fact.axis === -1 || fact.axis === 1);
      const holds = !isOutside(space[fact.kind], { low: fact.value - fact.tolerance, high: fact.value + fact.tolerance });
      return isOfRows ? { what: `a ${fact.kind} ${show(space[fact.kind])}`, holds } : undefined;
    }
    default:
      return undefined;
  }
}

/** Of the larger bound: sums of some thousand terms in single precision. */
const rounding = 1e-5;

function isOutside([least, most]: MeasuredBounds, { low, high }: { readonly low: number; readonly high: number }): boolean {
  const slack = rounding * Math.max(...[least, most, low, high].map(Math.abs).filter(Number.isFinite));
  return least < low - slack || most > high + slack;
}

/** `from 0.98 to 1.02`, or `of 1` */
function show([low, high]: MeasuredBounds): string {
  const [least, most] = [low, high].map((bound) => Number(bound.toPrecision(4)));
  return least === most ? `of ${least}` : `from ${least} to ${most}`;
}
