/**
 * States that are given each other's next values: the hidden state and the cell of an LSTM have one type, and an exchange runs. What the graph says of
 * them is looked at first, then their names.
 */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { recurrentStates, type RecurrentState, type RecurrentStates } from '../../ir/recurrent-states.ts';
import type { Program } from '../../ir/program.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, ModelDecl, NextMember } from '../../syntax/ast.ts';
import type { Checker } from '../context.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { reportKeptStates } from './kept-states.ts';
import { stemOf } from './state-names.ts';

/** A state as an output of the program: what it is in the next run. */
interface CarriedState {
  readonly name: string;
  readonly next: string;
}

/** What a state is taken for, and what it is made as, where an LSTM says both. */
interface Told {
  readonly takenAs: RecurrentState;
  readonly madeAs: RecurrentState;
}

/** Warns at the `next` of each, once for two that change places. */
export function reportExchangedStates(symbol: Symbol<ModelDecl>, program: Program, states: readonly CarriedState[], checker: Checker): void {
  const members = symbol.declaration.members.filter((member): member is NextMember => member.kind === 'NextMember');
  if (members.length === 0) return;
  const found = recurrentStates(program);
  const told = new Map(members.flatMap((member) => {
    const state = states.find(({ name }) => name === member.name.text);
    const roles = state && rolesOf(state, program, found);
    return roles === undefined ? [] : [[member, roles] as const];
  }));
  const crossed = members.filter((member) => isCrossed(told.get(member)));
  const [first] = crossed;
  if (first !== undefined) {
    // Arguments in each other's place have the same effect, and are told where they stand.
    const second = crossed.find((member) => told.get(member)!.takenAs !== told.get(first)!.takenAs);
    if (!isToldOfArguments(symbol, checker)) checker.diagnostics.push(byGraph(symbol, first, second, told.get(first)!));
    return;
  }
  for (const [i, member] of members.entries()) {
    const other = told.has(member) ? undefined : members.slice(i + 1).find((later) => !told.has(later) && areNamedCrosswise(member, later));
    if (other !== undefined) checker.diagnostics.push(byNames(symbol, member, other));
  }
  reportKeptStates(symbol, members, (member) => told.get(member)?.takenAs, (member) => takenOf(states.find(({ name }) => name === member.name.text), program, found), checker);
}

/** What a state goes into an LSTM as, where that is one thing. */
function takenOf(state: CarriedState | undefined, { inputs }: Program, { taken }: RecurrentStates): RecurrentState | undefined {
  const port = inputs.find(({ name }) => name === state?.name);
  const [takenAs, ...elsewhere] = port === undefined ? [] : taken(port.value);
  return elsewhere.length > 0 ? undefined : takenAs;
}

const isCrossed = (roles: Told | undefined): boolean => roles !== undefined && roles.takenAs !== roles.madeAs;

function rolesOf({ name, next }: CarriedState, { inputs, outputs }: Program, { made, taken }: RecurrentStates): Told | undefined {
  const [from, to] = [outputs.find((port) => port.name === next), inputs.find((port) => port.name === name)];
  const [madeAs, ...otherwise] = from === undefined ? [] : made(from.value);
  const [takenAs, ...elsewhere] = to === undefined ? [] : taken(to.value);
  return madeAs === undefined || takenAs === undefined || otherwise.length + elsewhere.length > 0 ? undefined : { takenAs, madeAs };
}

function isToldOfArguments(symbol: Symbol<ModelDecl>, checker: Checker): boolean {
  const bodies = reachedFrom(symbol, checker).map(({ module, declaration }) => at(module, declaration.span));
  return checker.diagnostics.some(({ code, location: { uri, span } }) => code === 'arguments-exchanged' && bodies.some((body) => body.uri === uri && body.span.start <= span.start && span.end <= body.span.end));
}

function byGraph(symbol: Symbol<ModelDecl>, member: NextMember, other: NextMember | undefined, { takenAs, madeAs }: Told) {
  const { module } = symbol;
  return partCodes.report('states-exchanged', { state: member.name.text, takenAs, madeAs }, at(module, member.value.span), {
    label: `the ${madeAs} of an LSTM`,
    related: other === undefined ? [] : [{ location: at(module, other.value.span), text: `its ${takenAs}` }],
    notes: ['Both have one type, so this runs, and answers wrongly from the second run on.'],
    fixes: swapFix(symbol, member, other),
  });
}

function byNames(symbol: Symbol<ModelDecl>, member: NextMember, other: NextMember) {
  const { module } = symbol;
  const [name, otherName] = [member.name.text, other.name.text];
  return partCodes.report('states-exchanged', { state: name, other: otherName }, at(module, member.value.span), {
    label: `meant for \`${otherName}\`?`,
    related: [{ location: at(module, other.value.span), text: `meant for \`${name}\`?` }],
    notes: ['Nothing but the names tells the two apart: if they are exchanged, the model runs and answers wrongly from the second run on.', 'Where it is meant, call the states as what they are.'],
    fixes: swapFix(symbol, member, other),
  });
}

/** A value that is named between the two cannot stand in the upper one. */
function swapFix({ module, declaration }: Symbol<ModelDecl>, first: NextMember, second: NextMember | undefined): Fix[] {
  if (second === undefined || declaration.members.some((member) => member.kind === 'Let' && member.span.start > first.span.start && member.span.end < second.span.end)) return [];
  return [{ title: 'swap them', edits: [replaceAt(first.value.span, writtenAt(second.value, module), module), replaceAt(second.value.span, writtenAt(first.value, module), module)] }];
}

// ---------------------------------------------------------------- names

/** Two fields of one record, each with the name of the other's state. */
function areNamedCrosswise(one: NextMember, other: NextMember): boolean {
  const [a, b] = [fieldOf(one.value), fieldOf(other.value)];
  if (a === undefined || b === undefined || a.record !== b.record) return false;
  const [first, second] = [one.name.text, other.name.text];
  if (a.field === second && b.field === first) return true;
  const [wanted, otherWanted] = [stemOf(first), stemOf(second)];
  return wanted !== '' && otherWanted !== '' && wanted !== otherWanted && stemOf(a.field) === otherWanted && stemOf(b.field) === wanted;
}

const fieldOf = (expr: Expr): { readonly record: string; readonly field: string } | undefined =>
  expr.kind === 'FieldExpr' && expr.object.kind === 'NameExpr' ? { record: expr.object.name.text, field: expr.field.text } : undefined;
