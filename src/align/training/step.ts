/** A training step as one program: forward, losses, backward, and the optimiser's update. */
import { addGradients } from '../../ir/gradient/reverse.ts';
import { extendProgram, type ProgramBuilder, type TypedPort } from '../../ir/gradient/builder.ts';
import { repeatProgram } from '../../ir/gradient/repeat.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import type { Operation, Program } from '../../ir/program.ts';
import { verify } from '../../ir/verify.ts';
import { notation } from '../../ops/notation.ts';
import { intDim, symbolDim } from '../../types/dim.ts';
import { emitLoss, type LossCall } from './losses.ts';
import type { TrainedLoss, TrainingFault, TrainingProblem } from './problem.ts';
import type { Optimiser, OptimiserSettings } from './optimisers.ts';

export interface StepProgram {
  readonly ok: true;
  /** Several steps: columns, numbers and losses have a port for each, parameters and what is kept of them one. */
  readonly program: Program;
  /** Where nothing of a parameter is in the losses, it stays as it is, and has no port. */
  readonly learned: readonly number[];
}

export const columnPort = (column: number): string => `x${column}`;
export const parameterPort = (parameter: number): string => `p${parameter}`;
export const keptPort = (parameter: number, kept: number): string => `p${parameter}.${kept}`;
export const nextPort = (port: string): string => `${port}'`;
export const lossPort = 'loss';

const f32 = (dims: readonly number[]): TensorInfo => ({ dtype: 'f32', dims: dims.map(intDim) });

/** The losses of `batch` rows, and their derivatives by what is learned, as a program to go on with. */
function derive(problem: TrainingProblem, batch: number) {
  const columns = problem.columns.map(({ value, dims }, i): TypedPort => ({ name: columnPort(i), value, type: f32([batch, ...dims]) }));
  const parameters = problem.parameters.map(({ value, dims }, i): TypedPort => ({ name: parameterPort(i), value, type: f32(dims) }));
  const builder = begin(problem, [...columns, ...parameters]);
  const loss = addLosses(problem, builder);
  const found = addGradients(builder, loss, problem.parameters.flatMap(({ value, frozen }) => (frozen === true ? [] : [value])));
  return found.ok ? { ok: true as const, columns, parameters, builder, loss, gradients: found.gradients } : found;
}

/** `turns` steps of `batch` rows each. */
export function stepProgram(problem: TrainingProblem, batch: number, turns: number, optimiser: Optimiser, settings: OptimiserSettings): StepProgram | TrainingFault {
  const derived = derive(problem, batch);
  if (!derived.ok) return derived;
  const { columns, parameters, builder, loss, gradients } = derived;
  const { location } = problem.losses[0]!;
  const to = builder.emitter(location);
  const scalars = Object.keys(optimiser.scalars(1, 0, settings));
  const ports: TypedPort[] = scalars.map((name) => ({ name, value: `step/${name}`, type: f32([]) }));
  const outputs: TypedPort[] = [{ name: lossPort, value: loss, type: f32([]) }];
  const carried = new Map<string, string>();
  const learned: number[] = [];
  for (const [i, { value, dims }] of problem.parameters.entries()) {
    const gradient = gradients.get(value);
    if (gradient === undefined) continue;
    learned.push(i);
    const type = f32(dims);
    const kept = optimiser.keeps.map((_, k): TypedPort => ({ name: keptPort(i, k), value: `kept/${i}/${k}`, type }));
    const next = optimiser.update({ parameter: value, gradient, kept: kept.map((port) => port.value), scalar: (name) => `step/${name}`, decays: dims.length > 1 }, notation(to, 'f32'), settings);
    ports.push(parameters[i]!, ...kept);
    outputs.push(...[next.parameter, ...next.kept].map((made, k): TypedPort => ({ name: nextPort(k === 0 ? parameterPort(i) : keptPort(i, k - 1)), value: made, type })));
    for (const port of [parameterPort(i), ...kept.map(({ name }) => name)]) carried.set(nextPort(port), port);
  }
  const still = parameters.filter((_, i) => !learned.includes(i));
  const step = sound(builder.program({ inputs: [...columns, ...ports, ...still], outputs }));
  return { ok: true, program: repeatProgram(step, turns, carried, new Set(still.map(({ name }) => name))), learned };
}

export interface GradientProgram {
  readonly ok: true;
  readonly program: Program;
  /** As of a step. */
  readonly learned: readonly number[];
}

export const gradientPort = (parameter: number): string => `d${parameter}`;

/** The losses of `batch` rows, and their derivatives by what is learned. */
export function gradientProgram(problem: TrainingProblem, batch: number): GradientProgram | TrainingFault {
  const derived = derive(problem, batch);
  if (!derived.ok) return derived;
  const { columns, parameters, builder, loss, gradients } = derived;
  const learned = [...problem.parameters.keys()].filter((i) => gradients.has(problem.parameters[i]!.value));
  const outputs = learned.map((i): TypedPort => ({ name: gradientPort(i), value: gradients.get(problem.parameters[i]!.value)!, type: f32(problem.parameters[i]!.dims) }));
  return { ok: true, program: sound(builder.program({ inputs: [...columns, ...parameters], outputs: [{ name: lossPort, value: loss, type: f32([]) }, ...outputs] })), learned };
}

/** The losses of any number of rows, and the operands that are asked for. */
export function lossProgram(problem: TrainingProblem, watched: readonly string[]): Program {
  const rows = symbolDim({ key: 'rows', name: 'rows', kind: 'rigid' });
  const columns = problem.columns.map(({ value, dims }, i): TypedPort => ({ name: columnPort(i), value, type: { dtype: 'f32', dims: [rows, ...dims.map(intDim)] } }));
  const parameters = problem.parameters.map(({ value, dims }, i): TypedPort => ({ name: parameterPort(i), value, type: f32(dims) }));
  const builder = begin(problem, [...columns, ...parameters]);
  const loss = addLosses(problem, builder);
  const outputs = watched.map((value): TypedPort => ({ name: value, value, type: { dtype: 'f32', dims: undefined } }));
  return sound(builder.program({ inputs: [...columns, ...parameters], outputs: [{ name: lossPort, value: loss, type: f32([]) }, ...outputs] }));
}

function begin({ program }: TrainingProblem, inputs: readonly TypedPort[]): ProgramBuilder {
  const given = extendProgram(program, 'given').program({ inputs, outputs: [] });
  return extendProgram(given, 'training');
}

/** The weighted sum of the losses: the value of it. */
function addLosses({ losses, parameters }: TrainingProblem, builder: ProgramBuilder): string {
  const matrices = parameters.filter(({ dims }) => dims.length === 2);
  const terms = losses.map((loss) => addLoss(loss, matrices, builder));
  const { add } = notation(builder.emitter(losses[0]!.location), 'f32');
  return terms.reduce((sum, term) => add(sum, term));
}

function addLoss({ name, weight, options, operands, clusters, location }: TrainedLoss, matrices: LossCall['matrices'], builder: ProgramBuilder): string {
  const to = builder.emitter(location);
  const makerOf = (value: string): Operation | undefined => builder.steps.find((step): step is Operation => step.kind === 'operation' && step.outputs.includes(value));
  const value = emitLoss(name, { operands, options, to, makerOf, clusters, matrices });
  if (value === undefined) throw new RangeError(`there is no loss ${name}`);
  return weight === 1 ? value : notation(to, 'f32').mul(value, weight);
}

function sound(program: Program): Program {
  const faults = verify(program);
  if (faults.length > 0) throw new Error(`the training step of ${program.name} is malformed: ${faults.join('; ')}`);
  return program;
}
