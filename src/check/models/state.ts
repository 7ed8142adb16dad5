/** Recurrent state of a model: `state h: f32[2, batch, 128] = 0`, `next h = out.h`. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { at } from '../../text/source.ts';
import type { ModelDecl, NextMember, StateMember } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { substituteTensor } from '../../types/bindings.ts';
import { symbolsOf, toldBy } from '../../types/dim.ts';
import { showType } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { checkNextClaim } from '../parts/claims.ts';
import { closingFix } from '../parts/closed-type.ts';
import { insertAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { declareLocal } from '../expressions/block.ts';
import { evaluate } from '../expressions/expr.ts';
import { checkFirstValue, literalValue, type FirstValue } from './first-value.ts';
import { guardValue } from '../joints/guards.ts';
import type { CheckedPort, CheckedState } from '../model.ts';
import { placeJoint } from '../joints/places.ts';
import { openPart, tensorsOf } from '../parts/signature.ts';
import { text } from '../source-text.ts';
import { evaluateType } from '../types/type-expr.ts';
import { describeValue, unknownValue, type Value } from '../expressions/values.ts';
import { withTestedFacts } from './tested.ts';

/** The states of a model while its members are evaluated. */
export interface States {
  /** By name; undefined where an error was reported. */
  readonly declared: Map<string, { readonly member: StateMember; readonly type: TensorType; readonly init: FirstValue } | undefined>;
  readonly next: Map<string, { readonly member: NextMember; readonly value: Value }>;
}

export const noStates = (): States => ({ declared: new Map(), next: new Map() });

/** Makes a state a value of the body; `place` names the program's tensor of it. */
export function evaluateState(member: StateMember, states: States, env: Env, place: (port: string) => string | undefined): void {
  const type = stateType(member, env);
  const init = type && initialValue(member, type, env);
  if (!states.declared.has(member.name.text)) states.declared.set(member.name.text, type && init !== undefined ? { member, type, init } : undefined);
  const ref = place(member.name.text);
  declareLocal(member.name, type === undefined ? unknownValue : { kind: 'tensor', type, ...(ref === undefined ? {} : { ref }) }, env);
}

function stateType(member: StateMember, env: Env): TensorType | undefined {
  const type = evaluateType(member.type, env.scope);
  const location = at(env.scope.module, member.type.span);
  if (type.kind === 'record') env.report(partCodes.report('unsupported', { what: 'a record as a state' }, location, { notes: ['Declare a state for each of its fields.'] }));
  if (type.kind !== 'tensor') return undefined;
  const open = openPart(type);
  if (open !== undefined) {
    env.report(partCodes.report('open-type', { port: member.name.text, type: showType(type), open }, location, { fixes: closingFix(member.type, type, env.scope.module) }));
    return undefined;
  }
  // By induction: the first one is held against them here or where an app gives it, every later one where it is made.
  return substituteTensor({ ...withTestedFacts(type), evidence: 'proved' }, env.bindings);
}

function initialValue(member: StateMember, type: TensorType, env: Env): FirstValue | undefined {
  const { init, name } = member;
  const value = literalValue(init);
  const location = at(env.scope.module, init.span);
  if (typeof value === 'object') return checkFirstValue(value, type, member, location, env) ? value : undefined;
  if (init.kind === 'MissingExpr') return undefined;
  const found = value === 'ragged' ? 'lists of different lengths' : inWords(evaluate(init, env));
  if (found === undefined) return undefined;
  const args = { found, where: `the first value of \`${name.text}\``, needs: 'a number, or a list of numbers' };
  env.report(partCodes.report('tensor-needed', args, location, { notes: ['It is written out, and repeated over the axes that it does not fill: a run begins before there is anything else. Numbers of a file are given where a stream begins: `model.start({ state })`.'] }));
  return undefined;
}

const inWords = (value: Value): string | undefined => (value.kind === 'unknown' ? undefined : describeValue(value));

/** Evaluates what a state is to be in the next run, and holds it against what is said of the state. */
export function evaluateNext(member: NextMember, states: States, env: Env): void {
  const name = member.name.text;
  const value = evaluate(member.value, { ...env, letName: name });
  const location = at(env.scope.module, member.name.span);
  const first = states.next.get(name);
  if (name === '') return;
  if (first !== undefined) {
    const where = `\`${env.symbol.name}\``;
    const related = [{ location: at(env.scope.module, first.member.name.span), text: 'first here' }];
    env.report(nameCodes.report('duplicate-name', { name: `next ${name}`, where }, location, { label: 'declared again here', related }));
    return;
  }
  const state = states.declared.get(name);
  const site = { location: at(env.scope.module, member.value.span), to: `${env.symbol.name}.${name}`, from: text(member.value, env) };
  const guarded = state === undefined ? value : guardValue(value, state.type, site, env);
  states.next.set(name, { member, value: guarded });
  if (state !== undefined) placeJoint(site, state.type, guarded, env.bindings, env);
  if (state !== undefined) checkNextClaim(member, state.type, at(env.scope.module, state.member.type.span), value, env);
  else if (!states.declared.has(name)) env.report(nextWithoutState(member, value, env));
}

function nextWithoutState(member: NextMember, value: Value, env: Env) {
  const { name } = member;
  const { members } = env.symbol.declaration as ModelDecl;
  const states = members.flatMap((m) => (m.kind === 'StateMember' ? [m.name.text] : []));
  const lacking = states.filter((state) => !members.some((m) => m.kind === 'NextMember' && m.name.text === state));
  const location = at(env.scope.module, name.span);
  const below = states.includes(name.text);
  const near = below ? undefined : suggest(name.text, lacking);
  return partCodes.report('next-without-state', { name: name.text, model: env.symbol.name }, location, {
    ...mistyped(near, location, below ? 'declared further down' : 'no such state'),
    ...(near === undefined && !below ? { fixes: stateFix(name.text, value, member, env) } : {}),
    notes: near ? [] : [below ? 'A state stands above what is made of it.' : `Write \`state ${name.text}: TYPE = 0\` above it.`],
  });
}

/** A state of the type of what the next run is to have, above what says it. */
function stateFix(name: string, value: Value, { span }: NextMember, { scope: { module } }: Env): Fix[] {
  if (value.kind !== 'tensor' || openPart(value.type) !== undefined || module.names.has(name)) return [];
  const type = showType({ ...value.type, facts: [] });
  return [{ title: `declare it: \`state ${name}: ${type} = 0\``, edits: [insertAt(span.start, `state ${name}: ${type} = 0\n  `, module)] }];
}

/** The states once all members are known; what lacks is reported. */
export function settleStates({ declared, next }: States, inputs: readonly CheckedPort[], env: Env): (CheckedState & { readonly next: Value })[] {
  const given = new Set(inputs.flatMap(({ type }) => tensorsOf(type)).flatMap((type) => type.shape.axes.map(({ size }) => toldBy(size)?.symbol.key)));
  // What an input that is not understood tells is not known.
  const isTold = inputs.every(({ type }) => type.kind !== 'unknown');
  return [...declared].flatMap(([name, state]) => {
    if (state === undefined) return [];
    const { member, type, init } = state;
    const unbound = isTold ? type.shape.axes.flatMap(({ size }) => symbolsOf(size)).find(({ key }) => !given.has(key)) : undefined;
    if (unbound !== undefined) {
      const place = env.scope.seen.get(unbound.name) ?? at(env.scope.module, member.type.span);
      env.report(partCodes.report('unbound-size', { name: unbound.name, part: env.symbol.name }, place, { notes: ['The first run begins with a state of a size that its inputs say.'] }));
    }
    const made = next.get(name);
    if (made === undefined) env.report(stateWithoutNext(member, type, env));
    return [{ name, type, init, next: made?.value ?? unknownValue, ...(member.doc === undefined ? {} : { doc: member.doc }) }];
  });
}

/** What is made below the state comes first; that it stays is meant where a stream begins with what holds for all of it. */
function stateWithoutNext(member: StateMember, type: TensorType, env: Env) {
  const { name } = member;
  const location = at(env.scope.module, name.span);
  const { members } = env.symbol.declaration as ModelDecl;
  const inputs = new Set(members.flatMap((each) => (each.kind === 'ModelInput' || each.kind === 'StateMember' ? [each.name.text] : [])));
  const isNamed = (written: string): boolean => written.split('.').at(-1) === name.text;
  const made = [...env.locals].flatMap(([local, { value }]) => (inputs.has(local) ? [] : tensorsIn(local, value))).filter(([, each]) => isAlike(each, type)).toSorted(([a], [b]) => Number(isNamed(b)) - Number(isNamed(a)));
  const end = at(env.scope.module, { start: members.at(-1)!.span.end, end: members.at(-1)!.span.end });
  const fixOf = (title: string, value: string): Fix => ({ title, edits: [{ location: end, text: `\n  next ${name.text} = ${value}` }], doubtful: true });
  return partCodes.report('state-without-next', { name: name.text, model: env.symbol.name }, location, {
    label: 'stays as it begins',
    notes: [`Write \`next ${name.text} = VALUE\`. What is the same in all runs of a stream is given where that begins, and says so: \`next ${name.text} = ${name.text}\`.`],
    fixes: [...made.slice(0, 2).map(([value]) => fixOf(`write \`next ${name.text} = ${value}\``, value)), fixOf('say that it stays', name.text)],
  });
}

/** The tensors of a value, as they are written: `o.h` of a record. */
function tensorsIn(name: string, value: Value): readonly (readonly [string, TensorType])[] {
  if (value.kind === 'tensor') return [[name, value.type]];
  return value.kind === 'record' ? [...value.type.fields].map(([field, type]) => [`${name}.${field}`, type] as const) : [];
}

const isAlike = (a: TensorType, b: TensorType): boolean => showType({ ...a, facts: [] }) === showType({ ...b, facts: [] });
