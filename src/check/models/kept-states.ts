/**
 * A state of an LSTM that stays what it was, `next h = h`, while its other state is carried on. Where both stay, each run begins anew from what
 * the stream began with, which may be meant.
 */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { RecurrentState } from '../../ir/recurrent-states.ts';
import type { Symbol } from '../../names/modules.ts';
import type { ModelDecl, NextMember } from '../../syntax/ast.ts';
import { at } from '../../text/source.ts';
import type { Checker } from '../context.ts';
import { replaceAt } from '../edits.ts';
import { isKind } from '../types/declarations.ts';
import { stemOf } from './state-names.ts';

type Role = (member: NextMember) => RecurrentState | undefined;

/** `advancing`: as what a state goes into an LSTM that has its next value from one; `taken`: as what any goes into one. */
export function reportKeptStates(symbol: Symbol<ModelDecl>, members: readonly NextMember[], advancing: Role, taken: Role, checker: Checker): void {
  const kept = members.filter((member) => isKept(member) && taken(member) !== undefined);
  for (const member of kept) {
    const role = taken(member)!;
    const twins = members.filter((other) => advancing(other) !== undefined && advancing(other) !== role);
    const alike = members.filter((other) => advancing(other) === role);
    // Each cell that advances has a hidden state that does; one more has its own here. One that stays with it is another network's.
    const isAlone = twins.length > alike.length && !kept.some((other) => taken(other) !== role);
    const twin = twins.at(-1);
    if (isAlone && twin !== undefined) checker.diagnostics.push(report(symbol, member, twin, role, advancing(twin)!));
  }
}

const isKept = ({ name, value }: NextMember): boolean => value.kind === 'NameExpr' && value.name.text === name.text;

function report(symbol: Symbol<ModelDecl>, member: NextMember, twin: NextMember, takenAs: RecurrentState, otherAs: RecurrentState) {
  const { module } = symbol;
  const state = member.name.text;
  return partCodes.report('state-not-advanced', { state, takenAs, other: twin.name.text, otherAs }, at(module, member.value.span), {
    label: 'the same in every run',
    related: [{ location: at(module, twin.value.span), text: `the ${otherAs} of the next run` }],
    notes: ['It runs, and from the second run on it answers wrongly: an LSTM goes on from both. What gives the one gives the other.'],
    fixes: twinFix(symbol, member, twin),
  });
}

/** Beside `o.cn` the output of the same network that is called as the state is: `o.hn` for `h0`. */
function twinFix({ module, declaration }: Symbol<ModelDecl>, { name, value }: NextMember, twin: NextMember): Fix[] {
  const given = twin.value;
  if (given.kind !== 'FieldExpr' || given.object.kind !== 'NameExpr') return [];
  const record = given.object.name.text;
  const made = declaration.members.find((member) => member.kind === 'Let' && member.name.text === record);
  const callee = made?.kind === 'Let' && made.value.kind === 'CallExpr' && made.value.callee.kind === 'NameExpr' ? module.names.get(made.value.callee.name.text) : undefined;
  if (!isKind(callee, 'BackboneDecl')) return [];
  const meant = callee.declaration.members.filter((member) => member.kind === 'BackboneOutput' && member.name.text !== given.field.text && stemOf(member.name.text) === stemOf(name.text));
  const [only, ...others] = meant;
  if (only?.kind !== 'BackboneOutput' || others.length > 0) return [];
  const text = `${record}.${only.name.text}`;
  return [{ title: `write \`${text}\``, edits: [replaceAt(value.span, text, module)] }];
}
