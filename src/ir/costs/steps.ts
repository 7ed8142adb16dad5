/** The nodes of a graph as steps with costs, those of their subgraphs and functions counted in. */
import { nothing, productOf, type Known } from '../../ops/foreign/known.ts';
import { times } from '../../ops/costs/rule.ts';
import { multiplyAdds } from '../../ops/costs/table.ts';
import { ceilDivDim } from '../../types/dim-atoms.ts';
import { faultOf, intDim, multiplyDims, symbolsOf, type Dim } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import type { Graph, Node } from '../graph.ts';
import { turnsAtMost } from '../infer/control-flow.ts';
import { callOf, isUnknown } from '../infer/index.ts';
import { lookUp, type Scope } from '../infer/scope.ts';
import { neededBy } from '../needs.ts';
import { greatest, peakOf, sumOf, type Step } from './peak.ts';
import { isConstant } from './weights.ts';

/** What could not be counted, so that the figures are too low by it. */
export interface Gaps {
  /** Operators whose multiply-adds are not known. */
  readonly operators: Set<string>;
  /** Tensors whose bytes are not known. */
  readonly tensors: Set<string>;
}
export const noGaps = (): Gaps => ({ operators: new Set(), tensors: new Set() });

const zero = intDim(0);

/** Constants are stored, and no steps. */
export const stepsOf = (graph: Graph, scope: Scope, gaps: Gaps): readonly Step[] => graph.nodes.filter((node) => !isConstant(node)).map((node) => stepOf(node, scope, gaps));

export function stepOf(node: Node, scope: Scope, gaps: Gaps): Step {
  const call = callOf(node, scope, () => zero);
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const bodies = [...(scope.bodies.get(node) ?? [])].map(([body, inner]) => bodyCosts(node, body, inner, gaps));
  const outputs = node.outputs.map((name) => lookUp(scope, name)?.known ?? nothing);
  const macs = countable(bodies.length === 0 ? multiplyAdds({ ...call, outputs }) : isRepeated(node) ? repeated(turnsAtMost(call), bodies[0]!.macs) : greatestOf(bodies.map((b) => b.macs)));
  if (macs === undefined) gaps.operators.add(op);
  const inner = greatestOf(bodies.map((body) => body.peak));
  if (inner === undefined) for (const name of node.outputs) gaps.tensors.add(name);
  return { op, uses: [...neededBy(node)], makes: node.outputs, macs, inner: inner ?? zero };
}

/** A size that depends on values is nothing that a figure could be read by. */
const countable = (dim: Dim | undefined): Dim | undefined => (dim === undefined || faultOf(dim) !== undefined || symbolsOf(dim).some(isUnknown) ? undefined : dim);

const isRepeated = ({ op, domain }: Node): boolean => domain === '' && (op === 'Loop' || op === 'Scan');

const repeated = (turns: Dim | undefined, macs: Dim | undefined): Dim | undefined => (macs?.terms.length === 0 ? macs : times(turns, macs));
const greatestOf = (sizes: readonly (Dim | undefined)[]): Dim | undefined => (sizes.every((size) => size !== undefined) ? greatest(sizes) : undefined);

/** A loop's body has tensors of its own in each turn; a branch or a function works on those of its node. */
function bodyCosts(node: Node, body: Graph, scope: Scope, gaps: Gaps): { readonly macs: Dim | undefined; readonly peak: Dim | undefined } {
  const steps = stepsOf(body, scope, gaps);
  const shared = new Set(isRepeated(node) ? [] : [...body.inputs, ...body.outputs]);
  const bytes = noting(bytesIn(body, scope), gaps);
  return { macs: sumOfMacs(steps), peak: peakOf(steps, { inputs: body.inputs, outputs: body.outputs }, (name) => (shared.has(name) ? zero : bytes(name))) };
}

/** Of the steps of which it is known. */
export const sumOfMacs = (steps: readonly Step[]): Dim | undefined => sumOf(steps.map(({ macs }) => macs ?? zero));

/** The bytes of a graph's tensors, where they are known; what is stored has none. */
export function bytesIn(graph: Graph, scope: Scope): (name: string) => Dim | undefined {
  const stored = new Set([...graph.initializers.keys(), ...graph.nodes.filter(isConstant).flatMap((node) => node.outputs)]);
  return (name) => (name === '' || stored.has(name) ? zero : sizeOf(lookUp(scope, name)?.known ?? nothing));
}

/** Counts what is not known as nothing, and notes it. */
export function noting(bytes: (name: string) => Dim | undefined, gaps: Gaps): (name: string) => Dim {
  const known = new Map<string, Dim>();
  return (name) => {
    const size = known.get(name) ?? bytes(name);
    if (size === undefined) gaps.tensors.add(name);
    known.set(name, size ?? zero);
    return size ?? zero;
  };
}

/** Undefined for strings, and where a shape is not known. */
function sizeOf({ dtype, dims }: Known): Dim | undefined {
  const elements = dims && productOf(dims);
  const bits = dtype && dtypes[dtype].bits;
  if (elements === undefined || bits === undefined || bits === 0) return undefined;
  const bytes = bits % 8 === 0 ? multiplyDims(intDim(bits / 8), elements) : ceilDivDim(multiplyDims(intDim(bits), elements), intDim(8));
  return countable(bytes);
}
