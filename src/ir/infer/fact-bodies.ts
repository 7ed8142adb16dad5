/** What is known of the values that If, Loop, Scan and the calls of local functions give, out of their bodies. */
import { follows, joinFacts, widened } from '../../ops/foreign/facts/join.ts';
import { nothingKnown, type ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import { between } from '../../ops/foreign/ranges/interval.ts';
import type { Graph, Node } from '../graph.ts';
import type { FactEntry, FactFrame, FactFrameInputs } from './fact-entry.ts';

export interface BodyFacts {
  /** Of an output of the node. */
  readonly of: (output: number) => FactEntry | undefined;
  /** In which what is known of a body's own tensors may be asked: of a loop's, what holds in each turn. */
  readonly frames: readonly FactFrame[];
}
/** Undefined where there is no time left, or nothing was found in the body. */
export type OpenBody = (body: Graph, inputs: FactFrameInputs) => FactFrame | undefined;

/** `frame` is of the graph in which the node stands. */
export function bodyFacts(node: Node, bodies: readonly Graph[], frame: FactFrame, open: OpenBody): BodyFacts | undefined {
  if (node.domain === '' && node.op === 'If') return ofBranches(bodies, frame, open);
  if (node.domain === '' && node.op === 'Loop') return ofLoop(node, bodies[0]!, frame, open);
  if (node.domain === '' && node.op === 'Scan') return ofScan(node, bodies[0]!, frame, open);
  return ofFunction(node, bodies[0]!, frame, open);
}

/** The branches that may be taken: of a known condition it is one. */
function ofBranches(bodies: readonly Graph[], around: FactFrame, open: OpenBody): BodyFacts | undefined {
  const branches = bodies.map((body) => open(body, { around, bound: new Map() }));
  if (!branches.every((branch) => branch !== undefined)) return undefined;
  const of = (output: number): FactEntry => {
    const found = branches.map((branch) => branch.ask(branch.graph.outputs[output] ?? ''));
    return resting(joinFacts(found.map(({ facts }) => facts)), ['whichever branch is taken', ...rulesOf(found)].join(': '), found, branches);
  };
  return { of, frames: branches };
}

function ofFunction(node: Node, body: Graph, frame: FactFrame, open: OpenBody): BodyFacts | undefined {
  const bound = new Map(body.inputs.flatMap((name, i) => (node.inputs[i] ? [[name, { frame, name: node.inputs[i] }] as const] : [])));
  const inner = open(body, { bound });
  if (inner === undefined) return undefined;
  const of = (output: number): FactEntry => {
    const found = inner.ask(body.outputs[output] ?? '');
    return resting(found.facts, found.rule, [found], [inner]);
  };
  return { of, frames: [inner] };
}

/** Facts that rest on what was found in bodies, and there on tensors around them. */
const resting = (facts: ValueFacts, rule: string, found: readonly FactEntry[], frames: readonly FactFrame[]): FactEntry => ({
  facts,
  rule,
  uses: [...new Set(frames.flatMap(({ reached }) => [...reached]))],
  isGiven: found.some(({ isGiven }) => isGiven),
  layers: Math.max(0, ...found.map(({ layers }) => layers)),
});

/** Why, where it is one reason. */
const rulesOf = (found: readonly FactEntry[]): readonly string[] => (new Set(found.map(({ rule }) => rule)).size === 1 ? [found[0]!.rule] : []);

// ---------------------------------------------------------------- turns

/** Rounds in which what is carried may still be told more nearly; then what grows is let go. */
const mostRounds = 4;

interface Turns {
  readonly frame: FactFrame;
  /** What is true of the carried values before each turn and after the last one. */
  readonly carried: readonly FactEntry[];
}

/**
 * What holds of the first values, and of a turn's results wherever it holds before the turn. `open` opens the body with
 * carried values of which that is known; `from` is the body's first output that is carried.
 */
function settle(initial: readonly FactEntry[], from: number, open: (carried: readonly FactEntry[]) => FactFrame | undefined): Turns | undefined {
  // Balls are not compared.
  let carried = initial.map((entry): FactEntry => ({ ...entry, facts: withoutBall(entry.facts), rule: 'carried from turn to turn' }));
  for (let round = 1; round <= mostRounds; round++) {
    const frame = open(carried);
    if (frame === undefined) return undefined;
    const results = carried.map((_, i) => frame.ask(frame.graph.outputs[from + i] ?? ''));
    const isGiven = (i: number): boolean => carried[i]!.isGiven || results[i]!.isGiven;
    if (carried.every(({ facts }, i) => follows(facts, results[i]!.facts))) return { frame, carried: carried.map((entry, i) => ({ ...entry, isGiven: isGiven(i) })) };
    const grown = (before: ValueFacts, after: ValueFacts): ValueFacts => (round === 1 ? withoutBall(joinFacts([before, after])) : round < mostRounds - 1 ? widened(before, after) : nothingKnown);
    carried = carried.map((entry, i) => ({ ...entry, facts: follows(entry.facts, results[i]!.facts) && round < mostRounds - 1 ? entry.facts : grown(entry.facts, results[i]!.facts), isGiven: isGiven(i) }));
  }
  return undefined;
}

function withoutBall(facts: ValueFacts): ValueFacts {
  const { ball: _, ...rest } = facts;
  return rest;
}

const said = (facts: ValueFacts): FactEntry => ({ facts, rule: 'of each turn', uses: [], isGiven: false, layers: 0 });

/** Inputs: turns, condition, carried… Body: turn, condition, carried… to condition, carried…, scanned… */
function ofLoop(node: Node, body: Graph, around: FactFrame, open: OpenBody): BodyFacts | undefined {
  const [turn = '', condition = '', ...names] = body.inputs;
  const first = node.inputs.slice(2).map((name) => around.ask(name));
  const most = node.inputs[0] ? around.ask(node.inputs[0]).facts.range.high : Infinity;
  const given = [
    [turn, said({ range: between(0, Math.max(0, most - 1)), lines: [], integer: true, finite: true })],
    // The body only runs where its condition was true.
    [condition, said({ range: between(1, 1), lines: [], integer: true, finite: true })],
  ] as const;
  const turns = settle(first, 1, (carried) => open(body, { around, bound: new Map([...given, ...carried.map((entry, i) => [names[i] ?? '', entry] as const)]) }));
  return turns && { of: (output) => ofTurns(turns, output, body.outputs[1 + output], node.inputs, true), frames: [turns.frame] };
}

/** Inputs: carried…, scanned…; from opset 9. */
function ofScan(node: Node, body: Graph, around: FactFrame, open: OpenBody): BodyFacts | undefined {
  const count = intOf(node, 'num_scan_inputs');
  // Before, the first input was a list of lengths, and the body had an input less.
  if (count < 1 || node.inputs.length !== body.inputs.length) return undefined;
  const [states, axes, outAxes] = [node.inputs.length - count, intsOf(node, 'scan_input_axes'), intsOf(node, 'scan_output_axes')];
  const slices = node.inputs.slice(states).map((name, i): FactEntry => {
    const entry = around.ask(name);
    return { ...entry, facts: ofSlice(entry.facts, axes[i] ?? 0, around.known(name)?.dims?.length), rule: 'of each turn' };
  });
  const names = node.inputs.slice(0, states);
  const turns = settle(names.map((name) => around.ask(name)), 0, (carried) => open(body, { around, bound: new Map([...carried, ...slices].map((entry, i) => [body.inputs[i]!, entry] as const)) }));
  return turns && { of: (output) => ofTurns(turns, output, body.outputs[output], node.inputs, (outAxes[output - states] ?? 0) === 0), frames: [turns.frame] };
}

/** A carried value, or what all turns give, one after another along an axis of its own: the first one, or another. */
function ofTurns({ frame, carried }: Turns, output: number, bodyOutput: string | undefined, inputs: readonly string[], isFirst: boolean): FactEntry {
  const found = carried[output] ?? frame.ask(bodyOutput ?? '');
  const { facts, uses, ...rest } = resting(isFirst || output < carried.length ? found.facts : ofElements(found.facts), found.rule, [found], [frame]);
  return { ...rest, facts, uses: [...new Set([...inputs.filter((name) => name !== ''), ...uses])] };
}

/** What holds of single elements. */
const ofElements = ({ range, integer, finite }: ValueFacts): ValueFacts => ({ range, lines: [], ...(integer && { integer }), ...(finite && { finite }) });

/** Of a tensor that is taken apart along an axis; axes are told from the end, so the others stay where it is the first. */
function ofSlice(facts: ValueFacts, axis: number, rank: number | undefined): ValueFacts {
  if (axis !== 0 || rank === undefined) return ofElements(facts);
  const { rows, ball, lines } = facts;
  return { ...ofElements(facts), lines: lines.filter((line) => line.axis !== -rank), ...(rows && rows.axis !== -rank && { rows }), ...(ball && ball.axis !== -rank && { ball }) };
}

function intOf({ attributes }: Node, name: string): number {
  const attribute = attributes.get(name);
  return attribute?.type === 'int' ? Number(attribute.value) : 0;
}
function intsOf({ attributes }: Node, name: string): readonly number[] {
  const attribute = attributes.get(name);
  return attribute?.type === 'ints' ? attribute.value.map(Number) : [];
}
