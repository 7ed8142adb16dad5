/** Joints: whether a value may become a parameter, and how each demand is known to hold. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic, Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { Expr } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { substituteTensor, type Bindings } from '../../types/bindings.ts';
import type { Fact, NominalStatement } from '../../types/fact.ts';
import { rangeOf } from '../../ops/range.ts';
import { constantOf } from '../../types/dim.ts';
import { implying } from '../../types/implies.ts';
import { bindFrom, compareTensors, type FreeNames, type Mismatch } from '../../types/match.ts';
import { showBound, showRecord, showStatement, showTensor } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { foundAttribute, reportAttribute } from '../expressions/attribute.ts';
import type { Argument } from '../expressions/call.ts';
import { warnOfScaledTwice } from './scaled-twice.ts';
import { conversionsOf } from './conversions.ts';
import { noBridges, saidBridges, withBridges, type Bridges } from './bridges.ts';
import type { Checker } from '../context.ts';
import type { Env } from '../env.ts';
import { writtenAt } from '../edits.ts';
import { encodeFixes, fieldFixes, labelsFix, recordFixes, useContractFix, wholeFix } from '../fixes.ts';
import { behindGuards, lostBehindGuards, rejectingAll } from './guards.ts';
import { pooledAlready, tokensMeant } from './meant-inputs.ts';
import { describeBindings, reportMismatch } from './mismatch.ts';
import { meantBy } from '../expressions/misuse.ts';
import type { Joint, Requirement } from '../model.ts';
import { foundNominal, reportNominal } from './nominal.ts';
import { namedHere, reportTrained } from '../parts/classes.ts';
import { showFact, showFacts } from './show-fact.ts';
import { sayFix } from '../say-fixes.ts';
import { knownMultiple, requireSize, type SizeFact } from '../types/size-facts.ts';
import type { Signature, TensorParameter } from '../parts/signature.ts';
import { text } from '../source-text.ts';
import { describeValue, hasFields, type Value } from '../expressions/values.ts';

/** The two sides of a joint, for messages. */
export interface Sides {
  /** `Encode.tokens.ids`; of a body's value the part that promises it: `Encode`. */
  readonly to: string;
  /** Whether this is a body against its own signature. */
  readonly promised: boolean;
  /** `` `tokens.ids` `` */
  readonly from: string;
  /** The value's expression. */
  readonly location: Location;
  /** Where the demand stands. */
  readonly related: readonly Label[];
}

/** The tensors of a template beside those of a value, with the field's name for records. */
export function pairTensors(template: Type, value: Value): { field?: string; template: TensorType; found: TensorType }[] {
  if (template.kind === 'tensor' && value.kind === 'tensor') return [{ template, found: value.type }];
  if (template.kind !== 'record' || value.kind !== 'record') return [];
  return [...template.fields].flatMap(([field, expected]) => {
    const found = value.type.fields.get(field);
    return found ? [{ field, template: expected, found }] : [];
  });
}

/** Binds a signature's free names from one argument. */
export function bindTypes(template: Type, value: Value, free: FreeNames, bindings: Bindings): void {
  for (const pair of pairTensors(template, value)) bindFrom(pair.template, pair.found, free, bindings);
}

/** Checks one argument and records the joint. False where it does not fit; that is reported, unless it was before. */
export function checkArgument(signature: Signature, parameter: TensorParameter, arg: Argument, bindings: Bindings, env: Env): boolean {
  if (arg.value.kind === 'unknown' || parameter.type.kind === 'unknown') return false;
  const sides: Sides = {
    to: `${signature.symbol.name}.${parameter.name}`,
    promised: false,
    from: `\`${text(arg.expr, env)}\``,
    location: at(env.scope.module, arg.expr.span),
    related: [{ location: parameter.location, text: 'demanded here' }],
  };
  if (!checkStructure(parameter.type, arg, sides, signature.free, bindings, env)) return false;
  const requirements: Requirement[] = [];
  const sound = checkTensors(signature, parameter, arg, sides, bindings, requirements, env);
  if (!sound || env.joints === undefined) return sound;
  const joint: Joint = { location: sides.location, from: text(arg.expr, env), to: sides.to, requirements };
  env.joints.push(joint);
  const given = env.given?.values.get(arg.value);
  if (given === undefined || !requirements.some(({ evidence }) => evidence === 'declared')) return sound;
  const judged: Requirement[] = [];
  if (checkTensors(signature, parameter, { ...arg, value: given }, sides, bindings, judged, { ...env, report: () => {} })) env.given!.judged.set(joint, judged);
  return sound;
}

function checkTensors(signature: Signature, parameter: TensorParameter, arg: Argument, sides: Sides, bindings: Bindings, requirements: Requirement[], env: Env): boolean {
  let sound = true;
  for (const { field, template, found } of pairTensors(parameter.type, arg.value)) {
    const inner = field === undefined ? sides : { ...sides, to: `${sides.to}.${field}`, from: `\`${text(arg.expr, env)}.${field}\`` };
    sound = checkTensor(template, found, inner, bindings, requirements, { signature, parameter, arg, env, field }) && sound;
  }
  return sound;
}

function checkStructure(template: Type, { value, expr }: Argument, sides: Sides, free: FreeNames, bindings: Bindings, env: Env): boolean {
  if (template.kind === 'tensor' && value.kind === 'tensor') return true;
  const { location, ...names } = sides;
  if (template.kind === 'record' && value.kind === 'record') {
    const missing = [...template.fields.keys()].filter((field) => !value.type.fields.has(field));
    const fixes = recordFixes(template, value, missing, free, expr, env);
    for (const field of missing) env.report(jointCodes.report('missing-field', { ...names, field }, location, { label: hasFields(value), related: sides.related, fixes }));
    return missing.length === 0;
  }
  if (template.kind === 'tensor' && value.kind === 'record') {
    const fields = fieldFixes(template, value, free, expr, env);
    const encoded = fields.length > 0 ? [] : encodeFixes(template, value, free, expr, env);
    env.report(
      jointCodes.report('tensor-expected', { ...names, expected: showTensor(template), found: showRecord(value.type) }, location, {
        label: 'this is a record',
        related: sides.related,
        notes: [fields.length > 0 ? 'A record is passed as a whole, also where it has one field: write `.` and the name of the one that is meant.' : encoded.length > 0 ? 'None of its fields is what is needed here, but there is a part that makes it of them.' : 'None of its fields is what is needed here; a part or a backbone may make it of them.'],
        fixes: [...fields, ...encoded],
      }),
    );
    return false;
  }
  if (template.kind === 'record' && value.kind === 'tensor') {
    const args = { ...names, expected: showRecord(template), found: showTensor(value.type) };
    const texts = tokensMeant(template, value.type, expr, env);
    env.report(jointCodes.report('record-expected', args, location, { label: 'this is a tensor', related: sides.related, notes: texts.notes, fixes: [...wholeFix(template, expr, env), ...texts.fixes] }));
    return false;
  }
  reportConstant(template.kind === 'tensor' ? substituteTensor(template, bindings) : template, value, sides, env);
  return false;
}

/** A compile-time value where data is needed. */
export function reportConstant(template: Type, value: Value, sides: Sides, env: Env): void {
  const needs = template.kind === 'record' ? `a record ${showRecord(template)}` : 'a tensor';
  const isVector = template.kind === 'tensor' && template.shape.rest === undefined && template.shape.axes.length === 1;
  const notes = value.kind === 'number' && isVector ? ['This is a vector: write a list of numbers, one for each index.'] : meantBy(value);
  const args = { found: describeValue(value), where: sides.promised ? `the value of \`${sides.to}\`` : `\`${sides.to}\``, needs };
  const fixes = value.kind === 'number' && isVector ? listFixes(template, sides.location, env) : [];
  env.report(partCodes.report('tensor-needed', args, sides.location, { related: sides.related, notes, fixes }));
}

/** One number for all indices of a short vector, written out. */
function listFixes({ shape }: TensorType, location: Location, env: Env): Fix[] {
  const length = constantOf(shape.axes[0]!.size);
  if (length === undefined || length > 8 || location.uri !== env.scope.module.uri) return [];
  const number = writtenAt(location, env.scope.module);
  const list = `[${Array.from({ length }, () => number).join(', ')}]`;
  return [{ title: `write \`${list}\``, edits: [{ location, text: list }] }];
}

function unmetReason(expr: Expr, { symbol }: Env): string {
  const isInput = symbol.declaration.kind === 'ModelDecl' && expr.kind === 'NameExpr' && symbol.declaration.members.some((m) => m.kind === 'ModelInput' && m.name.text === expr.name.text);
  if (isInput) return "Say it in the input's type, and it is tested at run time; or make it true on the way.";
  return 'It must follow from what the producer declares, or from the operators on the way.';
}

/** Whether it is another space or tokenizer that was found, not only another version of the one. */
const isOther = (demand: NominalStatement, found: TensorType): boolean => foundNominal(found, demand.kind)?.nominal.id !== demand.nominal.id;

/** The demanded space, where the vectors are known to lie in another one, which may have another width and other lengths. */
function otherSpace(expected: TensorType, found: TensorType): (Fact & NominalStatement) | undefined {
  const demand = expected.facts.find((fact) => fact.kind === 'space');
  return demand?.kind === 'space' && foundNominal(found, 'space') !== undefined && isOther(demand, found) && implying(found, demand) === undefined ? demand : undefined;
}

/** A guard that lets nothing pass: both ranges, where they are said. */
export function reportRejectingAll(fact: Fact, found: TensorType, sides: Sides, checker: Checker): Diagnostic {
  const { low, high } = rangeOf(found);
  const known = `range [${showBound(low)}, ${showBound(high)}]`;
  const said = found.facts.find(({ kind }) => kind === 'range')?.location;
  const related = [fact.location ? { location: fact.location, text: 'demanded here, with `on violation reject`' } : sides.related, said ? { location: said, text: 'known from here' } : []].flat();
  return jointCodes.report('rejects-all', { to: sides.to, from: sides.from, fact: showFact(fact, checker), known }, sides.location, {
    label: `known: ${known}`,
    related,
    notes: ['Both ranges lie apart, so that no run gives a result. One of them is wrong, or the value has to be brought from the one to the other.'],
  });
}

interface CallSite {
  readonly signature: Signature;
  readonly parameter: TensorParameter;
  readonly arg: Argument;
  readonly env: Env;
  readonly field: string | undefined;
}

/** The parts in scope that carry the value into the demanded space. */
const carriers = ({ arg, signature, env, field }: CallSite, template: TensorType): Fix[] => (field === undefined ? encodeFixes(template, arg.value, signature.free, arg.expr, env) : []);

/** One tensor of a joint; where it does not fit, a conversion that makes it fit is offered with the first thing that is told. */
function checkTensor(template: TensorType, found: TensorType, sides: Sides, bindings: Bindings, requirements: Requirement[], site: CallSite): boolean {
  const bridges = (): Bridges => (site.field === undefined ? saidBridges(template, found, site.signature.free, site.arg.expr, site.env) : noBridges);
  return withBridges(site.env, bridges, (env) => judgeTensor(template, found, sides, bindings, requirements, { ...site, env }));
}

/** What does not fit whatever the sizes are, and what has to be the multiple that is demanded. */
function splitMultiples(all: readonly Mismatch[], found: TensorType, env: Env): { readonly mismatches: readonly Mismatch[]; readonly multiples: readonly Requirement[] } {
  const mismatches: Mismatch[] = [];
  const multiples: Requirement[] = [];
  for (const mismatch of all) {
    const known = mismatch.kind === 'size' && mismatch.multiple !== undefined ? knownMultiple(mismatch.multiple.fact, found, env) : undefined;
    if (known === undefined) mismatches.push(mismatch);
    else multiples.push(known);
  }
  return { mismatches, multiples };
}

/** A tensor type with the sizes of the value: `n`, not the `14*(n div 14)` that it has to be. */
const withSizesOf = (found: TensorType, expected: TensorType): TensorType => ({
  ...expected,
  shape: { ...expected.shape, axes: expected.shape.axes.map((axis, i) => ({ ...axis, size: found.shape.axes[i]?.size ?? axis.size })) },
});

/** Dtype and shape, then what it means, then its values. */
function judgeTensor(template: TensorType, found: TensorType, sides: Sides, bindings: Bindings, requirements: Requirement[], site: CallSite): boolean {
  const expected = substituteTensor(template, bindings);
  const { mismatches, multiples } = splitMultiples(compareTensors(template, found, bindings), found, site.env);
  const other = otherSpace(expected, found);
  if (other !== undefined) {
    // What carries it over mends the rest, too.
    const fixes = [...carriers(site, template), ...useContractFix(site.parameter, site.signature, site.arg.expr, site.env)];
    site.env.report(reportNominal(other, found, sides, mismatches.length === 0, fixes));
    return false;
  }
  const noted = site.env.joints !== undefined;
  const tells = mismatches.length > 0 || template.facts.some((fact) => fact.kind === 'size');
  const bound = tells ? describeBindings(template, site.signature.free, bindings) : [];
  for (const mismatch of mismatches) {
    if (mismatch.kind === 'trained') {
      site.env.report(reportTrained(mismatch, sides, site.env.checker));
      continue;
    }
    const told = reportMismatch(mismatch, expected, found, sides, bound);
    const pooled = mismatch.kind === 'rank' ? pooledAlready(site.signature, found, site.arg.expr, site.env) : undefined;
    const meant = pooled === undefined ? told : { ...told, notes: [...told.notes, ...pooled.notes], fixes: pooled.fixes };
    site.env.report(mismatch.kind === 'classes' ? { ...told, fixes: labelsFix(mismatch.expected, mismatch.found, site.arg.expr, site.env) } : meant);
  }
  const prefix = site.field === undefined ? '' : `${site.field}: `;
  if (noted && mismatches.length === 0) requirements.push({ what: `${prefix}${showTensor(withSizesOf(found, expected))}`, evidence: found.evidence }, ...multiples, ...namedHere(template, found, bindings, prefix));
  let sound = mismatches.length === 0;
  const guarded = behindGuards(found, expected);
  if (mismatches.length === 0) for (const fact of rejectingAll(found, expected)) site.env.report(reportRejectingAll(fact, found, sides, site.env.checker));
  for (const [i, fact] of expected.facts.entries()) {
    if (fact.kind === 'size') {
      // Of sizes that differ anyway nothing more is said.
      const requirement = mismatches.length === 0 ? requireSize(template.facts[i] as SizeFact, bindings, found, { ...sides, expr: site.field === undefined ? site.arg.expr : undefined }, bound, site.env) : undefined;
      if (requirement === undefined) sound = false;
      else requirements.push({ ...requirement, what: `${prefix}${requirement.what}` });
      continue;
    }
    const implied = implying(guarded, fact);
    if (implied !== undefined) {
      warnOfScaledTwice(fact, found, sides, site.env);
      if (noted) requirements.push({ what: `${prefix}${showStatement(fact)}`, evidence: implied.evidence, ...(implied.because === undefined ? {} : { because: implied.because }) });
      continue;
    }
    sound = false;
    if (fact.kind === 'space' || fact.kind === 'tokenizer') {
      const declared = isOther(fact, found) ? useContractFix(site.parameter, site.signature, site.arg.expr, site.env) : [];
      const fixes = site.field === undefined && declared.length === 0 ? [...carriers(site, template), ...sayFix(fact, found.facts, site.arg.expr, site.env)] : declared;
      site.env.report(reportNominal(fact, found, sides, mismatches.length === 0, fixes));
    } else if (fact.kind === 'attribute') {
      const { fixes, notes } = conversionsOf(fact, foundAttribute(found, fact), site.arg.expr, site.env);
      site.env.report(reportAttribute(fact, found, sides, [...fixes, ...(site.field === undefined ? sayFix(fact, found.facts, site.arg.expr, site.env) : [])], notes));
    } else {
      const lost = lostBehindGuards(fact, found, expected);
      const known = showFacts(guarded.facts, site.env.checker);
      const related = fact.location ? [{ location: fact.location, text: 'demanded here' }] : sides.related;
      site.env.report(
        jointCodes.report('unmet-fact', { to: sides.to, from: sides.from, fact: showFact(fact, site.env.checker) }, sides.location, {
          label: known === undefined ? 'nothing is known of its values' : `known: ${known}`,
          related,
          notes: lost.length > 0 ? lost : [unmetReason(site.arg.expr, site.env)],
          // Bytes that are said to lie in [-1, 1] are bytes still.
          fixes: site.field === undefined && !mismatches.some(({ kind }) => kind === 'dtype') ? sayFix(fact, found.facts, site.arg.expr, site.env) : [],
        }),
      );
    }
  }
  return sound;
}
