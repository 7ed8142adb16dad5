/**
 * Guards: what a consumer's contract makes of values for which a demand is not known to hold (`on violation`). `clamp`
 * moves each element to the nearest end of its range, `replace` puts a number in its place; `reject` and `report` leave
 * the value as it is and count, for whoever runs the model, what breaks the demand. NaN breaks them all. Where the
 * demand is proved, or a guard has been passed before, there is none.
 */
import { describeDType, numbers, works } from '../../ops/dtypes.ts';
import { rangeOf } from '../../ops/range.ts';
import type { ViolationClause } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { hasInfinity, holds } from '../../types/dtype.ts';
import { dtypesOf } from '../../types/element-type.ts';
import type { Ends, Evidence, Fact, RangeStatement, Violation } from '../../types/fact.ts';
import { compareEvidence } from '../../types/evidence.ts';
import { implying } from '../../types/implies.ts';
import { showElementType, showStatement } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Env, GuardedFact, GuardSite } from '../env.ts';
import { countBroken, endsIn, mend, nearestToZero } from './guard-nodes.ts';
import { rememberedValue } from './followed-values.ts';
import { resultExpr } from '../parts/learned-form.ts';
import type { Signature } from '../parts/signature.ts';
import { shortText } from '../source-text.ts';
import type { TensorValue, Value } from '../expressions/values.ts';

const hasGuard = (fact: Fact): fact is GuardedFact => fact.violation !== undefined;

/** Whether a fact is one that the graph makes hold. */
export const isMended = (fact: Fact): fact is GuardedFact => fact.violation?.mode === 'clamp' || fact.violation?.mode === 'replace';

/** Whether a model sees to a fact about its input itself, so that its app need not. */
export const isSeenTo = (fact: Fact): boolean => isMended(fact) || fact.violation?.mode === 'report';

export const violationOf = ({ mode, value }: ViolationClause): Violation => ({ mode, ...(value === undefined ? {} : { value: value.value }) });

/** Why a guard cannot stand for a fact; undefined where it can, or need not. */
export function guardFault(fact: Fact, violation: Violation, type: TensorType): string | undefined {
  if (implying({ ...type, facts: [] }, fact) !== undefined) return undefined;
  if (!works(type.dtype, numbers)) return describeDType(type.dtype, 'numbers');
  if (fact.kind === 'mean' || fact.kind === 'std') return `a ${fact.kind} is said of a whole data set, of which one run sees little`;
  return isMended({ ...fact, violation }) ? mendFault(fact, violation, type) : undefined;
}

function mendFault(fact: Fact, { mode, value }: Violation, type: TensorType): string | undefined {
  const misfit = value === undefined ? undefined : dtypesOf(type.dtype).find((member) => !holds(member, value) && (Number.isFinite(value) || !hasInfinity(member)));
  if (misfit !== undefined) return `${shown(value!)} does not fit ${misfit}`;
  const empty = fact.kind === 'range' && typeof type.dtype === 'string' && (fact.rows?.ends ?? [fact]).some((end) => isEmpty(endsIn(end, type)));
  if (empty) return `no number of ${showElementType(type.dtype)} lies in it`;
  if (mode === 'clamp') return fact.kind === 'range' ? undefined : `\`clamp\` makes only a range hold, not ${showStatement(fact)}`;
  if (!isOfElements(fact)) return `\`replace\` makes only facts about single elements hold, not ${showStatement(fact)}`;
  // That a value is missing is told by the parser.
  if (value === undefined || holdsOf(fact, value)) return undefined;
  const why = { range: 'does not lie in it', mask: 'is neither 0 nor 1', finite: 'is not finite' }[fact.kind as string] ?? 'is not whole';
  return `${shown(value)} ${why}`;
}

/** A number as it is written in a source. */
const shown = (value: number): string => String(value).replace('Infinity', 'inf');

const isEmpty = ({ low, high }: Ends): boolean => low > high || low === Infinity || high === -Infinity;

const isOfElements = ({ kind }: Fact): boolean => kind === 'range' || kind === 'mask' || kind === 'integer' || kind === 'finite';

/** Whether a fact about single elements holds of a number, wherever it stands. */
function holdsOf(fact: Fact, value: number): boolean {
  switch (fact.kind) {
    case 'range':
      return (fact.rows?.ends ?? [fact]).every(({ low, high }) => value >= low && value <= high);
    case 'mask':
      return value === 0 || value === 1;
    case 'integer':
      return Number.isInteger(value);
    default:
      return Number.isFinite(value);
  }
}

// ---------------------------------------------------------------- what is known behind them

/** How a demand is known without a guard of its own; somebody's word is what a guard is for. */
function knownBefore(type: TensorType, fact: Fact): Evidence | undefined {
  const evidence = implying(type, fact)?.evidence;
  return evidence === 'proved' || evidence === 'enforced' ? evidence : undefined;
}

/** Whether a guard for it would be needless. */
export const isProvedBefore = (type: TensorType, fact: Fact): boolean => knownBefore(type, fact) !== undefined;

/** The guards that a value needs for these demands, in their order: what changes the value comes before what looks at it. */
function* guardsFor(found: TensorType, wanted: TensorType): Generator<{ readonly fact: GuardedFact; readonly type: TensorType; readonly known: Evidence | undefined }> {
  let type = found;
  const guarded = wanted.facts.filter(hasGuard);
  for (const fact of [...guarded.filter(isMended), ...guarded.filter((one) => !isMended(one))]) {
    const known = knownBefore(type, fact);
    yield { fact, type, known };
    if (known === undefined) type = behind(type, fact);
  }
}

/** What is known of a value that has passed a guard. */
function behind(type: TensorType, fact: GuardedFact): TensorType {
  // What is only reported is let pass.
  if (fact.violation.mode === 'report') return implying(type, fact) === undefined ? { ...type, facts: [...type.facts, { ...fact, evidence: 'declared' }] } : type;
  const enforced: Fact = { ...fact, evidence: 'enforced' };
  const kept = isMended(fact) ? type.facts.filter((known) => survives(known, fact, type)) : type.facts;
  const alone = { ...type, facts: [enforced] };
  // Somebody's word of the same, or of less, is worth nothing beside it, measured or not.
  return { ...type, facts: [...kept.filter((known) => compareEvidence(known.evidence, 'enforced') <= 0 || implying(alone, known) === undefined), enforced] };
}

/** Whether what is known of a value still holds where some of its elements have become others. */
function survives(known: Fact, { violation: { mode, value }, ...demand }: GuardedFact, type: TensorType): boolean {
  if (known.kind === 'space' || known.kind === 'tokenizer' || known.kind === 'attribute' || known.kind === 'size') return true;
  if (!isOfElements(known)) return false;
  return (mode === 'replace' ? [value ?? 0] : clampedTo(demand as RangeStatement, type)).every((number) => holdsOf(known, number));
}

const clampedTo = ({ rows, ...whole }: RangeStatement, type: TensorType): number[] =>
  (rows?.ends ?? [whole]).map((end) => endsIn(end, type)).flatMap((end) => [end.low, end.high, nearestToZero(end)].filter(Number.isFinite));

/** What is known of a value behind the guards for these demands. */
export function behindGuards(found: TensorType, wanted: TensorType): TensorType {
  let type = found;
  for (const { fact, type: before, known } of guardsFor(found, wanted)) if (known === undefined) type = behind(before, fact);
  return type;
}

/** An input as a body finds it, behind its own guards: what they make hold is enforced, whoever calls; what is only reported is the caller's word. */
export function passedGuards(type: Type): Type {
  if (type.kind === 'tensor') return passedBy(type);
  return type.kind === 'record' ? { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, passedBy(field)])) } : type;
}

function passedBy(type: TensorType): TensorType {
  if (!type.facts.some(hasGuard)) return type;
  const behindThem = behindGuards({ ...type, facts: [] }, type);
  return { ...type, facts: type.facts.map((fact) => (hasGuard(fact) && implying(behindThem, fact)?.evidence === 'enforced' ? { ...fact, evidence: 'enforced' } : fact)) };
}

/** Demands that reject whatever comes: of a range that has nothing in common with what is known. */
export function rejectingAll(found: TensorType, wanted: TensorType): readonly GuardedFact[] {
  const { low, high } = rangeOf(found);
  return wanted.facts.filter(hasGuard).filter((fact) => fact.kind === 'range' && fact.violation.mode === 'reject' && !wanted.facts.some(isMended) && (high < fact.low || low > fact.high));
}

/** Why a demand does not hold behind the guards for others, though it does before them. */
export function lostBehindGuards(fact: Fact, found: TensorType, wanted: TensorType): readonly string[] {
  const changing = implying(found, fact) === undefined ? undefined : wanted.facts.find(isMended);
  return changing === undefined ? [] : [`It is known before \`on violation ${changing.violation.mode}\`, which changes values, so it need not hold behind that.`];
}

// ---------------------------------------------------------------- values

/** The value behind a guard for each of these demands on it, or on a field of it, that is not known to hold. */
export function guardValue(value: Value, wanted: Type, site: GuardSite, env: Env): Value {
  if (value.kind === 'tensor' && wanted.kind === 'tensor') return guardTensor(value, wanted, wanted.contract, site, env);
  if (value.kind !== 'record' || wanted.kind !== 'record') return value;
  const fields = new Map(value.type.fields);
  const refs = new Map(value.refs);
  for (const [name, type] of wanted.fields) {
    const field = fields.get(name);
    if (field === undefined || !type.facts.some(hasGuard)) continue;
    const ref = refs.get(name);
    const place = { ...site, to: `${site.to}.${name}`, from: `${site.from}.${name}` };
    const guarded = guardTensor({ kind: 'tensor', type: field, ...(ref === undefined ? {} : { ref }) }, type, wanted.contract, place, env);
    fields.set(name, guarded.type);
    if (guarded.ref !== undefined) refs.set(name, guarded.ref);
  }
  return { ...value, type: { ...value.type, fields }, ...(value.refs ? { refs } : {}) };
}

/** Whether anything is to be done about values that are not as a type demands. */
export const wantsGuards = (type: Type): boolean =>
  type.kind === 'tensor' ? type.facts.some(hasGuard) : type.kind === 'record' && [...type.fields.values()].some((field) => field.facts.some(hasGuard));

/** What a call gives, behind the guards that the declared result asks for; of a body it is the body that they stand in. */
export function guardResult({ symbol }: Signature, value: Value, type: Type, site: Location, env: Env): Value {
  const { declaration, module } = symbol;
  if (!wantsGuards(type)) return value;
  const body = declaration.kind === 'PartDecl' && declaration.source === undefined ? resultExpr(declaration) : undefined;
  const location = body === undefined ? site : at(module, body.span);
  const to = type.kind === 'record' ? symbol.name : `${symbol.name}'s result`;
  const known = body === undefined ? value : rememberedValue(value, type, body, symbol, env);
  return guardValue(known, type, { location, to, from: shortText(location, env) }, env);
}

function guardTensor(value: TensorValue, wanted: TensorType, contract: string | undefined, site: GuardSite, env: Env): TensorValue {
  if (!wanted.facts.some(hasGuard)) return value;
  if (env.deep === undefined) return { ...value, type: behindGuards(value.type, wanted) };
  const { sink, site: user } = env.deep;
  const location = env.scope.module.package === 'std' ? user : site.location;
  let passed = value;
  for (const { fact, type, known } of guardsFor(value.type, wanted)) {
    const guard = { ...site, location, fact, ...(contract === undefined ? {} : { contract }) };
    if (known !== undefined) {
      sink.needless(guard, known);
      continue;
    }
    const before: TensorValue = { ...passed, type };
    const place = { site: location, sink };
    const ref = isMended(fact) ? sink.guard(mend(before, fact, place).ref!, guard) : sink.guard(before.ref!, guard, countBroken(before, fact, wanted, place));
    passed = { kind: 'tensor', type: behind(type, fact), ref };
  }
  return passed;
}
