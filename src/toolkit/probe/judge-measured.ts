/** Whether what is declared of vectors can be true, by what a probe measured of them. */
import type { CheckedProbe } from '../../check/tools/index.ts';
import type { LowerTerms } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
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
  const found = fact.evidence === 'declared' ? contradicting(fact, type, space) : undefined;
  if (found === undefined) return [];
  const { date, rows } = stored;
  return [toolkitCodes.report('measured-contradicts', { what: showStatement(fact), found, rows, of }, fact.location ?? probe.location, {
    label: 'declared here',
    related: [{ location: probe.location, text: `measured by this probe on ${date}` }],
    notes: ['Declare what holds, or mend what computes the vectors: what reads them believes this, and builds on it.'],
  })];
}

/** What was measured, where it cannot be if the fact holds. Rows of vectors only: facts along another axis are passed over. */
function contradicting(fact: Fact, type: TensorType, space: LockedSpace): string | undefined {
  const rank = type.shape.axes.length;
  switch (fact.kind) {
    case 'finite':
      return space.finite ? undefined : 'NaN or infinity';
    case 'range':
      return fact.rows === undefined && isOutside(space.range, fact) ? `numbers from ${show(space.range)}` : undefined;
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std': {
      const isOfRows = rank === 2 && (fact.axis === -1 || fact.axis === 1);
      return isOfRows && isOutside(space[fact.kind], { low: fact.value - fact.tolerance, high: fact.value + fact.tolerance }) ? `a ${fact.kind} from ${show(space[fact.kind])}` : undefined;
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

const show = ([low, high]: MeasuredBounds): string => `${Number(low.toPrecision(4))} to ${Number(high.toPrecision(4))}`;
