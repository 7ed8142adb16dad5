/**
 * What is known of the values of one graph's tensors, asked backwards: of the main graph, of a branch or a loop's body, of a
 * function's body at one call.
 */
import type { FactCall, Numbers } from '../../ops/foreign/facts/fact-rule.ts';
import { isLinear, mostLayers } from '../../ops/foreign/facts/linear.ts';
import { isTotal } from '../../ops/foreign/facts/propagation.ts';
import { factRuleOf, isElementwise, rangeRuleOf, reasonOf } from '../../ops/foreign/facts/table.ts';
import { inRange, nothingKnown, rowAt, rowsFrom, tightened, type Rows, type ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import { nothing, type Known } from '../../ops/foreign/known.ts';
import { between, type Interval } from '../../ops/foreign/ranges/interval.ts';
import type { RangeRule } from '../../ops/foreign/ranges/rules.ts';
import { constantOf } from '../../types/dim.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import type { Graph, Node } from '../graph.ts';
import { constantNumbers, type NumbersOf, type Stored } from './constants.ts';
import { bodyFacts, type BodyFacts } from './fact-bodies.ts';
import type { FactEntry, FactFrame, FactFrameInputs } from './fact-entry.ts';
import { callOf as shapeCall, withAttributes } from './index.ts';
import { recognise, type GraphView } from './patterns/index.ts';
import { lookUp, type Scope } from './scope.ts';

/** Nodes in a row before the question is given up. */
const deepest = 400;

/** How many indices of an axis are told apart. */
const mostRows = 4096;

/** The constants of patterns are numbers, lists of axes, and what exporters repeat of a number: matrices are weights. */
const mostInPattern = 4096;

const aConstant = 'a constant';

/** What the questions of one analysis share. What is left bounds its time on hostile graphs. */
export interface Asking {
  readonly stored: Stored;
  depth: number;
  /** Nodes of subgraphs and functions that may still be looked at. */
  nodesLeft: number;
}

export const startAsking = (stored: Stored): Asking => ({ stored, depth: 0, nodesLeft: 200_000 });

/** The node as it is at this call of a function, and as the graph has it. */
interface Maker {
  readonly node: Node;
  readonly given: Node;
  readonly output: number;
}

export function openFrame(graph: Graph, scope: Scope, inputs: FactFrameInputs, asking: Asking): FactFrame {
  const { around, bound } = inputs;
  const makers = new Map<string, Maker>();
  for (const given of graph.nodes) {
    const node = withAttributes(given, scope.attributes);
    for (const [output, name] of node.outputs.entries()) makers.set(name, { node, given, output });
  }
  const known = new Map<string, FactEntry>();
  const bodies = new Map<Node, BodyFacts | undefined>();
  const reached = new Set<string>();

  const knownOf = (name: string): Known | undefined => lookUp(scope, name)?.known;
  const isOwn = (name: string): boolean => makers.has(name) || graph.initializers.has(name);

  /** Where a tensor is that the graph is given or sees around it. */
  const outside = (name: string): { readonly frame: FactFrame; readonly name: string } | undefined => {
    const binding = bound.get(name);
    if (binding !== undefined) return 'frame' in binding ? binding : undefined;
    return around === undefined || isOwn(name) ? undefined : { frame: around, name };
  };
  const elsewhere: NumbersOf = (name) => {
    const place = outside(name);
    return place?.frame.numbers(place.name);
  };
  const maker = (name: string): Node | undefined => makers.get(name)?.node ?? (bound.has(name) ? undefined : around?.maker(name));
  const numbers = constantNumbers({ graph, known: knownOf, maker: (name) => makers.get(name)?.node, around: elsewhere }, asking.stored);

  /** Stored in the file, or followed by inference; weights that are turned or dequantised first are read by linear maps alone. */
  const isConstant = (name: string): boolean => {
    const place = outside(name);
    if (place !== undefined) return place.frame.isConstant(place.name);
    return graph.initializers.has(name) || makers.get(name)?.node.op === 'Constant' || knownOf(name)?.values?.every((v) => v !== undefined) === true;
  };

  const ask = (name: string): FactEntry => {
    const found = known.get(name);
    if (found !== undefined) return found;
    asking.depth++;
    const entry = make(name);
    asking.depth--;
    const tight = { ...entry, facts: withDType(entry.facts, knownOf(name)?.dtype) };
    known.set(name, tight);
    return tight;
  };

  const make = (name: string): FactEntry => {
    const binding = bound.get(name);
    if (binding !== undefined && 'facts' in binding) return binding;
    const place = outside(name);
    if (place !== undefined) {
      reached.add(place.name);
      return place.frame.ask(place.name);
    }
    const own = makers.get(name);
    const constant = isConstant(name) ? numbers(name) : undefined;
    if (constant !== undefined) return leaf(factsOfConstant(constant), aConstant);
    if (own === undefined || asking.depth > deepest) return leaf(nothingKnown, graph.inputs.includes(name) ? 'an input' : 'not known');
    return fromNode(own);
  };

  const isSmall = (name: string): boolean => {
    const sizes = knownOf(name)?.dims?.map(constantOf);
    return sizes?.every((n) => n !== undefined) === true && sizes.reduce((all, n) => all * n, 1) <= mostInPattern;
  };

  const view: GraphView = {
    maker,
    numbers: (tensor) => (isConstant(tensor) && isSmall(tensor) ? numbers(tensor) : undefined),
    dims: (tensor) => knownOf(tensor)?.dims,
    dtype: (tensor) => knownOf(tensor)?.dtype,
    factsOf: (tensor) => ask(tensor).facts,
  };

  const fromNode = ({ node, given, output }: Maker): FactEntry => {
    const inner = scope.bodies.get(given);
    if (inner !== undefined) return fromBodies(node, given, inner, output);
    const pattern = recognise(node, view);
    if (pattern !== undefined) return entryOf(node, { ...nothingKnown, ...pattern.facts }, pattern.rule, pattern.uses);
    // Of several outputs only the first one's values are known; the parts of a split are alike.
    if (output > 0 && node.op !== 'Split') return entryOf(node, nothingKnown, 'not known', []);
    const uses = new Set<string>();
    const call = callOf(node, output, uses);
    const byRange = rangeFacts(node, call);
    const byRule = { ...nothingKnown, ...factRuleOf(node)?.(call) };
    const facts = { ...byRange, ...byRule, range: narrower(byRange.range, byRule.range), ...joinRows(byRange.rows, byRule.rows) };
    const isFinite = facts.finite ?? isTotal(callOf(node, output, new Set()), isBounded(tightened(facts, call.output.dtype)));
    return entryOf(node, isFinite ? { ...facts, finite: true } : facts, reasonOf(node), [...uses]);
  };

  const bodiesOf = (node: Node, given: Node, inner: ReadonlyMap<Graph, Scope>): BodyFacts | undefined => {
    if (!bodies.has(given)) {
      const open = (body: Graph, of: FactFrameInputs): FactFrame | undefined => {
        const its = inner.get(body);
        asking.nodesLeft -= body.nodes.length + 1;
        return its === undefined || asking.nodesLeft < 0 ? undefined : openFrame(body, its, of, asking);
      };
      bodies.set(given, bodyFacts(node, [...inner.keys()], frame, open));
    }
    return bodies.get(given);
  };

  const insideOf = (given: Node, body: Graph): FactFrame | undefined => {
    const inner = scope.bodies.get(given);
    return inner && bodiesOf(withAttributes(given, scope.attributes), given, inner)?.frames.find((one) => one.graph === body);
  };

  const fromBodies = (node: Node, given: Node, inner: ReadonlyMap<Graph, Scope>, output: number): FactEntry => {
    const found = bodiesOf(node, given, inner)?.of(output);
    return found === undefined ? entryOf(node, nothingKnown, 'not known', []) : { ...entryOf(node, found.facts, found.rule, found.uses), layers: found.layers, isGiven: found.isGiven };
  };

  const entryOf = (node: Node, facts: ValueFacts, rule: string, all: readonly string[]): FactEntry => {
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
      call: shapeCall(node, scope, () => ({ terms: [] })),
      output: knownOf(node.outputs[outputIndex]!) ?? nothing,
      outputIndex,
      at: (i) => factsAt(i).range,
      isStored: (i) => !!node.inputs[i] && isConstant(node.inputs[i]),
      factsAt,
      numbersAt: (i) => (node.inputs[i] && isNear() ? numbers(node.inputs[i]) : undefined),
    };
  };

  const frame: FactFrame = { graph, ask, known: knownOf, maker, numbers, isConstant, insideOf, reached };
  return frame;
}

export const leaf = (facts: ValueFacts, rule: string): FactEntry => ({ facts, rule, uses: [], isGiven: false, layers: 0 });

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
  const rows = asked.flatMap((i) => given.factsAt(i).rows ?? []).find(({ low }) => low.length > 1);
  if (rows === undefined || rows.low.length > mostRows) return undefined;
  let index = 0;
  const atIndex = { ...given, at: (i: number) => rowAt(given.factsAt(i), rows.axis, index) };
  return rowsFrom(rows.axis, rows.low.length, (i) => {
    index = i;
    return rule(atIndex);
  });
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
  const rising = long.length === 1 && data.every((n, i) => i === 0 || n >= data[i - 1]!) ? { rising: long[0]! } : {};
  return { ...inRange(between(low, high)), ...flags, ...rows, ...rising };
}

/** Unsigned integers and booleans have bounds of their own, and all that are no floats are whole. */
export function withDType(facts: ValueFacts, dtype: DType | undefined): ValueFacts {
  const tight = tightened(facts, dtype);
  const row = dtype && dtypes[dtype];
  if (row === undefined || row.class === 'float' || row.class === 'complex' || row.class === 'string') return tight;
  const flags = { integer: true, finite: true } as const;
  if (row.class === 'bool') return { ...tight, ...flags, range: narrower(between(0, 1), tight.range) };
  if (row.class === 'uint' && row.bits <= 32) return { ...tight, ...flags, range: narrower(between(0, 2 ** row.bits - 1), tight.range) };
  if (row.class === 'int' && row.bits <= 16) return { ...tight, ...flags, range: narrower(between(-(2 ** (row.bits - 1)), 2 ** (row.bits - 1) - 1), tight.range) };
  return { ...tight, ...flags };
}
