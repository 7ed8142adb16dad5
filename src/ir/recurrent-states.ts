/**
 * Which of the two states of an LSTM a value of a program is: what comes out of one as Y_h or Y_c, and what goes into one as initial_h or initial_c.
 * Both have one type in every network, so nothing but the graph tells them apart.
 */
import type { Program } from './program.ts';

export type RecurrentState = 'hidden state' | 'cell';

/** Of each value the states that it is, as far as operators hand it on whole or in pieces. */
export interface RecurrentStates {
  /** As what an LSTM made it. */
  readonly made: (value: string) => ReadonlySet<RecurrentState>;
  /** As what an LSTM takes it. */
  readonly taken: (value: string) => ReadonlySet<RecurrentState>;
}

interface Step {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** ONNX's own, and ONNX Runtime's quantised one: their states stand in the same places. */
const lstms: ReadonlySet<string> = new Set(['LSTM', 'DynamicQuantizeLSTM']);
const states = { made: { 0: 'hidden state', 1: 'hidden state', 2: 'cell' }, taken: { 5: 'hidden state', 6: 'cell' } } as const satisfies Record<string, Readonly<Record<number, RecurrentState>>>;

/** What leaves numbers what they are: of most operators the first operand, of some several. */
const handingOn: ReadonlySet<string> = new Set(['Cast', 'CastLike', 'Expand', 'Flatten', 'Gather', 'Identity', 'Reshape', 'Slice', 'Split', 'Squeeze', 'Transpose', 'Unsqueeze']);

function handedOn({ op, domain, inputs }: Step): readonly string[] {
  if (domain !== '') return [];
  if (op === 'Concat') return inputs;
  if (op === 'Where') return inputs.slice(1);
  return handingOn.has(op) ? inputs.slice(0, 1) : [];
}

type Found = Map<string, Set<RecurrentState>>;

const none: ReadonlySet<RecurrentState> = new Set();

function note(found: Found, name: string, roles: Iterable<RecurrentState>): void {
  const known = found.get(name) ?? new Set();
  for (const role of roles) known.add(role);
  if (known.size > 0) found.set(name, known);
}

/** Bodies of branches, loops and local functions are not looked into. */
export function recurrentStates({ steps }: Program): RecurrentStates {
  const made: Found = new Map();
  const taken: Found = new Map();
  for (const step of steps) {
    if (step.kind === 'operation') noteMade(step, made);
    else across(step.inputs, step.outputs, made, (inner) => step.model.graph.nodes.forEach((node) => noteMade(node, inner)));
  }
  for (const step of steps.toReversed()) {
    if (step.kind === 'operation') noteTaken(step, taken);
    else across(step.outputs, step.inputs, taken, (inner) => step.model.graph.nodes.toReversed().forEach((node) => noteTaken(node, inner)));
  }
  return { made: (value) => made.get(value) ?? none, taken: (value) => taken.get(value) ?? none };
}

/** Through a foreign graph, from the tensors on one side of it, by their names there, to those on the other. */
function across(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>, found: Found, walk: (inner: Found) => void): void {
  const inner: Found = new Map();
  for (const [onnx, value] of from) note(inner, onnx, found.get(value) ?? none);
  walk(inner);
  for (const [onnx, value] of to) note(found, value, inner.get(onnx) ?? none);
}

function noteMade(step: Step, found: Found): void {
  const through = handedOn(step).flatMap((name) => [...(found.get(name) ?? none)]);
  step.outputs.forEach((name, place) => {
    const own = lstms.has(step.op) ? (states.made as Readonly<Record<number, RecurrentState>>)[place] : undefined;
    if (name !== '') note(found, name, own === undefined ? through : [own]);
  });
}

function noteTaken(step: Step, found: Found): void {
  if (lstms.has(step.op)) for (const [place, role] of Object.entries(states.taken)) if (step.inputs[Number(place)]) note(found, step.inputs[Number(place)]!, [role]);
  const behind = step.outputs.flatMap((name) => [...(found.get(name) ?? none)]);
  for (const name of handedOn(step)) note(found, name, behind);
}
