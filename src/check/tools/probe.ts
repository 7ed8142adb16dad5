/** `probe NAME { data … through … taps … }`: how the spaces of parts lie to each other. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { BackboneDecl, Name, ProbeDecl } from '../../syntax/ast.ts';
import type { Callable } from '../context.ts';
import { isKind, lookupKind, reportRepeated, unknownName } from '../types/declarations.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { inputsApart, signatureFor } from './compatible.ts';
import type { CheckedProbe, CheckedTap } from './model.ts';
import { checkData, nameLocation, reportIncomplete, single, type ToolScope } from './scope.ts';

export function checkProbe(declaration: ProbeDecl, scope: ToolScope): CheckedProbe | undefined {
  const { members } = declaration;
  const dataClause = single(members.filter((m) => m.kind === 'DataClause'), 'data file', scope);
  const data = checkData(dataClause === undefined ? [] : [dataClause], scope);
  const names = members.flatMap((m) => (m.kind === 'ThroughClause' ? m.parts : []));
  const tapNames = members.flatMap((m) => (m.kind === 'TapsClause' ? m.taps : []));
  if (dataClause === undefined) reportIncomplete('no data', ['Write `data "./probe.jsonl"`.'], scope);
  if (names.length === 0) reportIncomplete('nothing that it goes through', ['Write `through` and the parts: `through Encode, EncodeNew`.'], scope);
  reportRepeated(names.map((name) => ({ name })), `\`${scope.tool}\``, scope.module, scope.report);
  reportRepeated(tapNames.map((name) => ({ name })), `the taps of \`${scope.tool}\``, scope.module, scope.report);
  const through = names.map((name) => lookupKind(name, scope.module, ['PartDecl', 'BackboneDecl'], 'part', scope.report));
  const known = through.filter((symbol) => symbol !== undefined);
  const alike = checkAlike(known, names, scope);
  const taps = tapNames.flatMap((name) => checkTap(name, known, scope));
  if (known.length < names.length || known.length === 0 || !alike || taps.length < tapNames.length || data.length === 0) return undefined;
  return { kind: 'probe', declaration, name: scope.symbol.name, uri: scope.module.uri, location: nameLocation(scope), data, through: known, taps };
}

/** All parts read what the first one reads. */
function checkAlike(parts: readonly Symbol<Callable>[], names: readonly Name[], scope: ToolScope): boolean {
  const [first, ...others] = parts;
  const expected = first && signatureFor(first, scope);
  if (expected === undefined) return false;
  let sound = true;
  for (const other of others) {
    const found = signatureFor(other, scope);
    const why = found && inputsApart(expected, found, true);
    if (found === undefined) sound = false;
    if (why === undefined) continue;
    sound = false;
    const name = names.find((n) => scope.module.names.get(n.text) === other)!;
    const related = [first!, other].map((symbol) => ({ location: at(symbol.module, symbol.declaration.name.span), text: 'declared here' }));
    scope.report(toolCodes.report('probe-inputs', { first: first!.name, second: other.name, why }, at(scope.module, name.span), { related }));
  }
  return sound;
}

/** A tap of the backbones that the parts reach; of several with the name all are meant. */
function checkTap(name: Name, parts: readonly Symbol<Callable>[], scope: ToolScope): readonly CheckedTap[] {
  const reached = [...new Set(parts.flatMap((part) => reachedFrom(part, scope.checker)))];
  const backbones = reached.filter((symbol): symbol is Symbol<BackboneDecl> => isKind(symbol, 'BackboneDecl'));
  const found = backbones.filter((backbone) => tapsOf(backbone).includes(name.text));
  if (found.length > 0 || name.text === '') return found.map((backbone) => ({ backbone, tap: name.text }));
  // Of parts that are not known nobody can say which taps they have.
  if (parts.length > 0) scope.report(unknownName(name.text, 'tap', backbones.flatMap(tapsOf), at(scope.module, name.span)));
  return [];
}

const tapsOf = ({ declaration }: Symbol<BackboneDecl>): readonly string[] => declaration.members.flatMap((m) => (m.kind === 'TapMember' ? [m.name.text] : []));
