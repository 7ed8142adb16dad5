/**
 * Cuts a program in two stages: an encoder with every backbone and all that several outputs share, and heads, each
 * with what its outputs alone need. A head can then be exchanged, or its features kept, without touching the encoder.
 */
import type { Link, Operation, Port, Program } from '../program.ts';

type Step = Operation | Link;

export interface Split {
  readonly encoder: Program;
  readonly heads: readonly Head[];
}

export interface Head {
  /** The output's name; of a record, that of the record. */
  readonly name: string;
  readonly program: Program;
}

/** Undefined where nothing is left for a head: every output is made by the backbones, or shared. */
export function splitProgram(program: Program): Split | undefined {
  const owners = ownersOf(program);
  const stepsOf = (owner: Owner): readonly Step[] => program.steps.filter((step) => owners.get(step)!.has(owner));
  const names = new Set(program.outputs.flatMap((port) => [...groupsOf(port)]));
  const groups = new Map([...names].map((name) => [name, stepsOf(name)] as const).filter(([, steps]) => steps.length > 0));
  if (groups.size === 0) return undefined;
  const encoderSteps = stepsOf(shared);
  const made = new Set(encoderSteps.flatMap(outputsOf));
  const crossings = nameCrossings(program, made, groups);
  const heads = [...groups].map(([name, steps]) => ({ name, program: headProgram(program, name, steps, crossings) }));
  const asked = program.outputs.filter((port) => made.has(port.value) || isInput(program, port.value));
  const isAsked = (value: string): boolean => asked.some((port) => port.value === value && port.name === crossings.get(value));
  const crossing = [...crossings].filter(([value]) => made.has(value) && !isAsked(value)).map(([value, name]) => ({ name, value }));
  const needed = new Set(encoderSteps.flatMap(inputsOf));
  const encoder: Program = {
    ...program,
    // What neither it nor a head reads stays an input of the encoder: an app gives it all the same.
    inputs: program.inputs.filter(({ value }) => needed.has(value) || !crossings.has(value) || asked.some((port) => port.value === value)),
    outputs: [...asked, ...crossing],
    steps: encoderSteps,
    initializers: program.initializers.filter(({ name }) => needed.has(name) || asked.some((port) => port.value === name)),
  };
  // Heads that share nothing are models of their own.
  return encoder.outputs.length === 0 ? undefined : { encoder, heads };
}

const inputsOf = (step: Step): readonly string[] => (step.kind === 'link' ? [...step.inputs.values()] : step.inputs);
const outputsOf = (step: Step): readonly string[] => (step.kind === 'link' ? [...step.outputs.values()] : step.outputs);

const isInput = (program: Program, value: string): boolean =>
  program.inputs.some((port) => port.value === value) || program.initializers.some((tensor) => tensor.name === value);

/** `tokens.ids` and `tokens.mask` are one output. */
const groupOf = (port: Pick<Port, 'name'>): string => port.name.split('.', 1)[0]!;

/** What the runtime asks for on account of one output goes with that output. */
const groupsOf = (port: Port): ReadonlySet<string> => new Set(port.hidden?.map((name) => groupOf({ name })) ?? [groupOf(port)]);

/** The encoder, beside the heads by their outputs' names. */
const shared = Symbol('shared');
type Owner = string | typeof shared;
const encoderAlone: ReadonlySet<Owner> = new Set([shared]);

/**
 * Where each step is computed: with the output that alone needs it, or in the encoder where several do. A backbone is always
 * the encoder's. What lies inside the form of one operator has no type to cross with, and is computed wherever it is needed.
 */
function ownersOf(program: Program): ReadonlyMap<Step, ReadonlySet<Owner>> {
  const users = new Map<string, Set<Owner>>();
  const use = (value: string, by: Iterable<Owner>): void => {
    const known = users.get(value) ?? new Set();
    for (const owner of by) known.add(owner);
    users.set(value, known);
  };
  for (const port of program.outputs) use(port.value, groupsOf(port));
  const owners = new Map<Step, ReadonlySet<Owner>>();
  for (const step of program.steps.toReversed()) {
    const by = new Set(outputsOf(step).flatMap((value) => [...(users.get(value) ?? [])]));
    const goesAlong = step.kind === 'operation' || step.ofPart === true;
    const isWithin = outputsOf(step).some((value) => value !== '' && program.types.get(value)?.dtype === undefined);
    const owner = goesAlong && (by.size === 1 || (by.size > 1 && isWithin)) ? by : encoderAlone;
    owners.set(step, owner);
    for (const value of inputsOf(step)) use(value, owner);
  }
  return withoutEmptyHeads(owners, program);
}

/** What makes nothing that an app sees is no head. */
function withoutEmptyHeads(owners: ReadonlyMap<Step, ReadonlySet<Owner>>, { outputs }: Program): typeof owners {
  const seen = new Set(outputs.filter((port) => port.hidden === undefined).map((port) => port.value));
  const heads = new Set([...owners].filter(([step]) => outputsOf(step).some((value) => seen.has(value))).flatMap(([, owner]) => [...owner]));
  return new Map([...owners].map(([step, by]) => [step, new Set([...by].map((owner) => (heads.has(owner) ? owner : shared)))]));
}

/** What heads take from outside themselves, and how it is called on the way: a port's name where there is one. */
function nameCrossings(program: Program, made: ReadonlySet<string>, groups: ReadonlyMap<string, readonly Step[]>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set([...program.inputs, ...program.outputs].map((port) => port.name));
  const ports = new Map([...program.outputs, ...program.inputs].map((port) => [port.value, port.name]));
  for (const steps of groups.values()) {
    const within = new Set(steps.flatMap(outputsOf));
    for (const value of steps.flatMap(inputsOf)) {
      if (names.has(value) || within.has(value) || !(made.has(value) || program.inputs.some((port) => port.value === value))) continue;
      let name = ports.get(value) ?? `feature:${value}`;
      while (!ports.has(value) && taken.has(name)) name = `${name}'`;
      taken.add(name);
      names.set(value, name);
    }
  }
  return names;
}

function headProgram(program: Program, name: string, steps: readonly Step[], names: ReadonlyMap<string, string>): Program {
  const used = new Set(steps.flatMap(inputsOf));
  const made = new Set(steps.flatMap(outputsOf));
  return {
    ...program,
    name: `${program.name}.${name}`,
    inputs: [...names].filter(([value]) => used.has(value) && !made.has(value)).map(([value, port]) => ({ name: port, value })),
    outputs: program.outputs.filter((port) => made.has(port.value)),
    steps,
    initializers: program.initializers.filter((tensor) => used.has(tensor.name)),
  };
}
