/** A fit as a problem to be learned by gradient: what is frozen is run once, and what depends on the weights becomes a program with holes. */
import { sharedClusters, type GivenValue, type LossOperand, type TrainedColumn, type TrainedLoss, type TrainingProblem } from '../../align/index.ts';
import type { OwnedParameter } from '../../check/model.ts';
import type { Initializer } from '../../check/parts/initializers.ts';
import type { CheckedFit, ColumnTerm, Term, WeightedLoss } from '../../check/tools/index.ts';
import type { LoweredTerms, NamedValue } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { dependents } from '../../ir/gradient/reverse.ts';
import { inferProgram } from '../../ir/infer/program.ts';
import { cutProgram } from '../../ir/passes/cut.ts';
import { inlineLink } from '../../ir/passes/inline-link.ts';
import type { Link, Operation, Program } from '../../ir/program.ts';
import { constantOf } from '../../types/dim.ts';
import type { Axis, TensorType } from '../../types/type.ts';
import { showTensor } from '../../types/show.ts';
import { numberRowsOf, type Tables } from '../data/columns.ts';
import { refuse, valueOf } from '../errors.ts';
import { wholeOf, type FeatureRows } from '../data/feature-rows.ts';
import { featureRowsOf, oneVector, spoken } from '../data/features.ts';
import { keptWhole, requireMemory } from '../memory.ts';
import { initialWeights } from './initial-weights.ts';
import { keptWeights, type KeptWeights } from './kept-weights.ts';
import { classTarget, labelTarget } from '../data/targets.ts';
import type { Workbench } from '../workbench.ts';

export interface FitProblem {
  readonly problem: TrainingProblem;
  readonly lowered: LoweredTerms;
}

export async function problemOf(fit: CheckedFit, tables: Tables, bench: Workbench): Promise<FitProblem> {
  const lowered = lowerLosses(fit, bench);
  const kept = keptWeights(fit.weights, fit.weights.parameters.filter(({ path }) => fit.frozen.has(path)), bench.host);
  const parameters = fit.weights.parameters.map((parameter): GivenValue => {
    if (parameter.dtype !== 'f32') refuse(toolkitCodes.finding('fit-form', { name: fit.target.name, why: `its parameter \`${parameter.path}\` is ${parameter.dtype}, and weights are fitted as f32` }), fit.location);
    return { value: `${fit.target.name}/${parameter.path}`, dims: parameter.dims, data: kept.weights.get(parameter.path) ?? initialWeights(parameter, fit.seed) };
  });
  const unknown = fit.weights.parameters.find(({ path, init }) => fit.frozen.has(path) && !kept.weights.has(path) && !isCertain(init));
  if (unknown !== undefined) refuse(toolkitCodes.finding('fit-form', { name: fit.target.name, why: whyRandom(unknown, kept, fit, bench) }, ['Fit once without `freeze`: the file that is written then is what a frozen layer keeps.']), fit.location);
  const learned = parameters.map(({ value }) => value);
  const program = withoutLinksBehind(lowered.model.program, learned, bench);
  const known = typesIn(program);
  const operands = program.outputs.map((port) => port.value);
  const frontier = frontierOf(program, dependents(program, learned), operands, known).map((value) => ({ name: value, value, type: known(value) }));
  const rows = rowsOf(fit, lowered, tables);
  const features = await featureRowsOf({ lowered, outputs: frontier, tables, rows, words: `the data of fit ${fit.target.name}`, location: fit.location }, bench);
  const columns = features.map((vectors, i) => columnOf(vectors, frontier[i]!.value, exampleDims(frontier[i]!, fit), fit, bench));
  const losses: TrainedLoss[] = [];
  for (const [i, loss] of fit.loss.entries()) {
    const operandOf = ([name, term]: [string, Term]): LossOperand => {
      if (term.kind === 'column') return addTarget(`${i}.${name}`, loss, term, columns, { fit, tables, bench });
      const value = program.outputs.find((port) => port.name === `${i}.${name}`)!.value;
      return { value, rank: known(value).shape.axes.length };
    };
    const made = { name: loss.name, weight: loss.weight, options: loss.options, operands: [...loss.inputs].map(operandOf), location: loss.location };
    losses.push(loss.name === 'clusters' ? await withClusters(made, `${i}.shares`, columns, fit, rows, bench) : made);
  }
  const inputs = [...columns, ...parameters].map(({ value }) => ({ name: value, value }));
  const given = new Set(inputs.map(({ value }) => value));
  const outputs = [...new Set(operands)].filter((value) => !given.has(value)).map((value) => ({ name: value, value }));
  return { lowered, problem: { program: cutProgram(program, inputs, outputs), rows, columns, parameters, losses } };
}

/** The program with files as operations, where they lie behind what is learned. */
function withoutLinksBehind(whole: Program, learned: readonly string[], { converted, host }: Workbench): Program {
  const active = dependents(whole, learned);
  const links = whole.steps.filter((step): step is Link => step.kind === 'link' && [...step.outputs.values()].some((value) => active.has(value)));
  return links.reduce((program, link) => {
    const model = valueOf(converted(link, program.opsets), link.origin);
    const inlined = inlineLink(program, link, model, host.display(link.model.uri));
    if (!inlined.ok) return refuse(toolkitCodes.finding('fit-gradient', { op: inlined.op, why: inlined.why }), link.origin);
    return inlined.program;
  }, whole);
}

/** Whether a parameter begins as more than noise. */
const isCertain = (init: Initializer | undefined): boolean => init?.kind === 'constant' || init?.kind === 'identity';

/** All operands of the losses that are computed, by the number of the loss and the name of the operand. */
function lowerLosses(fit: CheckedFit, { lowerTerms }: Workbench): LoweredTerms {
  const outputs = new Map(fit.loss.flatMap(({ inputs }, i) => [...inputs].flatMap(([name, term]): [string, Term][] => (term.kind === 'column' ? [] : [[`${i}.${name}`, term]]))));
  const lowered = lowerTerms({ tool: fit, name: fit.target.name, outputs, unfitted: fit.target });
  return typeof lowered === 'string' ? refuse(toolkitCodes.finding('tool-open', { tool: `\`fit ${fit.target.name}\``, why: lowered }), fit.location) : lowered;
}

const rowsOf = ({ loss }: CheckedFit, { columns }: LoweredTerms, tables: Tables): number => {
  const column = [...columns.values()][0] ?? [...loss[0]!.inputs.values()].find((term): term is ColumnTerm => term.kind === 'column');
  return tables.get(column!.data)!.rows;
};

/** Why a layer that is frozen has no weights to keep. */
function whyRandom({ path, dims, transposed }: OwnedParameter, { others }: KeptWeights, { weights }: CheckedFit, { host }: Workbench): string {
  const other = others.get(path);
  const wanted = `f32[${(transposed ? dims.toReversed() : dims).join(', ')}]`;
  return `\`${path}\` is frozen, and ${other === undefined ? `${host.stat(weights.uri) === undefined ? 'no file' : `nothing in ${host.display(weights.uri)}`} says what it is` : `${host.display(weights.uri)} has it as ${other}, where the part has ${wanted}`}: it would be random`;
}

// ---------------------------------------------------------------- what is frozen

/**
 * The values between what is frozen and what is learned: floating-point ones that the data decide and the parameters do not, and
 * that something which depends on the parameters reads. What is made of such a value on the way is left to the program where it
 * is no floating-point number itself, as sizes and masks are.
 */
function frontierOf(program: Program, learned: ReadonlySet<string>, operands: readonly string[], known: (value: string) => TensorType): readonly string[] {
  const fromData = dependents(program, program.inputs.map((port) => port.value));
  const makers = new Map(program.steps.flatMap((step): [string, Operation][] => (step.kind === 'operation' ? step.outputs.map((value) => [value, step]) : [])));
  const found = new Set<string>();
  const visited = new Set<string>();
  const take = (value: string): void => {
    if (visited.has(value) || learned.has(value) || !fromData.has(value)) return;
    visited.add(value);
    const maker = makers.get(value);
    if (maker === undefined || known(value).dtype === 'f32') found.add(value);
    else maker.inputs.forEach(take);
  };
  for (const step of program.steps) if (step.kind === 'operation' && step.outputs.some((value) => learned.has(value))) step.inputs.forEach(take);
  operands.forEach(take);
  return [...found];
}

/** The types of the values of a program, as far as they are known. */
function typesIn(program: Program): (value: string) => TensorType {
  const { scope } = inferProgram(program);
  return (value) => {
    const { dtype, dims } = scope.entries.get(value)?.known ?? {};
    return { kind: 'tensor', dtype: dtype ?? 'f32', shape: { axes: (dims ?? []).map((size) => ({ size })) }, facts: [], evidence: 'proved' };
  };
}

/** The sizes of one example. */
function exampleDims({ name, type }: NamedValue, { location }: CheckedFit): readonly number[] {
  const sizes = type.shape.axes.slice(1).map(({ size }) => constantOf(size));
  return sizes.every((size) => size !== undefined) ? sizes : refuse(toolkitCodes.finding('features-shape', { of: spoken(name), found: showTensor(type) }, [oneVector]), location);
}

/** In memory where they are few, and otherwise read for each step. Rows that are texts of numbers would have to be read anew for each one of them. */
function columnOf(vectors: FeatureRows, value: string, dims: readonly number[], { target, location }: CheckedFit, { memory }: Workbench): TrainedColumn {
  const { rows, columns, pick } = vectors;
  if (vectors.isHeld !== true && 4 * rows * columns > keptWhole(memory)) {
    if (pick !== undefined) return { value, dims, pick };
    requireMemory({ what: `what \`${target.name}\` is learned from`, rows, columns, times: 1, notes: ['Vectors in .npy files are read as they are asked for: save the column as one, `numpy.save("pairs.x.npy", x.astype("float32"))`.'] }, memory, location);
  }
  return { value, dims, data: wholeOf(vectors).data };
}

// ---------------------------------------------------------------- what is aimed at

interface Aim {
  readonly fit: CheckedFit;
  readonly tables: Tables;
  readonly bench: Workbench;
}

/** A column of the data, in the form that the loss takes it in. */
function addTarget(value: string, loss: WeightedLoss, term: ColumnTerm, columns: TrainedColumn[], aim: Aim): LossOperand {
  const prediction = [...loss.inputs.values()].find((other) => other !== term)?.type;
  const axes = prediction?.kind === 'tensor' ? prediction.shape.axes : [];
  const rank = Math.max(1, axes.length);
  columns.push(targetOf(loss, term, axes.at(-1), { value, rank, ...aim }));
  return { value, rank };
}

function targetOf({ name, options, location }: WeightedLoss, term: ColumnTerm, axis: Axis | undefined, { value, rank, fit, tables, bench }: Aim & LossOperand): TrainedColumn {
  const dimsOf = (width: number): readonly number[] => (rank === 1 ? [] : [width]);
  if (name !== 'cross_entropy' && name !== 'binary_cross_entropy') {
    const vectors = numberRowsOf(term, tables);
    const wanted = rank === 1 ? 1 : axis && constantOf(axis.size);
    if (wanted !== undefined && wanted !== vectors.columns) refuse(toolkitCodes.finding('data-value', { file: tables.get(term.data)!.name, column: term.column, row: 1, needs: `${wanted === 1 ? 'a number' : `${wanted} numbers`}, as many as \`${name}\` compares it with`, found: String(vectors.columns) }), term.location);
    return columnOf(vectors, value, dimsOf(vectors.columns), fit, bench);
  }
  const names = axis?.classes?.values;
  const count = names?.length ?? (axis && constantOf(axis.size));
  if (count === undefined) return refuse(toolkitCodes.finding('tool-open', { tool: `\`${name}\``, why: 'how many classes there are is not known' }), location);
  const classes = { count, ...(names === undefined ? {} : { names }) };
  const { width, data } = name === 'binary_cross_entropy' ? labelTarget(term, classes, tables) : classTarget(term, classes, { smoothing: Number(options.get('label_smoothing') ?? 0), balanced: options.get('class_weight') === 'balanced' }, tables);
  return { value, dims: dimsOf(width), data };
}

/** The clusters of what is aimed at, which has to stay where it is. */
async function withClusters(loss: TrainedLoss, value: string, columns: TrainedColumn[], fit: CheckedFit, rows: number, { kernels, memory }: Workbench): Promise<TrainedLoss> {
  const [x, y] = loss.operands as [LossOperand, LossOperand];
  const target = columns.find((column) => column.value === y.value);
  if (target?.dims.length !== 1) return refuse(toolkitCodes.finding('fit-form', { name: fit.target.name, why: 'the clusters are those of vectors that do not depend on it' }), loss.location);
  const number = (option: string): number => Number(loss.options.get(option));
  const width = target.dims[0]!;
  if (!('data' in target)) requireMemory({ what: 'the clusters of `clusters`', rows, columns: width, times: 2, notes: ['Clusters are found among all rows at once.'] }, memory, loss.location);
  const data = 'data' in target ? target.data : target.pick(Uint32Array.from({ length: rows }, (_, row) => row));
  const { clusters, shares } = await sharedClusters(kernels, { rows, columns: width, data }, number('k'), number('temperature'), fit.seed);
  columns.push({ value, dims: [shares.columns], data: shares.data });
  return { ...loss, clusters, operands: [x, { value, rank: 2 }] };
}
