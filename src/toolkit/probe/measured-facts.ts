/** Which declared facts of parts and backbones a probe found true: what makes them *measured*. */
import type { Checked } from '../../check/index.ts';
import { partKey, type Measured, type MeasuredFact } from '../../check/measured.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import type { Host } from '../../host/host.ts';
import type { Symbol } from '../../names/modules.ts';
import type { KeptProbe } from '../../packages/kept.ts';
import type { LockedProbe } from '../../packages/lock.ts';
import { showStatement } from '../../types/show.ts';
import { compareMeasured } from './judge-measured.ts';
import { lowerProbe, probeFingerprint } from './lower-probe.ts';

/**
 * What probes measured, as far as what computes the vectors is as it was.
 *
 * @param check checks one module: what is wrong with another one takes nothing back
 */
export function measuredFacts(check: (uri: string) => Pick<Checked, 'tools' | 'lowerTerms' | 'diagnostics'>, kept: readonly KeptProbe[], host: Host): Measured {
  const found = new Map<string, MeasuredFact[]>();
  const modules = new Map([...new Set(kept.map(({ uri }) => uri))].map((uri) => [uri, check(uri)]));
  for (const { uri, name, stored } of kept) {
    const { tools, lowerTerms, diagnostics } = modules.get(uri)!;
    if (hasErrors(diagnostics)) continue;
    const probe = tools.find((tool): tool is CheckedProbe => tool.kind === 'probe' && tool.uri === uri && tool.name === name);
    if (probe === undefined || probeFingerprint(probe, host, lowerTerms) !== stored.fingerprint) continue;
    const lowered = lowerProbe(probe, lowerTerms);
    if (typeof lowered === 'string') continue;
    for (const output of lowered.model.outputs) {
      const place = placeOf(output.name, probe);
      const space = stored.spaces[output.name];
      // Vectors of a tap with more axes are means.
      if (place === undefined || space === undefined || !space.finite || output.type.kind !== 'tensor' || output.type.shape.axes.length !== 2) continue;
      const { type } = output;
      const facts = type.facts.flatMap((fact): MeasuredFact[] => {
        const compared = fact.evidence === 'declared' ? compareMeasured(fact, type, space) : undefined;
        return compared?.holds === true ? [{ field: place.field, statement: showStatement(fact), because: showMeasured(compared.what, name, stored) }] : [];
      });
      const key = partKey(place.part);
      found.set(key, [...(found.get(key) ?? []), ...facts]);
    }
  }
  return new Map([...found].filter(([, facts]) => facts.length > 0));
}

const showMeasured = (what: string, probe: string, { date, rows }: LockedProbe): string => `probe ${probe} on ${date}: ${what} on ${rows.toLocaleString('en-US')} rows`;

interface Place {
  readonly part: Symbol;
  readonly field: string;
}

/** Whose fact a fact of a space is: `Old`, or `Old.layer4` of a tap. Of several backbones with the tap nobody can tell. */
function placeOf(space: string, { through, taps }: CheckedProbe): Place | undefined {
  const part = through.find(({ name }) => name === space);
  if (part !== undefined) {
    const { declaration } = part;
    const output = declaration.kind === 'BackboneDecl' ? declaration.members.find((member) => member.kind === 'BackboneOutput') : undefined;
    return { part, field: output?.name.text ?? '' };
  }
  const tapped = taps.filter(({ tap }) => space.endsWith(`.${tap}`));
  return tapped.length === 1 ? { part: tapped[0]!.backbone, field: tapped[0]!.tap } : undefined;
}
