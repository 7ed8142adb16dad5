/** A backbone gives vectors of its space as it is declared: a claim of another version is one that nothing meets. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { BackboneOutput, FactExpr, NominalFact, TapMember } from '../../syntax/ast.ts';
import type { Type } from '../../types/type.ts';
import { satisfiesAny } from '../../types/version.ts';

export function reportClaimedVersion(output: BackboneOutput | TapMember, type: Type, module: ModuleScope, report: (diagnostic: Diagnostic) => void): void {
  if (type.kind !== 'tensor') return;
  for (const fact of type.facts) {
    if (fact.kind !== 'space' || satisfiesAny(fact.nominal.version, fact.versions)) continue;
    const { name, version, location } = fact.nominal;
    const args = { output: output.name.text, claimed: `${name}@${fact.versions.join(' | ')}`, declared: `${name}@${version}` };
    const written = output.type.facts.find((f): f is NominalFact => isOfSpace(f, name));
    report(
      partCodes.report('unmet-version', args, at(module, (written ?? output.type).span), {
        label: 'claimed here',
        related: [{ location, text: `version ${version}` }],
        notes: ['What a backbone gives has the version that its space is declared with. Ranges are for those who take it.'],
        fixes: written === undefined ? [] : [withoutVersions(written, module)],
      }),
    );
  }
}

const isOfSpace = (fact: FactExpr, name: string): boolean =>
  fact.kind === 'NominalFact' && fact.nominal === 'space' && fact.name.text === name && fact.versions.length > 0;

function withoutVersions(fact: NominalFact, module: ModuleScope): Fix {
  const span = { start: fact.name.span.end, end: fact.versions.at(-1)!.span.end };
  return { title: 'leave the version to the space', edits: [{ location: at(module, span), text: '' }] };
}
