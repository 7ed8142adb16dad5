/** The facts of a `where` clause. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix, Place } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { fromEnd } from '../../ops/shapes.ts';
import type { BoundName, FactExpr, Name, NominalFact, RangeFact, ReductionFact, ViolationClause } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { nearest, suggest } from '../../text/suggest.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import type { Ends, Fact, RangeRows, ReductionStatement, Statement } from '../../types/fact.ts';
import { showStatement, showType } from '../../types/show.ts';
import { unknownType, type RecordType, type TensorType, type Type } from '../../types/type.ts';
import { guardFault, violationOf } from '../joints/guards.ts';
import { compareStatement, isAttributeFact } from './compare-fact.ts';
import { clashOf, type Clash } from './said-before.ts';
import { lookupKind, nominalOf, unknownName } from './declarations.ts';
import { meantFact, meantReduction, sayFix, spellings } from './meant-facts.ts';
import { textOf, type TypeScope } from './type-scope.ts';

const flags = ['mask', 'prefix_mask', 'integer', 'finite', 'one_hot', 'nonzero'] as const;
const reductions = ['norm', 'sum', 'mean', 'std'] as const;
const isFlag = (name: string): name is (typeof flags)[number] => (flags as readonly string[]).includes(name);
const isReduction = (name: string): name is (typeof reductions)[number] => (reductions as readonly string[]).includes(name);

/**
 * The type with the facts added. Of a record only its sizes can be compared, which all its fields share: the first one
 * carries what is said; facts about values belong to its fields. A type with a faulty fact is unknown, so that its
 * consumers do not miss it a second time.
 */
export function evaluateFacts(facts: readonly FactExpr[], base: Type, scope: TypeScope, violation?: ViolationClause): Type {
  if (facts.length === 0 || base.kind === 'unknown') return base;
  if (base.kind === 'record') return evaluateRecordFacts(facts, base, scope, violation);
  let type = base;
  let sound = true;
  const said = new Map<string, Fact>();
  for (const [i, expr] of facts.entries()) {
    const fact = evaluateFact(expr, type, scope, violation);
    const clash = fact && clashOf(fact, type, said);
    if (clash !== undefined) reportClash(expr, facts[i - 1], clash, type, scope);
    if (fact === undefined || clash !== undefined) sound = false;
    else {
      type = { ...type, facts: [...type.facts, fact] };
      said.set(showStatement(fact), fact);
    }
  }
  return sound ? type : unknownType;
}

function reportClash(expr: FactExpr, before: FactExpr | undefined, { why, first, same }: Clash, type: TensorType, scope: TypeScope): void {
  const own = at(scope.module, expr.span);
  // It is the arguments of the contract that make it wrong.
  const use = boundNames(expr).length > 0 ? scope.use : undefined;
  const related = [...(first?.location ? [{ location: first.location, text: 'said here' }] : []), ...(use ? [{ location: own, text: 'demanded here' }] : [])];
  const fixes = same && use === undefined && before !== undefined ? [{ title: 'say it once', edits: [{ location: at(scope.module, { start: before.span.end, end: expr.span.end }), text: '' }] }] : [];
  scope.report(partCodes.report('fact-misplaced', { fact: textOf(expr, scope), type: showType(type), why }, use ?? own, { related, fixes }));
}

function evaluateRecordFacts(facts: readonly FactExpr[], base: RecordType, scope: TypeScope, violation: ViolationClause | undefined): Type {
  const [first] = base.fields;
  const misplaced = facts.find((fact) => fact.kind !== 'CompareFact' || isAttributeFact(fact, scope));
  if (misplaced !== undefined || first === undefined) {
    const why = `it is a record; it is said of one of its fields (${[...base.fields.keys()].join(', ')}) in the contract`;
    scope.report(partCodes.report('fact-misplaced', { fact: textOf(misplaced ?? facts[0]!, scope), type: showType(base), why }, at(scope.module, (misplaced ?? facts[0]!).span)));
    return unknownType;
  }
  const [name, field] = first;
  const type = evaluateFacts(facts, field, scope, violation);
  return type.kind === 'tensor' ? { ...base, fields: new Map([...base.fields, [name, type]]) } : unknownType;
}

function evaluateFact(expr: FactExpr, type: TensorType, scope: TypeScope, clause: ViolationClause | undefined): Fact | undefined {
  const location = at(scope.module, expr.span);
  const statement = toStatement(expr, type, scope, location);
  const fact: Fact | undefined = statement && { ...statement, evidence: 'declared', location };
  if (fact === undefined || clause === undefined || !ofValues.has(fact.kind)) return fact;
  const violation = violationOf(clause);
  const why = guardFault(fact, violation, type);
  if (why === undefined) return { ...fact, violation };
  scope.report(partCodes.report('fact-misplaced', { fact: `on violation ${violation.mode}`, type: `${showType(type)} with ${showStatement(fact)}`, why }, at(scope.module, clause.span)));
  return undefined;
}

/** What a guard can see; of spaces, attributes and sizes it sees nothing. */
const ofValues: ReadonlySet<Fact['kind']> = new Set(['range', 'norm', 'sum', 'mean', 'std', ...flags]);

function toStatement(expr: FactExpr, type: TensorType, scope: TypeScope, location: Location): Statement | undefined {
  const misplaced = (fact: string, why: string, fixes: readonly Fix[] = []): undefined => {
    // It is the arguments of the contract that make it wrong.
    const use = boundNames(expr).length > 0 ? scope.use : undefined;
    scope.report(partCodes.report('fact-misplaced', { fact, type: showType(type), why }, use ?? location, use ? { related: [{ location, text: 'demanded here' }] } : { fixes }));
    return undefined;
  };
  switch (expr.kind) {
    case 'CompareFact':
      return compareStatement(expr, type, scope);
    case 'RangeFact': {
      const ends = withNumbers(expr, scope);
      if (ends === undefined) return undefined;
      return rangeStatement(ends, type, scope, location, misplaced);
    }
    case 'ReductionFact': {
      if (!isReduction(expr.name.text)) return unknownFact(expr.name.text, meantReduction(expr.name.text), reductions, scope, at(scope.module, expr.name.span));
      const value = givenNumber(expr, 1, expr.value, scope);
      const tolerance = givenNumber(expr, 2, expr.tolerance ?? 0, scope);
      if (value === undefined || tolerance === undefined) return undefined;
      return reductionStatement({ ...expr, value, ...(expr.tolerance === undefined ? {} : { tolerance }) }, expr.name.text, type, misplaced);
    }
    case 'NominalFact':
      return nominalStatement(expr, scope);
    case 'FlagFact':
      if (isFlag(expr.name.text)) return { kind: expr.name.text };
      if (Object.hasOwn(spellings, expr.name.text)) {
        const spelling = spellings[expr.name.text]!;
        scope.report(partCodes.report('fact-incomplete', { name: expr.name.text, spelling }, location, { fixes: [sayFix(spelling, location)] }));
        return undefined;
      }
      return unknownFact(expr.name.text, meantFact(expr.name.text, scope), [...flags, ...reductions, 'range', 'space', 'tokenizer'], scope, location);
  }
}

/** A number of a fact, or the one that a parameter stands for; undefined for what is none, which is reported. */
function givenNumber({ names }: Pick<RangeFact, 'names'>, index: number, written: number, scope: TypeScope): number | undefined {
  const named = names.find((each) => each.index === index);
  if (named === undefined) return written;
  const { text: name, span } = named.name;
  scope.read.add(name);
  if (!scope.numbers.has(name)) {
    if (name !== '' && !scope.module.unresolved.has(name)) scope.report(unknownName(name, 'number', [...scope.numbers.keys()], at(scope.module, span)));
    return undefined;
  }
  const number = scope.numbers.get(name);
  return number === undefined ? undefined : named.negative && number !== 0 ? -number : number;
}

/** The names among the numbers of a fact. */
const boundNames = (expr: FactExpr): readonly BoundName[] => ('rows' in expr ? (expr.rows ?? []).flatMap(({ names }) => names) : 'names' in expr ? expr.names : []);

/** A range with what its names stand for. */
function withNumbers(expr: RangeFact, scope: TypeScope): RangeFact | undefined {
  if (boundNames(expr).length === 0) return expr;
  const rows = (expr.rows ?? [expr]).map((row) => ({ ...row, low: givenNumber(row, 0, row.low, scope), high: givenNumber(row, 1, row.high, scope) }));
  const known = rows.flatMap((row) => (row.low !== undefined && row.high !== undefined ? [{ ...row, low: row.low, high: row.high }] : []));
  if (known.length < rows.length) return undefined;
  const [low, high] = [Math.min(...known.map((row) => row.low)), Math.max(...known.map((row) => row.high))];
  return { ...expr, low, high, ...(expr.rows && { rows: known.filter((row) => row.kind === 'RangeRow') }) };
}

function rangeStatement(expr: RangeFact, type: TensorType, scope: TypeScope, location: Location, misplaced: Misplaced): Statement | undefined {
  const statement: Statement = { kind: 'range', low: expr.low, high: expr.high };
  // A number that the parser had to make up.
  if (Number.isNaN(expr.low) || Number.isNaN(expr.high)) return undefined;
  if (isText(type)) return misplaced(showStatement(statement), 'its elements are texts, not numbers');
  if ((expr.rows ?? [expr]).some(({ low, high }) => low > high)) return misplaced(textOf(expr, scope), `${boundNames(expr).length > 0 ? `it is ${showStatement(statement)} here, and ` : ''}its lower end lies above its upper one`, expr.rows === undefined && boundNames(expr).length === 0 ? [{ title: 'swap its ends', edits: [{ location, text: showStatement({ ...statement, low: expr.high, high: expr.low }) }] }] : []);
  if (expr.axis === undefined) return statement;
  const rows = rangeRows(expr.axis, expr.rows ?? [], type, scope, location);
  return rows && { ...statement, rows };
}

/** Rows of a range, one for each index of the axis with this label. */
function rangeRows(label: Name, ends: readonly Ends[], type: TensorType, scope: TypeScope, location: Location): RangeRows | undefined {
  if (label.text === '') return undefined;
  const { axes } = type.shape;
  const fact = `a range for each index of \`${label.text}\``;
  const place = axes.findIndex((axis) => axis.label === label.text);
  const report = (why: string, where: Place = {}): undefined => {
    scope.report(partCodes.report('fact-misplaced', { fact, type: showType(type), why }, location, where));
    return undefined;
  };
  if (place === -1) {
    const labels = axes.flatMap((axis) => axis.label ?? []);
    const near = suggest(label.text, labels);
    const { fixes } = mistyped(near, at(scope.module, label.span), '');
    return report('it has no axis of that label', { label: near ? `did you mean \`${near}\`?` : '', fixes, notes: labels.length === 0 ? ['A label stands before the size: `C: 3`.'] : [] });
  }
  const axis = fromEnd(place - axes.length, type.shape);
  if (axis === undefined) return report('the axis stands before `...`');
  const size = constantOf(axes[place]!.size);
  if (size === undefined) return report(`the size of the axis is ${showDim(axes[place]!.size)}, which is no number`);
  return size === ends.length ? { axis, label: label.text, ends } : report(`the axis has ${size}, but ${ends.length} ${ends.length === 1 ? 'range is' : 'ranges are'} given`);
}

const isText = (type: TensorType): boolean => type.dtype === 'string';

type Misplaced = (fact: string, why: string, fixes?: readonly Fix[]) => undefined;

function reductionStatement(expr: ReductionFact, kind: ReductionStatement['kind'], type: TensorType, misplaced: Misplaced): Statement | undefined {
  const { value, tolerance = 0 } = expr;
  // Numbers that the parser had to make up, and axes that it refused.
  if (Number.isNaN(value) || Number.isNaN(tolerance) || !Number.isSafeInteger(expr.axis)) return undefined;
  const fact = `${kind}(${expr.axis})`;
  const axis = fromEnd(expr.axis, type.shape);
  if (isText(type)) return misplaced(fact, 'its elements are texts, not numbers');
  if (axis === undefined) return misplaced(fact, `there is no axis ${expr.axis}`);
  if (tolerance < 0) return misplaced(`${fact} == ${value} +- ${tolerance}`, 'a tolerance is not below zero');
  if (value < 0 && (kind === 'norm' || kind === 'std')) return misplaced(`${fact} == ${value}`, `a ${kind} is not below zero`);
  return { kind, axis, value, tolerance };
}

function nominalStatement(expr: NominalFact, scope: TypeScope): Statement | undefined {
  const versions = expr.versions.map((v) => v.text);
  const parameter = scope.nominals.get(expr.name.text);
  scope.read.add(expr.name.text);
  if (parameter?.nominal.kind === expr.nominal) return { kind: expr.nominal, nominal: parameter.nominal, versions: versions.length > 0 ? versions : parameter.versions };
  // The argument for it was faulty.
  if (parameter === undefined && scope.nominals.has(expr.name.text)) return undefined;
  const kind = expr.nominal === 'space' ? 'SpaceDecl' : 'TokenizerDecl';
  const symbol = lookupKind(expr.name, scope.module, [kind], expr.nominal, scope.report);
  return symbol && { kind: expr.nominal, nominal: nominalOf(symbol), versions };
}

/** `meant` is how it is said, where that is known. */
function unknownFact(name: string, meant: string | undefined, candidates: readonly string[], scope: TypeScope, location: Location): undefined {
  if (name === '') return undefined;
  const near = meant ?? nearest(name, candidates);
  scope.report(
    partCodes.report('unknown-fact', { name }, location, {
      ...mistyped(near, location, 'unknown'),
      notes: near.length > 0 ? [] : ['Facts are range, norm, sum, mean, std, mask, prefix_mask, integer, finite, one_hot, nonzero, space and tokenizer.'],
    }),
  );
  return undefined;
}
