/**
 * Cuts a program in two stages: an encoder with every linked graph and all that several outputs share, and heads, each
 * with what its outputs alone need. A head can then be exchanged, or its features kept, without touching the encoder.
 */
import type { Operation, Port, Program } from '../program.ts';

export interface Split {
  readonly encoder: Program;
  readonly heads: readonly Head[];
}

export interface Head {
  /** The output's name; of a record, that of the record. */
  readonly name: string;
  readonly program: Program;
}

/** Undefined where nothing is left for a head: every output is made by the linked graphs, or shared. */
export function splitProgram(program: Program): Split | undefined {
  const owners = ownersOf(program);
  const groups = new Map<string, Operation[]>();
  for (const step of program.steps) {
    const owner = owners.get(step);
    if (owner === undefined || step.kind === 'link') continue;
    groups.set(owner, [...(groups.get(owner) ?? []), step]);
  }
  if (groups.size === 0) return undefined;
  const encoderSteps = program.steps.filter((step) => owners.get(step) === undefined);
  const made = new Set(encoderSteps.flatMap((step) => (step.kind === 'link' ? [...step.outputs.values()] : step.outputs)));
  const names = nameCrossings(program, made, groups);
  const heads = [...groups].map(([name, steps]) => ({ name, program: headProgram(program, name, steps, names) }));
  const asked = program.outputs.filter((port) => made.has(port.value) || isInput(program, port.value));
  const isAsked = (value: string): boolean => asked.some((port) => port.value === value && port.name === names.get(value));
  const crossing = [...names].filter(([value]) => made.has(value) && !isAsked(value)).map(([value, name]) => ({ name, value }));
  const needed = new Set(encoderSteps.flatMap((step) => (step.kind === 'link' ? [...step.inputs.values()] : step.inputs)));
  const encoder: Program = {
    ...program,
    // What neither it nor a head reads stays an input of the encoder: an app gives it all the same.
    inputs: program.inputs.filter(({ value }) => needed.has(value) || !names.has(value) || asked.some((port) => port.value === value)),
    outputs: [...asked, ...crossing],
    steps: encoderSteps,
    initializers: program.initializers.filter(({ name }) => needed.has(name) || asked.some((port) => port.value === name)),
  };
  // Heads that share nothing are models of their own.
  return encoder.outputs.length === 0 ? undefined : { encoder, heads };
}

const isInput = (program: Program, value: string): boolean =>
  program.inputs.some((port) => port.value === value) || program.initializers.some((tensor) => tensor.name === value);

/** `tokens.ids` and `tokens.mask` are one output. */
const groupOf = (port: Pick<Port, 'name'>): string => port.name.split('.', 1)[0]!;

/** What the runtime asks for on account of one output goes with that output. */
const groupsOf = (port: Port): ReadonlySet<string> => new Set(port.hidden?.map((name) => groupOf({ name })) ?? [groupOf(port)]);

/** The output that alone needs an operation, by operation; what several need, and what a linked graph needs, has none. */
function ownersOf(program: Program): ReadonlyMap<Program['steps'][number], string> {
  const shared = Symbol('shared');
  const users = new Map<string, string | typeof shared>();
  const use = (value: string, by: string | typeof shared): void => {
    const known = users.get(value);
    users.set(value, known === undefined || known === by ? by : shared);
  };
  for (const port of program.outputs) for (const group of groupsOf(port)) use(port.value, group);
  const owners = new Map<Program['steps'][number], string>();
  for (const step of program.steps.toReversed()) {
    const makes = step.kind === 'link' ? [...step.outputs.values()] : step.outputs;
    const by = new Set(makes.flatMap((value) => users.get(value) ?? []));
    const [only] = by;
    const owner = step.kind === 'operation' && by.size === 1 && typeof only === 'string' ? only : shared;
    if (owner !== shared) owners.set(step, owner);
    for (const value of step.kind === 'link' ? step.inputs.values() : step.inputs) use(value, owner);
  }
  return withoutEmptyHeads(owners, program);
}

/** What makes nothing that an app sees is no head. */
function withoutEmptyHeads(owners: ReadonlyMap<Program['steps'][number], string>, { outputs }: Program): typeof owners {
  const seen = new Set(outputs.filter((port) => port.hidden === undefined).map((port) => port.value));
  const heads = new Set([...owners].filter(([step]) => step.kind === 'operation' && step.outputs.some((value) => seen.has(value))).map(([, owner]) => owner));
  return new Map([...owners].filter(([, owner]) => heads.has(owner)));
}

/** What heads take from outside themselves, and how it is called on the way: a port's name where there is one. */
function nameCrossings(
  program: Program,
  made: ReadonlySet<string>,
  groups: ReadonlyMap<string, readonly Operation[]>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set([...program.inputs, ...program.outputs].map((port) => port.name));
  const ports = new Map([...program.outputs, ...program.inputs].map((port) => [port.value, port.name]));
  for (const value of [...groups.values()].flat().flatMap((step) => step.inputs)) {
    if (names.has(value) || !(made.has(value) || program.inputs.some((port) => port.value === value))) continue;
    let name = ports.get(value) ?? `feature:${value}`;
    while (!ports.has(value) && taken.has(name)) name = `${name}'`;
    taken.add(name);
    names.set(value, name);
  }
  return names;
}

function headProgram(program: Program, name: string, steps: readonly Operation[], names: ReadonlyMap<string, string>): Program {
  const used = new Set(steps.flatMap((step) => step.inputs));
  const made = new Set(steps.flatMap((step) => step.outputs));
  return {
    ...program,
    name: `${program.name}.${name}`,
    inputs: [...names].filter(([value]) => used.has(value)).map(([value, port]) => ({ name: port, value })),
    outputs: program.outputs.filter((port) => made.has(port.value)),
    steps,
    initializers: program.initializers.filter((tensor) => used.has(tensor.name)),
  };
}
