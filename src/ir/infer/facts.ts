/**
 * What is known of a tensor's values, asked backwards from it: through the nodes that make it as far as their rules ask,
 * which is to the last operator that bounds its result whatever comes in. Nodes of subgraphs and functions bound nothing.
 */
import type { FactCall, Numbers } from '../../ops/foreign/facts/fact-rule.ts';
import { isLinear, mostLayers } from '../../ops/foreign/facts/linear.ts';
import { isTotal } from '../../ops/foreign/facts/propagation.ts';
import { factRuleOf, isElementwise, rangeRuleOf, reasonOf } from '../../ops/foreign/facts/table.ts';
import { inRange, makeRows, nothingKnown, rowAt, tightened, type Rows, type ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import { nothing } from '../../ops/foreign/known.ts';
import { between, type Interval } from '../../ops/foreign/ranges/interval.ts';
import type { RangeRule } from '../../ops/foreign/ranges/rules.ts';
import { constantOf } from '../../types/dim.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import type { ForeignModel, Node } from '../graph.ts';
import { constantNumbers, type NumbersOf, type ReadTensor } from './constants.ts';
import type { InferredTensor } from './index.ts';
import { recognise, type GraphView } from './patterns/index.ts';

export type { Interval } from '../../ops/foreign/ranges/interval.ts';
export type { ValueFacts } from '../../ops/foreign/facts/value-facts.ts';

/** What is known of a tensor's values, and how. */
export interface FoundFacts {
  readonly facts: ValueFacts;
  /** Why, for people: `divided by its own length`. */
  readonly rule: string;
  /** What makes it; undefined for inputs and constants. */
  readonly node?: Node;
  /** The tensors whose facts these rest on; none where they hold whatever comes in. */
  readonly uses: readonly string[];
  /** Whether they rest on what was said of an input. */
  readonly isGiven: boolean;
}
export type FactsOf = (tensor: string) => FoundFacts;

export interface FactOptions {
  /** What is known of inputs, as the caller vouches for it. */
  readonly given?: ReadonlyMap<string, ValueFacts>;
  /** How constants are read that do not lie in the skeleton; without it those bound nothing. */
  readonly read?: ReadTensor;
}

/** Nodes in a row before the question is given up. */
const deepest = 400;

/** How many indices of an axis are told apart. */
const mostRows = 4096;

/** The constants of patterns are numbers, lists of axes, and what exporters repeat of a number: matrices are weights. */
const mostInPattern = 4096;

const aConstant = 'a constant';

interface Entry extends FoundFacts {
  /** Linear maps since the last operator that bounds its result whatever comes in. */
  readonly layers: number;
}

export function tensorFacts(model: ForeignModel, inferred: ReadonlyMap<string, InferredTensor>, { given, read }: FactOptions = {}): FactsOf {
  return analyse(open(model, inferred, read), given);
}

/** The same with the word of who vouches for the inputs, and `alone` with nobody's; constants are read once for both. */
export function givenAndAlone(model: ForeignModel, inferred: ReadonlyMap<string, InferredTensor>, { given, read }: FactOptions): { readonly factsOf: FactsOf; readonly alone: FactsOf } {
  const opened = open(model, inferred, read);
  return { factsOf: analyse(opened, given), alone: analyse(opened, undefined) };
}

interface Opened {
  readonly model: ForeignModel;
  readonly inferred: ReadonlyMap<string, InferredTensor>;
  readonly makers: ReadonlyMap<string, { readonly node: Node; readonly output: number }>;
  readonly numbers: NumbersOf;
}

function open(model: ForeignModel, inferred: ReadonlyMap<string, InferredTensor>, read: ReadTensor = () => undefined): Opened {
  const makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name, output) => [name, { node, output }] as const)));
  return { model, inferred, makers, numbers: constantNumbers(model.graph, inferred, (name) => makers.get(name)?.node, read) };
}

function analyse({ model, inferred, makers, numbers }: Opened, said: FactOptions['given']): FactsOf {
  const { graph } = model;
  const known = new Map<string, Entry>();
  for (const [name, facts] of said ?? []) known.set(name, { ...leaf(withDType(facts, inferred.get(name)?.dtype), 'said of the input'), isGiven: true });
  let depth = 0;

  /** Stored in the file, or followed by inference; weights that are turned or dequantised first are read by linear maps alone. */
  const isConstant = (name: string): boolean =>
    graph.initializers.has(name) || makers.get(name)?.node.op === 'Constant' || inferred.get(name)?.values?.every((v) => v !== undefined) === true;

  const ask = (name: string): Entry => {
    const found = known.get(name);
    if (found !== undefined) return found;
    depth++;
    const entry = make(name);
    depth--;
    const tight = { ...entry, facts: withDType(entry.facts, inferred.get(name)?.dtype) };
    known.set(name, tight);
    return tight;
  };

  const make = (name: string): Entry => {
    const maker = makers.get(name);
    const constant = isConstant(name) ? numbers(name) : undefined;
    if (constant !== undefined) return leaf(factsOfConstant(constant), aConstant);
    if (maker === undefined || depth > deepest) return leaf(nothingKnown, graph.inputs.includes(name) ? 'an input' : 'not known');
    return fromNode(maker.node, maker.output);
  };

  const isSmall = (name: string): boolean => {
    const sizes = inferred.get(name)?.dims?.map(constantOf);
    return sizes?.every((n) => n !== undefined) === true && sizes.reduce((all, n) => all * n, 1) <= mostInPattern;
  };

  const view: GraphView = {
    maker: (tensor) => makers.get(tensor)?.node,
    numbers: (tensor) => (isConstant(tensor) && isSmall(tensor) ? numbers(tensor) : undefined),
    dims: (tensor) => inferred.get(tensor)?.dims,
    dtype: (tensor) => inferred.get(tensor)?.dtype,
    factsOf: (tensor) => ask(tensor).facts,
  };

  const fromNode = (node: Node, outputIndex: number): Entry => {
    const pattern = recognise(node, view);
    if (pattern !== undefined) return entryOf(node, { ...nothingKnown, ...pattern.facts }, pattern.rule, pattern.uses);
    // Of several outputs only the first one's values are known; the parts of a split are alike.
    if (outputIndex > 0 && node.op !== 'Split') return entryOf(node, nothingKnown, 'not known', []);
    const uses = new Set<string>();
    const given = callOf(node, outputIndex, uses);
    const byRange = rangeFacts(node, given);
    const byRule = { ...nothingKnown, ...factRuleOf(node)?.(given) };
    const facts = { ...byRange, ...byRule, range: narrower(byRange.range, byRule.range), ...joinRows(byRange.rows, byRule.rows) };
    const isFinite = facts.finite ?? (isBounded(tightened(facts, given.output.dtype)) && isTotal(callOf(node, outputIndex, new Set())));
    return entryOf(node, isFinite ? { ...facts, finite: true } : facts, reasonOf(node), [...uses]);
  };

  const entryOf = (node: Node, facts: ValueFacts, rule: string, all: readonly string[]): Entry => {
    const uses = all.filter((name) => ask(name).rule !== aConstant);
    const from = uses.map(ask);
    const layers = Math.max(0, ...from.map((f) => f.layers)) + (isLinear(node) ? 1 : 0);
    return { facts, rule, node, uses, layers, isGiven: from.some((f) => f.isGiven) };
  };

  const callOf = (node: Node, outputIndex: number, uses: Set<string>): FactCall => {
    const factsAt = (i: number): ValueFacts => {
      const name = node.inputs[i];
      if (!name) return nothingKnown;
      const { facts } = ask(name);
      uses.add(name);
      return facts;
    };
    const isNear = (): boolean => !isLinear(node) || ask(node.inputs[0]!).layers < mostLayers;
    return {
      call: { node, opset: model.opsets.get(node.domain) ?? 1, inputs: node.inputs.map((name) => (name === '' ? undefined : (inferred.get(name) ?? nothing))), size: () => ({ terms: [] }) },
      output: inferred.get(node.outputs[outputIndex]!) ?? nothing,
      outputIndex,
      at: (i) => factsAt(i).range,
      isStored: (i) => !!node.inputs[i] && isConstant(node.inputs[i]),
      factsAt,
      numbersAt: (i) => (node.inputs[i] && isNear() ? numbers(node.inputs[i]) : undefined),
    };
  };

  return ask;
}

const leaf = (facts: ValueFacts, rule: string): Entry => ({ facts, rule, uses: [], isGiven: false, layers: 0 });

const isBounded = ({ range }: ValueFacts): boolean => Number.isFinite(range.low) && Number.isFinite(range.high);

const narrower = (a: Interval, b: Interval): Interval => {
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  return low <= high ? between(low, high) : a;
};

/** What the rule says is nearer than what follows from the operands index by index. */
const joinRows = (a: Rows | undefined, b: Rows | undefined): Pick<ValueFacts, 'rows'> => (b !== undefined ? { rows: b } : a !== undefined ? { rows: a } : {});

/** The range of a node's output, and where an operand has rows and each element has its own, that of each index. */
function rangeFacts(node: Node, given: FactCall): ValueFacts {
  const rule = rangeRuleOf(node);
  if (rule === undefined) return nothingKnown;
  const asked = new Set<number>();
  const range = rule({ ...given, at: (i) => (asked.add(i), given.at(i)) });
  const rows = isElementwise(node) ? elementwiseRows(rule, given, [...asked]) : undefined;
  return { range, lines: [], ...(rows && { rows }) };
}

function elementwiseRows(rule: RangeRule, given: FactCall, asked: readonly number[]): Rows | undefined {
  const operands = asked.map((i) => given.factsAt(i));
  const rows = operands.flatMap((facts) => (facts.rows && facts.rows.low.length > 1 ? [facts.rows] : []))[0];
  if (rows === undefined || rows.low.length > mostRows) return undefined;
  const ends = Array.from(rows.low, (_, index) => rule({ ...given, at: (i) => rowAt(given.factsAt(i), rows.axis, index) }));
  return makeRows(rows.axis, ends);
}

/** A constant's least and greatest element; of each index where it is a vector. */
function factsOfConstant({ dims, data }: Numbers): ValueFacts {
  if (data.length === 0) return nothingKnown;
  let [low, high, isWhole] = [Infinity, -Infinity, true];
  for (const n of data) {
    if (Number.isNaN(n)) return nothingKnown;
    if (n < low) low = n;
    if (n > high) high = n;
    isWhole &&= Number.isInteger(n);
  }
  const long = dims.flatMap((size, i) => (size > 1 ? [i - dims.length] : []));
  const flags = { ...(isWhole ? { integer: true as const } : {}), ...(Number.isFinite(low) && Number.isFinite(high) ? { finite: true as const } : {}) };
  const rows = long.length === 1 && data.length <= mostRows ? { rows: { axis: long[0]!, low: data, high: data } } : {};
  return { ...inRange(between(low, high)), ...flags, ...rows };
}

/** Unsigned integers and booleans have bounds of their own, and all that are no floats are whole. */
function withDType(facts: ValueFacts, dtype: DType | undefined): ValueFacts {
  const tight = tightened(facts, dtype);
  const row = dtype && dtypes[dtype];
  if (row === undefined || row.class === 'float' || row.class === 'complex' || row.class === 'string') return tight;
  const flags = { integer: true, finite: true } as const;
  if (row.class === 'bool') return { ...tight, ...flags, range: narrower(between(0, 1), tight.range) };
  if (row.class === 'uint' && row.bits <= 32) return { ...tight, ...flags, range: narrower(between(0, 2 ** row.bits - 1), tight.range) };
  if (row.class === 'int' && row.bits <= 16) return { ...tight, ...flags, range: narrower(between(-(2 ** (row.bits - 1)), 2 ** (row.bits - 1) - 1), tight.range) };
  return { ...tight, ...flags };
}

/** Of facts that were said of inputs by their bounds. */
export const givenRanges = (ranges: ReadonlyMap<string, Interval>): ReadonlyMap<string, ValueFacts> => new Map([...ranges].map(([name, range]) => [name, inRange(range)]));

