/** `rollout NAME of MODEL { slot … }`: which heads answer as an output of a model, and how often. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, ModelDecl, Name, PartDecl, RollbackClause, RolloutDecl, Slot, SlotMember } from '../../syntax/ast.ts';
import { isKind, lookupKind, reportRepeated, unknownName } from '../types/declarations.ts';
import { boundOf, canTell, reportBound } from './bounds.ts';
import { inputsApart, resultsApart, signatureFor } from './compatible.ts';
import { dottedName, lookupRow } from './measures.ts';
import { insertAt, removeClause } from '../edits.ts';
import type { CheckedArm, CheckedRollback, CheckedRollout, CheckedSlot } from './model.ts';
import { checkUnit, quantityOf, type Unit } from './quantities.ts';
import { nameLocation, reportIncomplete, single, type ToolScope } from './scope.ts';
import { signals, type Interval } from './tables.ts';

export function checkRollout(declaration: RolloutDecl, scope: ToolScope): CheckedRollout | undefined {
  const model = lookupKind(declaration.model, scope.module, ['ModelDecl'], 'model', scope.report);
  if (declaration.slots.length === 0) reportIncomplete('no slot', ['Write `slot OUTPUT { arm HEAD 100% }`.'], scope);
  reportRepeated(declaration.slots, `\`${scope.tool}\``, scope.module, scope.report);
  const slots = declaration.slots.map((slot) => checkSlot(slot, model, scope));
  if (model === undefined || slots.length === 0 || slots.some((slot) => slot === undefined)) return undefined;
  return { kind: 'rollout', declaration, name: scope.symbol.name, uri: scope.module.uri, location: nameLocation(scope), data: [], model, slots: slots as CheckedSlot[] };
}

type Of<K extends SlotMember['kind']> = Extract<SlotMember, { kind: K }>;
const membersOf = <K extends SlotMember['kind']>(slot: Slot, kind: K): readonly Of<K>[] => slot.members.filter((member): member is Of<K> => member.kind === kind);

function checkSlot(slot: Slot, model: Symbol<ModelDecl> | undefined, scope: ToolScope): CheckedSlot | undefined {
  const head = model && slotHead(slot, model, scope);
  const arms = membersOf(slot, 'ArmClause').map((clause) => checkArm(clause, head, scope));
  const shares = checkShares(slot, head, scope);
  reportRepeated(membersOf(slot, 'ArmClause').map((clause) => ({ name: clause.head })), `the arms of \`${slot.name.text}\``, scope.module, scope.report);
  const shadowClauses = membersOf(slot, 'ShadowClause');
  const shadows = shadowClauses.map((clause) => checkHead(clause.head, head, scope));
  const armed = (name: Name): boolean => membersOf(slot, 'ArmClause').some((arm) => arm.head.text === name.text);
  for (const clause of shadowClauses.filter(({ head: shadow }) => armed(shadow))) {
    const { head: name } = clause;
    scope.report(toolCodes.report('tool-repeated', { what: `place for \`${name.text}\``, tool: `the slot \`${slot.name.text}\`` }, at(scope.module, name.span), {
      label: 'answers already',
      notes: ['A shadow is run beside the arms, and its answers are only recorded.'],
      fixes: [removeClause('leave out the shadow', clause, scope.module)],
    }));
  }
  const sticky = single(membersOf(slot, 'StickyClause'), 'sticky clause', scope)?.by.text;
  const flags = checkFlags(slot, armed, scope);
  const rollbackClause = single(membersOf(slot, 'RollbackClause'), 'rollback', scope);
  const rollback = rollbackClause && checkRollback(rollbackClause, slot, armed, scope);
  reportIdle(slot, scope);
  const whole = head !== undefined && shares && [...arms, ...shadows, ...flags].every((item) => item !== undefined) && (rollbackClause === undefined || rollback !== undefined);
  if (!whole) return undefined;
  return { output: slot.name.text, head, arms: arms as CheckedArm[], shadows: shadows as Symbol<PartDecl>[], sticky, flags: flags as CheckedSlot['flags'], rollback };
}

// ---------------------------------------------------------------- the slot

/** The head whose call is the output of the slot's name. */
function slotHead(slot: Slot, model: Symbol<ModelDecl>, scope: ToolScope): Symbol<PartDecl> | undefined {
  const outputs = model.declaration.members.filter((m) => m.kind === 'ModelOutput');
  const output = outputs.find((m) => m.name.text === slot.name.text);
  const location = at(scope.module, slot.name.span);
  if (output === undefined) {
    if (slot.name.text !== '') scope.report(unknownName(slot.name.text, `output of \`${model.name}\``, outputs.map((m) => m.name.text), location));
    return undefined;
  }
  const callee = calleeOf(output.value, model);
  const symbol = callee && model.module.names.get(callee.text);
  if (isKind(symbol, 'PartDecl') && symbol.declaration.role === 'head') return symbol;
  const found = symbol === undefined ? 'a value' : isKind(symbol, 'PartDecl') ? `the call of \`${symbol.name}\`, which is declared as \`${symbol.declaration.role}\`` : `the call of \`${symbol.name}\``;
  scope.report(
    toolCodes.report('slot-output', { slot: slot.name.text, model: model.name, found }, location, {
      related: [{ location: at(model.module, output.value.span), text: 'this value' }],
      notes: ['Only what one head answers can be answered by another: a head is what `head NAME(…)` declares.'],
    }),
  );
  return undefined;
}

/** The name that an expression calls at its outermost, through the model's `let`s. */
function calleeOf(expr: Expr, model: Symbol<ModelDecl>, passed: readonly string[] = []): Name | undefined {
  if (expr.kind === 'PipeExpr') return expr.stage.kind === 'NameExpr' ? expr.stage.name : calleeOf(expr.stage, model, passed);
  if (expr.kind === 'CallExpr') return expr.callee.kind === 'NameExpr' ? expr.callee.name : undefined;
  if (expr.kind !== 'NameExpr' || passed.includes(expr.name.text)) return undefined;
  const local = model.declaration.members.find((m) => m.kind === 'Let' && m.name.text === expr.name.text);
  return local?.kind === 'Let' ? calleeOf(local.value, model, [...passed, expr.name.text]) : undefined;
}

// ---------------------------------------------------------------- arms

/** A head of the type of the one that the model calls. */
function checkHead(name: Name, head: Symbol<PartDecl> | undefined, scope: ToolScope): Symbol<PartDecl> | undefined {
  const symbol = lookupKind(name, scope.module, ['PartDecl'], 'head', scope.report, ({ role }) => role === 'head');
  if (symbol === undefined || head === undefined || symbol === head) return symbol;
  const [expected, found] = [signatureFor(head, scope), signatureFor(symbol, scope)];
  if (expected === undefined || found === undefined) return undefined;
  const why = inputsApart(expected, found, false) ?? resultsApart(expected, found);
  if (why === undefined) return symbol;
  const related = [head, symbol].map((s) => ({ location: at(s.module, s.declaration.name.span), text: s === head ? 'the model calls this one' : 'declared here' }));
  scope.report(toolCodes.report('arm-type', { arm: symbol.name, head: head.name, why }, at(scope.module, name.span), { related }));
  return undefined;
}

function checkArm({ head: name, share }: Of<'ArmClause'>, head: Symbol<PartDecl> | undefined, scope: ToolScope): CheckedArm | undefined {
  const symbol = checkHead(name, head, scope);
  const quantity = quantityOf(share);
  const sound = quantity !== undefined && checkUnit(`arm ${name.text}`, 'share', [], quantity, share, scope);
  return symbol && sound ? { head: symbol, share: quantity.value } : undefined;
}

/** Whether the arms of a slot answer all requests together; what is wrong is reported. */
function checkShares(slot: Slot, head: Symbol<PartDecl> | undefined, scope: ToolScope): boolean {
  const arms = membersOf(slot, 'ArmClause');
  if (arms.length === 0) {
    scope.report(toolCodes.report('tool-incomplete', { tool: `the slot \`${slot.name.text}\``, lacks: 'no arm' }, at(scope.module, slot.name.span), { notes: ['Write `arm HEAD 100%`.'], fixes: firstArm(slot, head, scope) }));
    return false;
  }
  // Of another unit, or a made up one, each is told of by itself.
  if (arms.some(({ share }) => share.unit !== '%')) return false;
  const total = arms.reduce((sum, { share }) => sum + share.value, 0);
  if (Math.abs(total - 100) < 1e-9) return true;
  const last = arms.at(-1)!.share;
  const missing = Math.round((last.value + 100 - total) * 1e6) / 1e6;
  scope.report(
    toolCodes.report('arm-shares', { slot: slot.name.text, total: `${Math.round(total * 1e6) / 1e6}%` }, at(scope.module, last.span), {
      label: 'the last of them',
      fixes: missing < 0 ? [] : [{ title: `give it ${missing}%`, edits: [{ location: at(scope.module, last.span), text: `${missing}%` }] }],
    }),
  );
  return false;
}

/** An arm of 0 % to which nothing leads answers nobody. */
function reportIdle(slot: Slot, scope: ToolScope): void {
  const led = new Set([...membersOf(slot, 'FlagClause').map(({ head }) => head.text), ...membersOf(slot, 'RollbackClause').map(({ head }) => head.text)]);
  for (const { head, share, span } of membersOf(slot, 'ArmClause').filter((arm) => arm.share.value === 0 && !led.has(arm.head.text))) {
    scope.report(
      toolCodes.report('arm-idle', { arm: head.text, slot: slot.name.text }, at(scope.module, share.span), {
        notes: [`Write \`flag "NAME" -> ${head.text}\` for those whom it is to answer; an app can also raise its share by \`ramp\`. A shadow is run, and only recorded.`],
        fixes: [{ title: 'make it a shadow', edits: [{ location: at(scope.module, span), text: `shadow ${head.text}` }] }],
      }),
    );
  }
}

/** The head that the model calls answers all, as long as no other one does. */
function firstArm({ span }: Slot, head: Symbol<PartDecl> | undefined, { module }: ToolScope): Fix[] {
  const open = module.source.text.indexOf('{', span.start);
  const name = head && [...module.names].find(([, symbol]) => symbol === head)?.[0];
  return name === undefined || open < 0 || open >= span.end ? [] : [{ title: `give \`${name}\` all of it`, edits: [insertAt(open + 1, `\n    arm ${name} 100%`, module)] }];
}

/** A head that a clause leads to has to be one of the arms. */
function checkArmed(name: Name, clause: string, slot: Slot, armed: (name: Name) => boolean, scope: ToolScope): Symbol<PartDecl> | undefined {
  const symbol = lookupKind(name, scope.module, ['PartDecl'], 'head', scope.report);
  if (symbol === undefined || armed(name)) return symbol;
  const arms = membersOf(slot, 'ArmClause');
  const last = arms.at(-1);
  const related = arms.slice(0, 4).map((arm) => ({ location: at(scope.module, arm.head.span), text: 'an arm' }));
  scope.report(toolCodes.report('arm-unknown', { head: name.text, slot: slot.name.text, clause }, at(scope.module, name.span), {
    related,
    notes: ['An arm of 0% answers only those who are led to it.'],
    fixes: last === undefined ? [] : [{ title: `make it an arm of 0%`, edits: [insertAt(last.span.end, `\n    arm ${name.text} 0%`, scope.module)] }],
  }));
  return undefined;
}

function checkFlags(slot: Slot, armed: (name: Name) => boolean, scope: ToolScope) {
  const clauses = membersOf(slot, 'FlagClause');
  return clauses.map((clause, i) => {
    const head = checkArmed(clause.head, 'flag', slot, armed, scope);
    const first = clauses.slice(0, i).find((other) => other.flag.value === clause.flag.value);
    if (first === undefined) return head && { flag: clause.flag.value, head };
    scope.report(toolCodes.report('tool-repeated', { what: `flag "${clause.flag.value}"`, tool: `the slot \`${slot.name.text}\`` }, at(scope.module, clause.flag.span), {
      label: 'said again here',
      related: [{ location: at(scope.module, first.flag.span), text: 'first here' }],
      fixes: [removeClause('leave out the second', clause, scope.module)],
    }));
    return undefined;
  });
}

// ---------------------------------------------------------------- rollback

/** How many requests are looked at where the declaration does not say it. */
const defaultWindow = 1000;

function checkRollback({ head, condition, over }: RollbackClause, slot: Slot, armed: (name: Name) => boolean, scope: ToolScope): CheckedRollback | undefined {
  const to = checkArmed(head, 'rollback', slot, armed, scope);
  const name = dottedName(condition.left);
  if (name === undefined) {
    if (condition.left.kind !== 'MissingExpr') reportBound('a rollback begins with what is watched', condition, [`It is one of ${Object.keys(signals).map((s) => `\`${s}\``).join(', ')}.`], scope);
    return undefined;
  }
  const row = lookupRow<{ readonly unit: Unit; readonly lies: Interval }>(signals, 'signal', name, condition.left, scope);
  const bound = row && boundOf(name, row.unit, [], condition.right, scope);
  if (condition.op === '==' || condition.op.startsWith('<')) {
    const why = condition.op === '==' ? `\`${name}\` is measured, and is never exactly one number` : `\`${name}\` is the better the lower it is, so that this would roll back while all is well`;
    if (row !== undefined) reportBound(why, condition, [], scope, '>');
    return undefined;
  }
  if (row !== undefined && bound !== undefined && !canTell({ name, ...row, follows: { all: 'It would roll back at once.', none: 'It would never roll back.' } }, 'value', condition.op, bound.value, condition.right, condition, scope)) return undefined;
  const window = over?.value ?? defaultWindow;
  if (!Number.isSafeInteger(window) || window < 1) {
    scope.report(toolCodes.report('option-value', { of: 'rollback', option: 'over', needs: 'a whole number of at least 1', found: `\`${over!.text}\`` }, at(scope.module, over!.span)));
    return undefined;
  }
  return to && bound && { to, metric: name, op: condition.op, bound: bound.value, over: window };
}
