/** A probe as a program: what `mdl probe` runs, and `mdl check` compares with what was measured. */
import type { CheckedProbe, Term } from '../../check/tools/index.ts';
import type { LoweredTerms, LowerTerms } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Host } from '../../host/host.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, PartDecl } from '../../syntax/ast.ts';
import { unknownType } from '../../types/type.ts';
import { refuse } from '../errors.ts';
import { lockUriOf } from '../../packages/index.ts';
import { defaultColumn } from '../data/default-column.ts';
import { fingerprintOf } from '../data/fingerprint.ts';
import { digestsIn, groundsOf, type Grounds } from '../verify/grounds.ts';
import type { Table } from '../data/table.ts';

/** The columns that there are. */
type KnownColumns = Pick<Table, 'name'> & { readonly columns: readonly string[] };

/** What a probe computes, as a program; where nobody has looked into the data, as if each input had a column of its name. */
export function lowerProbe(probe: CheckedProbe, lowerTerms: LowerTerms, table?: KnownColumns): LoweredTerms | string {
  const outputs = new Map(probe.through.map((part) => [part.name, termOf(part, probe, table)]));
  return lowerTerms({ tool: probe, name: probe.name, outputs, tapped: probe.taps });
}

/** The part on the columns that have the names of its inputs, or their defaults. */
function termOf(part: Symbol<PartDecl | BackboneDecl>, probe: CheckedProbe, table: KnownColumns | undefined): Term {
  const { declaration } = part;
  const location = probe.data[0]!.location;
  const names = declaration.kind === 'BackboneDecl' ? declaration.members.flatMap((m) => (m.kind === 'BackboneInput' && m.default === undefined ? [m.name.text] : [])) : declaration.params.flatMap((p) => (p.type.kind === 'KindType' ? [] : [p.name.text]));
  const columnFor = (name: string): string => {
    if (table === undefined) return name;
    const { columns } = table;
    return defaultColumn(name, columns) ?? refuse(toolkitCodes.finding('data-column', { file: table.name, column: name, columns }, [`\`${part.name}\` reads the column that has the name of its input, the only one beside classes and groups, or \`text\`.`]), location);
  };
  const inputs = new Map(names.map((name): [string, Term] => [name, { kind: 'column', data: probe.data[0]!, column: columnFor(name), type: unknownType, location }]));
  const call: Term = { kind: 'call', callee: part, inputs, statics: new Map(), type: unknownType, location };
  const output = declaration.kind === 'BackboneDecl' ? declaration.members.find((m) => m.kind === 'BackboneOutput') : undefined;
  return output === undefined ? call : { kind: 'field', of: call, field: output.name.text, type: unknownType, location };
}

/** What computes the vectors, thing by thing; undefined where that cannot be made out. */
export function probeGrounds(probe: CheckedProbe, host: Host, lowerTerms: LowerTerms): Grounds | undefined {
  const lowered = lowerProbe(probe, lowerTerms);
  return typeof lowered === 'string' ? undefined : groundsOf(digestsIn([['what the parts compute', lowered.model]], lockUriOf(probe.uri, host), host));
}

/** Of what computes the vectors; undefined where that cannot be made out. */
export function probeFingerprint(probe: CheckedProbe, host: Host, lowerTerms: LowerTerms): string | undefined {
  const lowered = lowerProbe(probe, lowerTerms);
  return typeof lowered === 'string' ? undefined : fingerprintOf(lowered.model, (uri) => {
    const digest = host.sha256(uri);
    return digest.ok ? digest.value : '';
  });
}
