/**
 * What is declared of the values of a file's outputs and taps, against what follows from its graph: proved, refuted, or
 * somebody's word as before. What follows and is not declared is known of them, too.
 */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../../ir/graph.ts';
import type { ReadTensor } from '../../ir/infer/constants.ts';
import { inferredModel, type InferredGraph } from '../../ir/infer/index.ts';
import { rememberedFacts } from '../../ir/infer/remembered.ts';
import type { FactsOf, FoundFacts, Questions, ValueFacts } from '../../ir/infer/facts.ts';
import { inRange, isMask, longest, nothingKnown, oneHotAxis, prefixAxis } from '../../ops/foreign/facts/value-facts.ts';
import { relativePath } from '../../text/paths.ts';
import { constantOf } from '../../types/dim.ts';
import type { Ends, Evidence, Fact, ReductionStatement, Statement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { lastDigitsOf, roundingOf, slackOf, termsRounding } from '../../types/rounding.ts';
import { widened } from '../../types/wide-range.ts';
import { showBound, showStatement } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { FilePort } from './file-types.ts';
import { idsOf } from './tokenizer-source.ts';
import type { Stand } from './replaced-facts.ts';
import { leaveOutHere, sayHere, standsIn } from '../leave-out.ts';
import { describePoint, pointsOf, typeAt } from '../joints/witness.ts';

export interface ComparedFacts {
  readonly contradictions: ReadonlyMap<FilePort, Diagnostic>;
  /** Of outputs and taps: what was declared, with how it is known, and what else follows. */
  readonly facts: ReadonlyMap<FilePort, readonly Fact[]>;
}

/** Values of ours that stand for tensors of the file, which are inputs of the model then. */
export interface StandingIn {
  readonly inferred: InferredGraph;
  readonly stands: readonly Stand[];
}

export function compareFacts(ports: readonly FilePort[], model: ForeignModel, checker: Checker, read: ReadTensor, standing?: StandingIn): ComparedFacts {
  const contradictions = new Map<FilePort, Diagnostic>();
  const facts = new Map<FilePort, readonly Fact[]>();
  const stands = standing?.stands ?? [];
  const given = new Map([...ports.filter(({ direction }) => direction === 'input'), ...stands].map(({ onnx, type }) => [onnx, inVocabulary(type, checker)]));
  const { factsOf, alone, supposing } = rememberedFacts(model, standing?.inferred ?? inferredModel(model), { given, read, assured: assuredFacts(stands) });
  const inputs = new Map(ports.filter(({ direction }) => direction === 'input').map((port) => [port.name, port]));
  for (const port of ports) {
    if (port.direction === 'input') continue;
    const found = factsOf(port.onnx);
    const known: TensorType = { ...port.type, facts: knownFacts(port, relativePath(model.uri, port.location.uri), factsOf, alone) };
    const refuted = port.type.facts.map((fact) => refutedBy(fact, found.facts, port.type)).find((one) => one !== undefined) ?? witnessAgainst(port, known, inputs, (said) => supposing(new Map([...(said ?? []), ...stands.map(({ onnx, type }) => [onnx, valueFacts(type)] as const)])));
    if (refuted !== undefined) contradictions.set(port, reportFact(refuted, found, port, checker.host.display(model.uri), factsOf, checker));
    const declared = port.type.facts.map((fact) => withEvidence(fact, known));
    const more = known.facts.filter((fact) => isNews(fact, { ...port.type, facts: declared }));
    facts.set(port, [...declared, ...more]);
  }
  return { contradictions, facts };
}

/** What is proved of values of ours, whoever gives the inputs. */
export const assuredFacts = (stands: readonly Stand[]): ReadonlyMap<string, ValueFacts> =>
  new Map(stands.map(({ onnx, type }) => [onnx, valueFacts({ ...type, facts: type.facts.filter(({ evidence }) => evidence === 'proved' || evidence === 'enforced') })]));

interface Refuted {
  readonly fact: Fact;
  readonly why: string;
  /** Of which some values refute it; undefined where all do. */
  readonly inputs?: readonly string[];
}

/** A fact that is false where the inputs are some simple ones, and why. */
function witnessAgainst(port: FilePort, known: TensorType, inputs: ReadonlyMap<string, FilePort>, supposing: Questions['supposing']): Refuted | undefined {
  // What `on violation` tests at each run may be false.
  const open = port.type.facts.filter((fact) => ofValues.has(fact.kind) && fact.violation === undefined && withEvidence(fact, known).evidence === 'declared');
  if (open.length === 0) return undefined;
  for (const point of pointsOf(new Map([...inputs].map(([name, { type }]) => [name, type])), open[0]!.kind, true)) {
    const given = new Map([...inputs].map(([name, { onnx, type }]) => [onnx, valueFacts(point.has(name) ? typeAt(type, point.get(name)!) : type)]));
    const { facts } = supposing(given)(port.onnx);
    for (const fact of open) {
      const why = refutation(fact, facts, port.type);
      if (why !== undefined) return { fact, why: `${describePoint(point)}, ${why}`, inputs: [...point.keys()] };
    }
  }
  return undefined;
}

// ---------------------------------------------------------------- from the file's facts to the language's

/** Ranges of more indices than these say nothing that anybody declares. */
const mostRows = 16;

/**
 * What is known of a tensor of the file, in the language's words: `factsOf` takes the word of who declares the inputs, `alone`
 * nobody's, and what follows without that word is proved. `file` is what the file is called in a reason: of what is recorded, its
 * path from the module, which is the same wherever one builds.
 */
export function knownFacts(port: Pick<FilePort, 'type' | 'onnx'>, file: string, factsOf: FactsOf, alone: FactsOf): readonly Fact[] {
  const found = factsOf(port.onnx);
  if (!found.isGiven) return factStatements(found, port, file);
  const proved = factStatements({ ...alone(port.onnx), isGiven: false }, port, file);
  return [...proved, ...factStatements(found, port, file).filter((fact) => implying({ ...port.type, facts: proved }, fact) === undefined)];
}

function factStatements(found: FoundFacts, { type, onnx }: Pick<FilePort, 'type' | 'onnx'>, file: string): readonly Fact[] {
  const evidence: Evidence = found.isGiven ? 'declared' : 'proved';
  const because = `${found.node === undefined ? `"${onnx}"` : `${found.node.op} ${found.node.name ? `"${found.node.name}"` : `of "${onnx}"`}`} in ${file}: ${found.rule}`;
  return statementsOf(found.facts, type).map((statement) => ({ ...statement, evidence, because }));
}

/** In the language's words, as far as it has them. */
export function statementsOf(facts: ValueFacts, type: TensorType): readonly Statement[] {
  const { range, rows, lines } = facts;
  const statements: Statement[] = [];
  const isBounded = range.low > -Infinity || range.high < Infinity;
  if (isBounded && rows !== undefined && rows.low.length <= mostRows) {
    const ends = Array.from(rows.low, (low, i): Ends => ({ low, high: rows.high[i]! }));
    statements.push({ kind: 'range', ...range, rows: { axis: rows.axis, ends } });
  } else if (isBounded) statements.push({ kind: 'range', ...range });
  for (const { kind, axis, low, high } of lines) {
    const value = Number(((low + high) / 2).toPrecision(7));
    const tolerance = Math.max(0, Number((Math.max(high - value, value - low) - termsRounding({ axis, value }, type)).toPrecision(7)));
    // What is within the rounding of the dtype is that number, as it is meant where it is declared; a few operations more stay near to it.
    if (tolerance < 0.1) statements.push({ kind, axis, value, tolerance: tolerance <= 1.1 * roundingOf(type.dtype) ? 0 : tolerance });
  }
  if (isMask(facts)) statements.push({ kind: 'mask' });
  if (prefixAxis(facts) === -1) statements.push({ kind: 'prefix_mask' });
  if (isMask(facts) && lines.some((line) => line.kind === 'sum' && line.axis === -1 && line.low >= 1)) statements.push({ kind: 'nonzero' });
  if (facts.integer) statements.push({ kind: 'integer' });
  if (facts.finite) statements.push({ kind: 'finite' });
  if (oneHotAxis(facts) === -1) statements.push({ kind: 'one_hot' });
  return statements;
}

/** What is declared of an input, as it is known in the file. */
export function valueFacts(type: TensorType): ValueFacts {
  const flag = (kind: Fact['kind']): boolean => implying(type, { kind } as Statement) !== undefined;
  // What is one hot or a mask need not say its range; behind a guard there may be several.
  const ranges = type.facts.flatMap((fact) => (fact.kind === 'range' ? [fact] : []));
  const ends: readonly Ends[] = [...ranges, ...(flag('mask') ? [{ low: 0, high: 1 }] : [nothingKnown.range])];
  const bounds = { low: Math.max(...ends.map(({ low }) => low)), high: Math.min(...ends.map(({ high }) => high)) };
  const rows = ranges.find((range) => range.rows !== undefined)?.rows;
  const last = type.shape.axes.at(-1)?.size;
  const lines = type.facts.flatMap((fact) => (fact.kind === 'sum' || fact.kind === 'norm' ? [lineOf(fact, type)] : []));
  const norm = lines.find(({ kind }) => kind === 'norm');
  // A mask of which no row is all zeros has a 1 in each.
  const counted: ValueFacts['lines'] = flag('mask') && flag('nonzero') ? [{ kind: 'sum', axis: -1, low: 1, high: (last && constantOf(last)) ?? Infinity }] : [];
  return {
    // Ranges that exclude each other are no value's.
    ...inRange(bounds.low <= bounds.high ? bounds : nothingKnown.range),
    ...(rows && { rows: { axis: rows.axis, low: Float64Array.from(rows.ends, (end) => end.low), high: Float64Array.from(rows.ends, (end) => end.high) } }),
    lines: [...counted, ...lines],
    ...(norm && { ball: { axis: norm.axis, radius: norm.high, centre: 0, scale: 1, slack: 0 } }),
    ...(flag('prefix_mask') ? { prefix: -1 } : {}),
    ...(flag('integer') ? { integer: true } : {}),
    ...(flag('finite') ? { finite: true } : {}),
  };
}

/** The same; ids of a tokenizer whose file is known lie within its vocabulary, as the runtime tests. */
function inVocabulary(type: TensorType, checker: Checker): ValueFacts {
  const facts = valueFacts(type);
  const ids = idsOf(type, checker);
  return ids === undefined ? facts : { ...facts, range: { low: Math.max(0, facts.range.low), high: Math.min(ids.file.vocabulary - 1, facts.range.high) } };
}

const lineOf = (said: ReductionStatement, type: TensorType): ValueFacts['lines'][number] => {
  const { kind, axis, value } = said;
  const error = slackOf(said, type);
  return { kind: kind === 'sum' ? 'sum' : 'norm', axis, low: value - error, high: value + error };
};

// ---------------------------------------------------------------- judging

function withLastDigits(demanded: Statement, { dtype }: TensorType): Statement {
  const digits = lastDigitsOf(dtype);
  const wider = ({ low, high }: Ends): Ends => ({ low: low - Math.abs(low) * digits, high: high + Math.abs(high) * digits });
  if (demanded.kind !== 'range') return demanded;
  return { ...demanded, ...wider(demanded), ...(demanded.rows && { rows: { ...demanded.rows, ends: demanded.rows.ends.map(wider) } }) };
}

function withEvidence(fact: Fact, known: TensorType): Fact {
  if (!ofValues.has(fact.kind)) return fact;
  const implied = implying(known, withLastDigits(fact, known));
  if (implied === undefined) return fact;
  const wide = fact.kind === 'range' && implied.kind === 'range' ? widened(fact, implied) : undefined;
  return { ...fact, ...(wide && { wide }), evidence: implied.evidence, ...(implied.because === undefined ? {} : { because: implied.because }) };
}

/** Whether a fact says more than what is declared, but for the last digits. */
function isNews(fact: Fact, declared: TensorType): boolean {
  if (fact.kind === 'sum' || fact.kind === 'norm') return !declared.facts.some((other) => other.kind === fact.kind && other.axis === fact.axis);
  // A declared norm bounds single elements up to its tolerance.
  const slack = Math.max(0, ...declared.facts.map((other) => (other.kind === 'norm' ? slackOf(other, declared) : 0)));
  const wider = fact.kind === 'range' ? { ...fact, low: fact.low - slack, high: fact.high + slack } : fact;
  return implying(declared, wider) === undefined;
}

/** The facts that are true or false of a tensor's elements. */
export const ofValues: ReadonlySet<Fact['kind']> = new Set(['range', 'norm', 'sum', 'mask', 'prefix_mask', 'integer', 'finite', 'one_hot', 'nonzero']);

const show = ({ low, high }: Ends): string => `[${showBound(low)}, ${showBound(high)}]`;
const areIn = (ends: Ends): string => (ends.low === ends.high ? `are ${showBound(ends.low)}` : `lie in ${show(ends)}`);

/** Why what is declared cannot be, whatever the file is given; undefined where it may be. */
function refutation(declared: Fact, facts: ValueFacts, type: TensorType): string | undefined {
  const { range } = facts;
  const sizeOf = (axis: number): number | undefined => {
    const dim = type.shape.axes.at(axis)?.size;
    return dim && constantOf(dim);
  };
  switch (declared.kind) {
    case 'range': {
      const { low, high } = withLastDigits(declared, type) as Ends & Statement;
      if (range.high < low || range.low > high) return `its elements ${areIn(range)}`;
      return facts.lines.map((line) => {
        const n = sizeOf(line.axis);
        if (n === undefined) return undefined;
        const most = Math.max(Math.abs(low), Math.abs(high)) * Math.sqrt(n);
        const isOut = line.kind === 'sum' ? low * n > line.high || high * n < line.low : most < line.low;
        return isOut ? `the ${n} elements along axis ${line.axis} have the ${line.kind} ${showBound((line.low + line.high) / 2)}, which ${n} numbers of that range cannot have` : undefined;
      }).find((why) => why !== undefined);
    }
    case 'sum':
    case 'norm': {
      const error = slackOf(declared, type);
      const [low, high] = [declared.value - error, declared.value + error];
      const line = facts.lines.find(({ kind, axis }) => kind === declared.kind && axis === declared.axis);
      if (line !== undefined && (line.high < low || line.low > high)) return `the ${line.kind} along that axis is ${showBound((line.low + line.high) / 2)}`;
      return outOfReach(declared, facts, low, high, sizeOf(declared.axis));
    }
    case 'mask':
    case 'prefix_mask':
      return range.low > 1 || range.high < 0 || (range.low > 0 && range.high < 1) ? `its elements ${areIn(range)}` : undefined;
    default:
      return undefined;
  }
}

/** Sums and norms that elements within these bounds, or vectors of this ball, cannot have. */
function outOfReach({ kind, axis }: ReductionStatement, { range, ball }: ValueFacts, low: number, high: number, n: number | undefined): string | undefined {
  const most = ball?.axis === axis ? longest(ball) : Infinity;
  if (kind === 'norm' && most < low) return `no vector along that axis is longer than ${showBound(most)}`;
  if (n === undefined) return undefined;
  if (kind === 'sum' && (n * range.low > high || n * range.high < low)) return `the ${n} elements along that axis lie in ${show(range)}, so their sum lies in ${show({ low: n * range.low, high: n * range.high })}`;
  const [nearest, furthest] = [range.low <= 0 && range.high >= 0 ? 0 : Math.min(Math.abs(range.low), Math.abs(range.high)), Math.max(Math.abs(range.low), Math.abs(range.high))];
  const lengths = { low: nearest * Math.sqrt(n), high: furthest * Math.sqrt(n) };
  return kind === 'norm' && (lengths.low > high || lengths.high < low) ? `the ${n} elements along that axis lie in ${show(range)}, so their norm lies in ${show(lengths)}` : undefined;
}

const refutedBy = (fact: Fact, facts: ValueFacts, type: TensorType): Refuted | undefined => {
  const why = refutation(fact, facts, type);
  return why === undefined ? undefined : { fact, why };
};

function reportFact({ fact, why, inputs }: Refuted, found: FoundFacts, port: FilePort, file: string, factsOf: FactsOf, checker: Checker): Diagnostic {
  const steps = [port.onnx, ...found.uses].flatMap((name) => {
    const { node, rule } = factsOf(name);
    return node === undefined ? [] : [`"${name}" is made by ${node.op}${node.name ? ` "${node.name}"` : ''}: ${rule}.`];
  });
  // A contract that says it may stand in another module, and have other readers.
  const isOwn = standsIn(fact, port.written);
  return foreignCodes.report('file-fact', { port: port.name, fact: showStatement(fact), file, why }, isOwn ? fact.location! : (port.written ?? port.location), {
    label: `"${port.onnx}" of the file`,
    related: isOwn || fact.location === undefined ? [] : [{ location: fact.location, text: 'said here' }],
    notes: [...(inputs === undefined ? [] : [`Where ${inputs.map((name) => `\`${name}\``).join(' and ')} cannot be so, narrow the range of the input; \`on violation reject\` behind the fact has it tested at each run.`]), ...steps.slice(0, 3), `\`mdl inspect ${file} --json\` says all that is known of it.`],
    fixes: fact.location === undefined ? [] : factFixes(fact, found.facts.range, port, checker),
  });
}

/** The range that the file has, where it has one of its own; or nothing said. Others may read the contract that says it. */
function factFixes(fact: Fact, { low, high }: Ends, { type, written }: FilePort, checker: Checker): Fix[] {
  const isKnown = fact.kind === 'range' && fact.rows === undefined && [low, high].every((end) => Number.isFinite(end) && Number(end.toPrecision(4)) === end);
  const title = `write \`range [${showBound(low)}, ${showBound(high)}]\`, as the file has it`;
  return [...(isKnown ? sayHere(fact, { kind: 'range', low, high }, type, written, title) : []), ...leaveOutHere(fact, type, written, checker)];
}
