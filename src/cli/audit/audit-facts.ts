/**
 * What a file's record says of the values of its outputs, and of the tensors at its inner joints, derived anew through the graph that is there: by inference over ONNX's own
 * operators, which knows nothing of the source, of signatures or of what the compiler inferred. What the contracts
 * say of the inputs is given, for whoever runs the model tests it. Words at joints are not: what the compiler calls proved rests on none.
 */
import type { Evidence, ManifestEnds, ManifestFact, ManifestSize, ManifestTensor } from '../../bundle/manifest.ts';
import type { FileRecord } from '../../bundle/read.ts';
import type { PlacedTensor } from '../../bundle/places.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import { tensorFacts, type FactsOf, type ValueFacts } from '../../ir/infer/facts.ts';
import { inferModel } from '../../ir/infer/index.ts';
import type { ReadTensor } from '../../ir/infer/constants.ts';
import { isMask, nothingKnown, oneHotAxis, rowAt, type Line } from '../../ops/foreign/facts/value-facts.ts';
import type { OnnxFile } from '../../onnx/index.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { isDType } from '../../types/dtype.ts';
import { mostTerms, roundingOf, unitOf } from '../../types/rounding.ts';
import { showBound } from '../../types/show.ts';
import { auditSize } from './audit-sizes.ts';
import { derivation } from '../inspect/inspect-facts.ts';

export interface AuditedFact {
  /** The tensor's name in the file. */
  readonly tensor: string;
  /** `sum(-1) == 1` */
  readonly what: string;
  readonly evidence: Evidence;
  /**
   * derived: it follows through the graph. contradicted: its contrary does. nominal: a name for what no number shows, such as a space.
   * open: neither follows.
   */
  readonly verdict: 'derived' | 'contradicted' | 'open' | 'nominal';
  /** The operators and reasons it follows by, from the tensor backwards; what is known instead where it is contradicted. */
  readonly because: string;
}

/** A tensor in which joints of the composition lie. */
export interface AuditedPlace {
  readonly tensor: string;
  /** Indices in the record's list. */
  readonly joints: readonly number[];
  /** `f32[batch, 512]`, as the record has it, and as it is inferred. */
  readonly type: string;
  readonly found: string;
  /** Whether the type follows through the graph, its contrary does, or neither. */
  readonly shape: 'derived' | 'contradicted' | 'open';
  /** Those that are not said of an input or an output, too. */
  readonly facts: readonly AuditedFact[];
}

export interface FactAudit {
  readonly facts: readonly AuditedFact[];
  readonly places: readonly AuditedPlace[];
  /** What is known of tensors that the file gives: a head of a split model goes on from there. */
  readonly known: ReadonlyMap<string, ValueFacts>;
}

export interface AuditedRecord extends Pick<FileRecord, 'inputs' | 'outputs' | 'states' | 'sizes' | 'guards'> {
  /** Tensors of joints. */
  readonly placed: readonly PlacedTensor[];
}

/** `given` is what is known of inputs that are no part of the interface. */
export function auditFacts(file: OnnxFile, { inputs, outputs, states = [], sizes = [], guards = [], placed }: AuditedRecord, given: ReadonlyMap<string, ValueFacts>, read: ReadTensor): FactAudit {
  const promised = new Map(given);
  for (const tensor of [...inputs.flatMap(tensorsOf), ...states.map((state) => state.tensor)]) promised.set(tensor.onnx, givenBy(tensor));
  const inferred = inferModel(file, { ignoreDeclared: true });
  const factsOf = tensorFacts(file, inferred, { given: promised, read });
  const said = [...outputs.flatMap(tensorsOf), ...states.map(({ tensor, next }) => ({ ...tensor, onnx: next }))];
  const there = said.filter(({ onnx }) => file.graph.outputs.includes(onnx));
  const tested = new Set(guards.filter(({ action }) => action === 'reject' || action === 'report').map(({ what }) => what));
  const facts = there.flatMap((tensor) => tensor.facts.map((fact) => auditFact(fact, tensor, factsOf, tested.has(showFact(fact)))));
  const contracts = inputs.flatMap(tensorsOf).flatMap((tensor) => tensor.facts.map((fact) => ({ tensor: tensor.onnx, what: showFact(fact) })));
  const told = new Set([...facts, ...contracts].map(({ tensor, what }) => `${tensor} ${what}`));
  return {
    facts,
    places: placed.map((tensor) => auditPlace(tensor, inferred.tensors.get(tensor.onnx), factsOf, sizes, told)),
    known: new Map(file.graph.outputs.map((name) => [name, factsOf(name).facts])),
  };
}

function auditPlace({ joints, sizes = [], ...tensor }: PlacedTensor, found: TensorInfo | undefined, factsOf: FactsOf, tested: readonly ManifestSize[], told: ReadonlySet<string>): AuditedPlace {
  const values = tensor.facts.map((fact) => auditFact(fact, tensor, factsOf, true)).filter(({ what }) => !told.has(`${tensor.onnx} ${what}`));
  const facts = [...values, ...sizes.map((size) => auditSize(size, tensor.onnx, tested))];
  const type = showTensor(tensor.dtype, tensor.dims.map(({ size }) => size));
  return { tensor: tensor.onnx, joints, type, found: showInfo(found), shape: judgeShape(tensor, found), facts };
}

/** Names of sizes may have given way to others; numbers may not. */
function judgeShape({ dtype, dims }: ManifestTensor, found: TensorInfo | undefined): AuditedPlace['shape'] {
  if (found === undefined) return 'contradicted';
  const sizes = found.dims?.map((dim) => constantOf(dim) ?? showDim(dim));
  const isOther = sizes !== undefined && (sizes.length !== dims.length || dims.some(({ size }, axis) => typeof size === 'number' && typeof sizes[axis] === 'number' && size !== sizes[axis]));
  if (isOther || (found.dtype !== undefined && found.dtype !== dtype)) return 'contradicted';
  const follows = found.dtype !== undefined && sizes !== undefined && dims.every(({ size }, axis) => typeof size === 'string' || sizes[axis] === size);
  return follows ? 'derived' : 'open';
}

const showTensor = (dtype: string | undefined, sizes: readonly (number | string)[] | undefined): string =>
  `${dtype ?? 'a tensor'}${sizes === undefined ? ' of unknown rank' : `[${sizes.join(', ')}]`}`;

/** `f32[batch, 512]` */
export const showInfo = (found: TensorInfo | undefined): string => (found === undefined ? 'not there' : showTensor(found.dtype, found.dims?.map(showDim)));

type Tensors = { readonly tensor?: ManifestTensor; readonly fields?: Readonly<Record<string, ManifestTensor>> };
export const tensorsOf = ({ tensor, fields = {} }: Tensors): readonly ManifestTensor[] => [...(tensor === undefined ? [] : [tensor]), ...Object.values(fields)];

/** `isTested`: each run that breaks the demand is ended, or told of, so a file in which every run does is what its record says; of what nothing rests on there is no test. */
function auditFact(fact: ManifestTensor['facts'][number], tensor: ManifestTensor, factsOf: FactsOf, isTested: boolean): AuditedFact {
  const found = factsOf(tensor.onnx).facts;
  const rounding = isDType(tensor.dtype) ? roundingOf(tensor.dtype) : 0;
  const judged = judge(fact, found, { rank: tensor.dims.length, rounding, ofTerms: roundingOfTerms(tensor) });
  const isProved = fact.evidence === 'proved' || fact.evidence === 'measured';
  const verdict = judged === 'contradicted' && isTested && !isProved ? 'open' : judged;
  const because = verdict === 'derived' ? showSteps(derivation(tensor.onnx, factsOf)) : verdict === 'contradicted' ? showFound(fact, found) : '';
  return { tensor: tensor.onnx, what: showFact(fact), evidence: fact.evidence, verdict, because };
}

const showSteps = (steps: ReturnType<typeof derivation>): string =>
  steps.slice(0, shownSteps).map(({ operator, rule }) => (operator === null ? rule : `${operator}: ${rule}`)).join('; ');

const shownSteps = 4;

// ---------------------------------------------------------------- what is said, as what is known

const endsOf = ({ low, high }: ManifestEnds): { readonly low: number; readonly high: number } => ({ low: low === '-inf' ? -Infinity : low, high: high === 'inf' ? Infinity : high });
const fromEnd = (axis: number, rank: number): number => (axis < 0 ? axis : axis - rank);

/** The contract of an input, weakened where a row of zeros is exempt. */
function givenBy(tensor: ManifestTensor): ValueFacts {
  const { facts, dims, dtype } = tensor;
  const ofTerms = roundingOfTerms(tensor);
  const rounding = isDType(dtype) ? roundingOf(dtype) : 0;
  const isNonzero = facts.some(({ kind }) => kind === 'nonzero');
  return facts.reduce<ValueFacts>((known, fact) => {
    switch (fact.kind) {
      case 'range': {
        const { low, high } = endsOf(fact);
        const rows = fact.rows && { axis: fromEnd(fact.rows.axis, dims.length), low: Float64Array.from(fact.rows.ends, (row) => endsOf(row).low), high: Float64Array.from(fact.rows.ends, (row) => endsOf(row).high) };
        return { ...known, range: { low: Math.max(known.range.low, low), high: Math.min(known.range.high, high) }, ...(rows && { rows }) };
      }
      case 'norm':
      case 'sum': {
        const off = fact.tolerance + rounding + ofTerms(fact);
        const low = fact.kind === 'norm' && !isNonzero ? 0 : fact.value - off;
        return { ...known, lines: [...known.lines, { kind: fact.kind, axis: fromEnd(fact.axis, dims.length), low, high: fact.value + off }] };
      }
      case 'integer':
      case 'finite':
        return { ...known, [fact.kind]: true };
      case 'mask':
      case 'prefix_mask':
      case 'one_hot': {
        const line: Line = { kind: 'sum', axis: -1, low: 1, high: 1 };
        return { ...known, range: { low: 0, high: 1 }, integer: true, finite: true, lines: fact.kind === 'one_hot' ? [...known.lines, line] : known.lines, ...(fact.kind === 'prefix_mask' ? { prefix: -1 } : {}) };
      }
      default:
        return known;
    }
  }, nothingKnown);
}

// ---------------------------------------------------------------- what is said, against what is known

interface Measure {
  readonly rank: number;
  /** What a sum or a norm of the dtype may be off by, and the ends of a range by their share. */
  readonly rounding: number;
  readonly ofTerms: (fact: Reduced) => number;
}

interface Reduced {
  readonly axis: number;
  readonly value: number;
}

/** What the terms of a sum, or of a norm, add to that: one rounding each. */
const roundingOfTerms =
  ({ dims, dtype }: ManifestTensor) =>
  ({ axis, value }: Reduced): number => {
    const size = dims.at(axis)?.size;
    return (typeof size === 'number' ? size : mostTerms) * unitOf(isDType(dtype) ? dtype : undefined) * Math.abs(value);
  };

function judge(fact: ManifestFact, found: ValueFacts, { rank, rounding, ofTerms }: Measure): AuditedFact['verdict'] {
  const against = (known: { readonly low: number; readonly high: number }, low: number, high: number): AuditedFact['verdict'] =>
    known.low >= low && known.high <= high ? 'derived' : known.low > high || known.high < low ? 'contradicted' : 'open';
  const slack = (end: number): number => (Number.isFinite(end) ? rounding * Math.max(1, Math.abs(end)) : 0);
  const inEnds = (known: { readonly low: number; readonly high: number }, ends: ManifestEnds): AuditedFact['verdict'] => {
    const { low, high } = endsOf(ends);
    return against(known, low - slack(low), high + slack(high));
  };
  switch (fact.kind) {
    case 'range': {
      if (fact.rows === undefined) return inEnds(found.range, fact);
      const axis = fromEnd(fact.rows.axis, rank);
      return worst(fact.rows.ends.map((ends, index) => inEnds(rowAt(found, axis, index), ends)));
    }
    case 'norm':
    case 'sum': {
      const off = fact.tolerance + rounding * Math.max(1, Math.abs(fact.value)) + ofTerms(fact);
      const lines = found.lines.filter(({ kind, axis }) => kind === fact.kind && axis === fromEnd(fact.axis, rank));
      const verdicts = lines.map((line) => against(line, fact.value - off, fact.value + off));
      return verdicts.find((verdict) => verdict !== 'open') ?? 'open';
    }
    case 'integer':
    case 'finite':
      return found[fact.kind] === true ? 'derived' : 'open';
    case 'mask':
      return isMask(found) ? 'derived' : against(found.range, 0, 1) === 'contradicted' ? 'contradicted' : 'open';
    case 'prefix_mask':
      return isMask(found) && found.prefix === -1 ? 'derived' : against(found.range, 0, 1) === 'contradicted' ? 'contradicted' : 'open';
    case 'one_hot':
      return oneHotAxis(found) === -1 ? 'derived' : 'open';
    case 'nonzero':
      return found.range.low > 0 || found.range.high < 0 || found.lines.some(({ axis, low, exempt }) => axis === -1 && low > 0 && exempt === undefined) ? 'derived' : 'open';
    default:
      return 'nominal';
  }
}

function worst(verdicts: readonly AuditedFact['verdict'][]): AuditedFact['verdict'] {
  if (verdicts.includes('contradicted')) return 'contradicted';
  return verdicts.includes('open') ? 'open' : 'derived';
}

// ---------------------------------------------------------------- in words

/** As a source says it. */
function showFact(fact: ManifestFact): string {
  switch (fact.kind) {
    case 'range':
      return fact.rows === undefined ? `range [${fact.low}, ${fact.high}]` : `range of each index of axis ${fact.rows.axis}`;
    case 'norm':
    case 'sum':
      return `${fact.kind}(${fact.axis}) == ${fact.value}${fact.tolerance > 0 ? ` +- ${fact.tolerance}` : ''}`;
    case 'space':
    case 'tokenizer':
      return `${fact.kind} ${fact.id.replace(/^.*#/, '')}@${fact.version}`;
    case 'attribute':
      return `${fact.id.replace(/^.*#/, '')} == ${fact.value}`;
    default:
      return fact.kind;
  }
}

function showFound(fact: ManifestFact, { range, lines }: ValueFacts): string {
  const line = lines.find(({ kind }) => kind === fact.kind);
  const { low, high } = line ?? range;
  return `${line === undefined ? 'range' : `${line.kind}(${line.axis})`} [${showBound(low)}, ${showBound(high)}]`;
}
