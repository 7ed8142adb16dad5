/** What a part says of its result, against what its body gives. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import type { Expr, ModelOutput, NextMember, PartDecl, ReplaceMember } from '../../syntax/ast.ts';
import { at, contains, type Location } from '../../text/source.ts';
import { symbolsOf } from '../../types/dim.ts';
import { substituteFact, substituteTensor, substituteType } from '../../types/bindings.ts';
import type { Ends, Fact, SizeStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { compareTensors, noFreeNames } from '../../types/match.ts';
import { showRecord, showStatement, showTensor, showWholeEnd } from '../../types/show.ts';
import { lastDigitsOf } from '../../types/rounding.ts';
import type { ElementType, TensorType, Type } from '../../types/type.ts';
import { foundAttribute, reportAttribute } from '../expressions/attribute.ts';
import { warnOfScaledTwice } from '../joints/scaled-twice.ts';
import { isProduct } from '../joints/undone-steps.ts';
import { bridgeFixes, withBridges, type Bridges } from '../joints/bridges.ts';
import { isKind } from '../types/declarations.ts';
import { bindChosen } from '../types/chosen-sizes.ts';
import { closedPromise } from './closed-type.ts';
import { leaveOutFact } from '../edits.ts';
import type { Env } from '../env.ts';
import { fieldFixes, importedConverters, normalizeFix, recordFixes, relabel } from '../fixes.ts';
import { reportConstant, reportRejectingAll, type Sides } from '../joints/joint.ts';
import { namedHere, reportTrained } from './classes.ts';
import { resultExpr } from './learned-form.ts';
import { followedValue } from '../joints/followed-values.ts';
import { behindGuards, rejectingAll } from '../joints/guards.ts';
import { reportMismatch } from '../joints/mismatch.ts';
import type { AttributeFact } from '../joints/mixtures.ts';
import { indexNote } from './index-note.ts';
import type { Requirement } from '../model.ts';
import { claimedAt, launderedArgs, reportCarryingPart, reportLaundering } from '../joints/laundered.ts';
import { showFact, showFacts } from '../joints/show-fact.ts';
import { lostStep, traceBody } from '../trace.ts';
import { refutingInput } from './refuting-input.ts';
import { keptKey, tensorsOf, type Signature } from './signature.ts';
import { decideIn, type SizeFact } from '../types/size-facts.ts';
import { text } from '../source-text.ts';
import { withMeasurement } from '../measured.ts';
import { ofDeclared } from '../types/several-versions.ts';
import { hasFields, type RecordValue, type Value } from '../expressions/values.ts';

/** Somebody's word about a value of their own. */
interface Claim {
  /** `TopicHead` */
  readonly claimant: string;
  /** How the joint is called: `TopicHead's result`. */
  readonly port: string;
  /** The expression that has to bear it out. */
  readonly expr: Expr;
  /** The field of its value that is meant, where it is a record. */
  readonly field?: string;
  /** The field that the promise is of, where it is of a record's; `field` is undefined where that has an expression of its own. */
  readonly path?: string;
  /** Whether weights of its own may carry the value into another space. */
  readonly owned: boolean;
  /** What is known of the inputs that the part says it keeps; the body is held to that elsewhere. */
  readonly kept: readonly Fact[];
  /** The attributes that the value is still read by, where its type says none. */
  readonly readings?: readonly AttributeFact[] | undefined;
}

/** A part's declared result, each fact with the evidence that the body has for it. */
export function checkPartResult(signature: Signature, value: Value, env: Env): Type {
  const { declaration, name } = signature.symbol as Symbol<PartDecl>;
  const claim: Claim = { claimant: name, port: `${name}'s result`, expr: resultExpr(declaration), owned: declaration.weights !== undefined, kept: keptFacts(signature) };
  return checkClaim(signature.result, value, claim, { to: name, from: 'its body' }, signature.resultLocation, env);
}

const keptFacts = ({ tensors, keeps }: Signature): Fact[] => tensors.flatMap((t) => tensorsOf(t.type)).flatMap((type) => type.facts.filter((fact) => keeps.has(keptKey(fact) ?? '')));

/** `output topic: T = …` of a model. */
export function checkOutputClaim(output: ModelOutput, declared: Type, value: Value, env: Env): Type {
  const claim: Claim = { claimant: output.name.text, port: `${env.symbol.name}.${output.name.text}`, expr: output.value, owned: false, kept: [] };
  const sides = { to: `${env.symbol.name}.${output.name.text}`, from: 'the model' };
  return checkClaim(declared, value, claim, sides, at(env.scope.module, output.type!.span), env);
}

/** `replace layer4 = …`: what stands in a tensor's place has its type. What was said of the values of the original is not promised of it. */
export function checkReplacementClaim(member: ReplaceMember, declared: TensorType, declaredAt: Location, value: Value, env: Env): Type {
  const name = `${env.symbol.name}.${member.name.text}`;
  const claim: Claim = { claimant: name, port: name, expr: member.value, owned: false, kept: [] };
  const type = checkClaim({ ...declared, facts: [] }, value, claim, { to: name, from: 'its replacement' }, declaredAt, env);
  return type.kind === 'tensor' && value.kind === 'tensor' ? { ...type, facts: value.type.facts } : type;
}

/** `next h = …`: the state of the next run, which is what is said of the state. */
export function checkNextClaim(member: NextMember, declared: Type, declaredAt: Location, value: Value, env: Env): void {
  const name = `${env.symbol.name}.${member.name.text}`;
  const claim: Claim = { claimant: name, port: name, expr: member.value, owned: false, kept: [] };
  checkClaim(declared, value, claim, { to: name, from: 'the next one' }, declaredAt, env);
}

function checkClaim(declared: Type, value: Value, claim: Claim, names: Pick<Sides, 'to' | 'from'>, declaredAt: Location, env: Env): Type {
  if (value.kind === 'unknown' || declared.kind === 'unknown') return declared;
  const location = at(env.scope.module, claim.expr.span);
  const sides: Sides = { ...names, promised: true, location, related: [{ location: declaredAt, text: 'declared here' }] };
  const requirements: Requirement[] = [];
  // The sizes that the body chose are bound for this claim alone.
  const bindings = { ...env.bindings, sizes: new Map(env.bindings.sizes) };
  const known = followedValue(value, substituteType(declared, bindings), claim.expr, env);
  const result = checkResult(declared, known, claim, sides, requirements, { ...env, bindings });
  env.joints?.push({ location, from: text(claim.expr, env), to: claim.port, requirements });
  // Nobody calls a model: what its outputs say to be some size is the one that was found.
  return env.symbol.declaration.kind === 'ModelDecl' ? substituteType(result, bindings) : result;
}

function checkResult(declared: Exclude<Type, { kind: 'unknown' }>, value: Value, claim: Claim, sides: Sides, requirements: Requirement[], env: Env): Type {
  const { location, related, ...names } = sides;
  if (declared.kind === 'tensor') {
    if (value.kind === 'tensor') return checkTensorClaim(declared, value.type, { ...claim, readings: value.readings }, sides, requirements, env);
    if (value.kind !== 'record') reportConstant(declared, value, sides, env);
    else reportRecord(declared, value, claim, sides, env);
    return declared;
  }
  if (value.kind !== 'record') {
    if (value.kind !== 'tensor') reportConstant(declared, value, sides, env);
    else env.report(jointCodes.report('record-expected', { ...names, expected: showRecord(declared), found: showTensor(value.type) }, location, { related }));
    return declared;
  }
  const fields = new Map<string, TensorType>();
  for (const [field, expected] of declared.fields) {
    const found = value.type.fields.get(field);
    if (found === undefined) {
      const missing = [...declared.fields.keys()].filter((name) => !value.type.fields.has(name));
      env.report(jointCodes.report('missing-field', { ...names, field }, location, { label: hasFields(value), related, fixes: recordFixes(declared, value, missing, noFreeNames, claim.expr, env) }));
      fields.set(field, expected);
    } else {
      const inner = { ...claimOf(field, claim), path: field, readings: value.readings?.get(field) };
      const place = inner.expr === claim.expr ? location : at(env.scope.module, inner.expr.span);
      fields.set(field, checkTensorClaim(expected, found, inner, { ...sides, to: `${sides.to}.${field}`, location: place }, requirements, env));
    }
  }
  return { ...declared, fields };
}

/** Of a record that is written out, each field has an expression of its own; of one inside it, perhaps, too. */
function claimOf(path: string, claim: Claim): Claim {
  const [name = '', ...rest] = path.split('.');
  const inner = claim.expr.kind === 'RecordExpr' ? claim.expr.entries.find((entry) => entry.name.text === name)?.value : undefined;
  if (inner === undefined) return { ...claim, field: path };
  return rest.length === 0 ? { ...claim, expr: inner } : claimOf(rest.join('.'), { ...claim, expr: inner });
}

function reportRecord(declared: TensorType, value: RecordValue, claim: Claim, sides: Sides, env: Env): void {
  const { location, related, ...names } = sides;
  env.report(
    jointCodes.report('tensor-expected', { ...names, expected: showTensor(declared), found: showRecord(value.type) }, location, {
      label: 'this is a record',
      related,
      fixes: fieldFixes(declared, value, noFreeNames, claim.expr, env),
    }),
  );
}

/** Where a promise is not kept, a conversion behind the body that makes it true is offered. */
function checkTensorClaim(declared: TensorType, found: TensorType, claim: Claim, sides: Sides, requirements: Requirement[], env: Env): TensorType {
  const bridges = (): Bridges => bridgeFixes(substituteTensor(declared, env.bindings), found, noFreeNames, claim.expr, env, true);
  return withBridges(env, bridges, (inner) => judgeTensorClaim(declared, found, claim, sides, requirements, inner));
}

function judgeTensorClaim(declared: TensorType, found: TensorType, claim: Claim, sides: Sides, requirements: Requirement[], env: Env): TensorType {
  bindChosen(declared, found, env.bindings);
  const mismatches = compareTensors(declared, found, env.bindings);
  for (const mismatch of mismatches) {
    if (mismatch.kind === 'trained') {
      env.report(reportTrained(mismatch, sides, env.checker));
      continue;
    }
    const told = reportMismatch(mismatch, declared, found, sides);
    const promise = mismatch.kind === 'classes' && isKind(env.symbol, 'PartDecl') ? relabel(env.symbol.declaration.result, mismatch.expected, mismatch.found, env) : [];
    const closed = mismatch.kind === 'dtype' ? closedPromise(declared, found, env.symbol) : [];
    env.report(promise.length > 0 ? { ...told, fixes: promise } : closed.length > 0 ? { ...told, fixes: closed } : told);
  }
  if (mismatches.length === 0) requirements.push({ what: showTensor(declared), evidence: found.evidence }, ...namedHere(declared, found, env.bindings, ''));
  const wanted = substituteTensor(declared, env.bindings);
  if (mismatches.length === 0) for (const fact of rejectingAll(found, wanted)) env.report(reportRejectingAll(fact, found, { ...sides, from: 'its value' }, env.checker));
  const guarded = behindGuards(found, wanted);
  // Where its space is lost too, another length would mend nothing.
  const mendable = declared.facts.every((fact) => fact.kind !== 'space' || claim.owned || implying({ ...guarded, facts: [...guarded.facts, ...claim.kept] }, fact) !== undefined);
  const facts = declared.facts.map((fact): Fact => {
    const held = knownClaim(fact, guarded, claim, sides, mendable, env);
    if (held === undefined) return fact;
    warnOfScaledTwice(fact, found, sides, env);
    const { evidence, because } = held;
    const said = narrowed(fact, held);
    const known = withMeasurement({ ...said, evidence, ...(because === undefined ? {} : { because }) }, '', env.symbol, env.checker.measured);
    requirements.push({ what: showStatement(fact), evidence: known.evidence, ...(known.because === undefined ? {} : { because: known.because }) });
    // How it follows stands with the joint; what was measured, with the fact, too.
    return known.evidence === 'measured' ? known : { ...said, evidence };
  });
  return { ...declared, facts, evidence: found.evidence };
}

/** A promised space or tokenizer in the versions that the body gives. */
function narrowed(fact: Fact, held: Fact): Fact {
  if ((fact.kind !== 'space' && fact.kind !== 'tokenizer') || held.kind !== fact.kind) return fact;
  return { ...fact, nominal: held.nominal, versions: held.versions };
}

/** How a claim is known; undefined where it is not, which is reported. */
function knownClaim(fact: Fact, found: TensorType, claim: Claim, sides: Sides, mendable: boolean, env: Env): Fact | undefined {
  if (fact.kind === 'size') {
    const verdict = decideIn(env, substituteFact(fact, env.bindings) as SizeFact, found);
    if (verdict !== 'unknown' && verdict !== 'refuted') return { ...fact, evidence: verdict };
  }
  const known = implying({ ...found, facts: [...found.facts, ...claim.kept] }, fact);
  if (known !== undefined) return known;
  if (fact.kind === 'space' || fact.kind === 'tokenizer') {
    // Fitted weights are what carries one space into another.
    if (claim.owned && fact.kind === 'space') {
      if (isKind(env.symbol, 'PartDecl') && env.symbol.declaration.role === 'part') env.report(reportCarryingPart(env.symbol, launderedArgs(fact, found, promiserOf(claim)), 'its own', claimedAt(fact, sides)));
      return { ...ofDeclared(fact), evidence: 'declared' };
    }
    env.report(reportLaundering(fact, found, promiserOf(claim), sides));
    return undefined;
  }
  if (fact.kind === 'attribute') {
    const value = { ...found, facts: [...found.facts, ...(claim.readings ?? [])] };
    if ((foundAttribute(value, fact)?.value ?? fact.value) === fact.value) return { ...fact, evidence: 'declared' };
    const there = foundAttribute(value, fact);
    const notes = importedConverters(fact, there, env).map((name) => `\`${name}\` makes ${fact.value} of ${there?.value}: call it on what is ${there?.value}.`);
    env.report(reportAttribute(fact, value, sides, [], notes));
    return undefined;
  }
  reportUnproved(fact, found, claim, sides, mendable, env);
  return undefined;
}

/** Says which step lost what was promised, where one did. */
function reportUnproved(fact: Fact, found: TensorType, claim: Claim, sides: Sides, mendable: boolean, env: Env): void {
  const facts = showFacts(found.facts, env.checker);
  const last = env.inferring === undefined && env.trace === undefined ? lostStep(traceBody(claim.expr, env), fact) : undefined;
  // The range of one factor says nothing of a product.
  const lost = last !== undefined && fact.kind === 'range' && isProduct(last.at) ? undefined : last;
  const isInner = lost !== undefined && (lost.at.span.start !== claim.expr.span.start || lost.at.span.end !== claim.expr.span.end);
  const step = isInner ? [{ location: at(env.scope.module, lost.at.span), text: `lost here: it holds of \`${text(lost.before, env)}\`` }] : [];
  // Shown as it is promised, though it is wider by what arithmetic rounds.
  const range = found.facts.find((known) => known.kind === 'range');
  const rounded = range?.kind === 'range' && fact.kind === 'range' && isOffByRounding(range, fact, found.dtype) ? range : undefined;
  const isNear = range?.kind === 'range' && fact.kind === 'range' && fact.rows === undefined && isWithinBy(range, fact, mostRounding);
  const witness = env.inferring === undefined && env.trace === undefined ? refutingInput(fact, claim, env) : undefined;
  env.report(
    jointCodes.report('unproved-claim', { part: fact.kind === 'size' ? claim.claimant : promiserOf(claim), fact: showFact(fact, env.checker), by: proofOf(env.symbol) }, sides.location, {
      label: fact.kind === 'size' ? unknownSizes(fact) : facts === undefined ? 'nothing is known of its values' : `known of this: ${rounded === undefined ? facts : `range [${showWholeEnd(rounded.low)}, ${showWholeEnd(rounded.high)}], to the last digit`}`,
      related: [...(fact.location ? [{ location: fact.location, text: 'promised here' }] : sides.related), ...step],
      notes: [
        ...(witness === undefined ? [] : [`It is false ${witness}.`]),
        ...(lost === undefined || isInner ? [] : [`It holds of \`${text(lost.before, env)}\`, and is lost by what is made of that.`]),
        ...(fact.kind === 'range' && range?.kind === 'range' ? indexNote(fact, range) : []),
        ...(isNear ? [`${rounded === undefined ? 'Rounding, and the tolerance of what it is made of, may carry it that far' : 'Each step rounds'}. \`${clipTo(fact)}\` makes it hold, or \`on violation clamp\` where it is promised.`] : []),
        isKind(env.symbol, 'ModelDecl') ? 'What is said of an output, or of a state, must follow from the operators that make it. End with one that makes it true, or do not say it.' : "A part's promise must follow from the operators of its body. End the body with one that makes it true, or drop the promise.",
      ],
      fixes: [...(mendable ? normalizeFix(fact, claim.expr, env) : []), ...dropPromise(fact, sides, env)],
    }),
  );
}

/** `Encode.hidden`; sizes are said of a whole record. */
const promiserOf = ({ claimant, path }: Claim): string => (path === undefined ? claimant : `${claimant}.${path}`);

/** Who would have to prove a promise. */
const proofOf = (symbol: Symbol): string => (isKind(symbol, 'ModelDecl') ? 'what it is made of' : 'its body');

function unknownSizes({ left, right }: SizeStatement): string {
  const open = [...new Set([...symbolsOf(left), ...symbolsOf(right)].map(({ name }) => `\`${name}\``))];
  return open.length === 0 ? 'its sizes say otherwise' : `nothing is known of how large ${open.join(' and ')} ${open.length === 1 ? 'is' : 'are'}`;
}

/** Where the promise stands in the type of its own declaration, it can be taken back; callers may miss it. */
function dropPromise({ location }: Fact, { related }: Sides, env: Env): Fix[] {
  const own = related[0]?.location;
  const inside = location !== undefined && own?.uri === location.uri && env.scope.module.uri === location.uri && contains(env.symbol.declaration.span, location.span.start);
  return inside ? leaveOutFact(location, env.checker).map((fix) => ({ ...fix, doubtful: true as const })) : [];
}

/** The call that cuts off what lies outside; towards an open end nothing does. */
function clipTo({ low, high }: Ends): string {
  if (high === Infinity) return `onnx.Max(…, ${low})`;
  return low === -Infinity ? `onnx.Min(…, ${high})` : `onnx.Clip(…, min: ${low}, max: ${high})`;
}

/** Whether only what kernels round keeps a range from being what is promised: four times the last digits. */
const isOffByRounding = (known: Ends, promised: Ends, dtype: ElementType): boolean => isWithinBy(known, promised, 4 * lastDigitsOf(dtype));

/** What rounding may add up to in a mean, or a product, over a size that is not known; as a part of what is promised. */
const mostRounding = 1 / 32;

function isWithinBy(known: Ends, { low, high }: Ends, part: number): boolean {
  // Towards an open end there is nothing to round.
  const slack = part * Math.max(0, ...[low, high].filter(Number.isFinite).map(Math.abs));
  return known.low >= low - slack && known.high <= high + slack;
}
