/** What a program costs, whole and by its parts. Linked graphs count as far as the program needs them, and what two links of a file compute alike, once. */
import { intDim, type Dim } from '../../types/dim.ts';
import type { Graph, Node } from '../graph.ts';
import { inferProgram, type InferredProgram } from '../infer/program.ts';
import { neededBy } from '../needs.ts';
import type { Link, Operation, Program } from '../program.ts';
import { listGaps, type Costs } from './index.ts';
import { peakOf, type Kept, type Step } from './peak.ts';
import { bytesIn, noGaps, noting, stepOf, stepsOf, sumOfMacs, type Gaps } from './steps.ts';
import { weightsOf, type Weight } from './weights.ts';

export interface PartCosts extends Costs {
  readonly name: string;
  readonly kind: 'backbone' | 'part';
}

export interface ProgramCosts extends Costs {
  /** In the order of their first steps; weights stand at the first part that uses them. */
  readonly parts: readonly PartCosts[];
  /** By the names of the program's steps. */
  readonly steps: ReadonlyMap<string, Pick<Costs, 'parameters' | 'bytes' | 'macs'>>;
}

type ProgramStep = Operation | Link;

/** A step of a program with all that it comes to. */
interface Piece {
  /** Undefined for the inputs of the program. */
  readonly step: ProgramStep | undefined;
  readonly work: readonly Step[];
  readonly weights: readonly Weight[];
  readonly gaps: Gaps;
  /** Bytes of the tensors that it makes. */
  readonly bytes: ReadonlyMap<string, Dim>;
}

/** `partOf` names the part that a step belongs to. */
export function programCosts(program: Program, partOf: (step: ProgramStep) => string): ProgramCosts {
  const { pieces, valueOf } = piecesOf(program);
  const bytes = new Map(pieces.flatMap((piece) => [...piece.bytes]));
  const costsOf = (some: readonly Piece[], kept: Kept): Costs => {
    const work = some.flatMap((piece) => piece.work);
    const all = { operators: new Set(some.flatMap((p) => [...p.gaps.operators])), tensors: new Set(some.flatMap((p) => [...p.gaps.tensors])) };
    return { ...sumOfWeights(some), macs: sumOfMacs(work), peak: peakOf(work, kept, (name) => bytes.get(name) ?? zero), uncounted: listGaps(all) };
  };
  const groups = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const name = piece.step === undefined ? undefined : partOf(piece.step);
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), piece]);
  }
  const outputs = program.outputs.map(({ value }) => valueOf(value));
  return {
    ...costsOf(pieces, { inputs: program.inputs.map(({ value }) => value), outputs }),
    parts: [...groups].map(([name, some]) => ({ name, kind: some.some(({ step }) => step?.kind === 'link') ? 'backbone' : 'part', ...costsOf(some, boundary(some, pieces, outputs, bytes)) })),
    steps: new Map(pieces.flatMap((piece) => (piece.step === undefined ? [] : [[piece.step.name, { ...sumOfWeights([piece]), macs: sumOfMacs(piece.work) }]]))),
  };
}

const zero = intDim(0);

/** What the links before have computed, as the file that is written has it once (onnx/write/link-plan.ts). */
interface Computed {
  /** A node of a file, on these values: what its outputs are called. */
  readonly nodes: Map<string, readonly string[]>;
  /** Values of the program that are other ones by another name. */
  readonly same: Map<string, string>;
}

/** The inputs of the program first, then its steps; and what a value is called where it is made. */
function piecesOf(program: Program): { readonly pieces: readonly Piece[]; readonly valueOf: (value: string) => string } {
  const inferred = inferProgram(program);
  const own = ownGraph(program);
  const bytes = bytesIn(own, inferred.scope);
  const weights = new Map(weightsOf(own, []).map((weight) => [weight.name, weight]));
  const gaps = noGaps();
  const given: Piece = { step: undefined, work: [], weights: [], gaps, bytes: sizesOf(own.inputs, bytes, gaps) };
  const counted = new Set<object>();
  const computed: Computed = { nodes: new Map(), same: new Map() };
  const valueOf = (value: string): string => computed.same.get(value) ?? value;
  const pieces = program.steps.map((step) => (step.kind === 'link' ? linkPiece(step, inferred, computed, valueOf) : ownPiece(step, weights, bytes, inferred, valueOf)));
  return { pieces: [given, ...pieces.map((piece) => withNewWeights(piece, counted))], valueOf };
}

function sizesOf(names: readonly string[], bytes: (name: string) => Dim | undefined, gaps: Gaps): ReadonlyMap<string, Dim> {
  const noted = noting(bytes, gaps);
  return new Map(names.map((name) => [name, noted(name)]));
}

/** Our operators as a graph by themselves. */
const ownGraph = (program: Program): Graph => ({
  name: program.name,
  inputs: program.inputs.map(({ value }) => value),
  outputs: program.outputs.map(({ value }) => value),
  nodes: program.steps.filter((step) => step.kind === 'operation'),
  initializers: new Map(program.initializers.map((tensor) => [tensor.name, tensor])),
  types: program.types,
});

function ownPiece(step: Operation, stored: ReadonlyMap<string, Weight>, bytes: (name: string) => Dim | undefined, { scope }: InferredProgram, valueOf: (value: string) => string): Piece {
  const gaps = noGaps();
  const weights = [...new Set([...step.inputs, ...step.outputs])].flatMap((name) => stored.get(name) ?? []);
  const work = step.op === 'Constant' ? [] : [stepOf(step, scope, gaps)];
  return { step, work: work.map((one) => ({ ...one, uses: one.uses.map(valueOf) })), weights, gaps, bytes: sizesOf(step.outputs, bytes, gaps) };
}

function linkPiece(link: Link, { links }: InferredProgram, computed: Computed, valueOf: (value: string) => string): Piece {
  const { graph, scope } = links.get(link)!;
  const gaps = noGaps();
  const made = new Map<string, string>();
  const nameOf = (onnx: string): string => {
    const given = link.inputs.get(onnx);
    return given === undefined ? (made.get(onnx) ?? (onnx === '' ? '' : `${link.model.uri}\n${onnx}`)) : valueOf(given);
  };
  const work = stepsOf({ ...graph, nodes: graph.nodes.filter((node) => isNew(node, link, nameOf, made, computed)) }, scope, gaps);
  const sizes = sizesOf(work.flatMap(({ makes }) => makes), bytesIn(graph, scope), gaps);
  return {
    step: link,
    work: work.map((step) => ({ ...step, uses: step.uses.map(nameOf), makes: step.makes.map(nameOf) })),
    weights: weightsOf(graph, link.model.functions),
    gaps,
    bytes: new Map([...sizes].map(([onnx, size]) => [nameOf(onnx), size])),
  };
}

/** Whether no earlier link has this node on these values; notes what its outputs are called. */
function isNew(node: Node, link: Link, nameOf: (onnx: string) => string, made: Map<string, string>, { nodes, same }: Computed): boolean {
  const key = JSON.stringify([link.model.uri, node.outputs, [...neededBy(node)].map(nameOf)]);
  const before = nodes.get(key);
  const names = before ?? node.outputs.map((onnx) => (onnx === '' ? '' : (link.outputs.get(onnx) ?? `${link.name}\n${onnx}`)));
  nodes.set(key, names);
  for (const [i, onnx] of node.outputs.entries()) {
    made.set(onnx, names[i]!);
    const value = link.outputs.get(onnx);
    if (value !== undefined && value !== names[i]) same.set(value, names[i]!);
  }
  return before === undefined;
}

/** Without what an earlier step has: two links of one file share its weights. */
function withNewWeights(piece: Piece, counted: Set<object>): Piece {
  const weights = piece.weights.filter(({ source }) => !counted.has(source));
  for (const { source } of weights) counted.add(source);
  return { ...piece, weights };
}

function sumOfWeights(pieces: readonly Piece[]): Pick<Costs, 'parameters' | 'bytes'> {
  const weights = pieces.flatMap((piece) => piece.weights);
  return { parameters: weights.reduce((sum, w) => sum + w.parameters, 0), bytes: weights.reduce((sum, w) => sum + w.bytes, 0) };
}

/** What some of the steps are given by the others, and what they give them. */
function boundary(some: readonly Piece[], all: readonly Piece[], outputs: readonly string[], bytes: ReadonlyMap<string, Dim>): Kept {
  const inside = new Set(some);
  const made = new Set(some.flatMap(({ work }) => work.flatMap(({ makes }) => makes)));
  const used = some.flatMap(({ work }) => work.flatMap(({ uses }) => uses));
  const usedElsewhere = new Set([...all.filter((piece) => !inside.has(piece)).flatMap(({ work }) => work.flatMap(({ uses }) => uses)), ...outputs]);
  return { inputs: used.filter((name) => !made.has(name) && bytes.has(name)), outputs: [...made].filter((name) => usedElsewhere.has(name)) };
}
