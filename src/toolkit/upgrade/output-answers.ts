/** What an output of a model says of an example: one class, several labels, or numbers. */
import type { CheckedModel } from '../../check/model.ts';
import type { Node } from '../../ir/graph.ts';
import type { Program } from '../../ir/program.ts';
import type { Expr, ModelDecl } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import type { Classes, TensorType } from '../../types/type.ts';

export interface Answer {
  readonly output: string;
  /**
   * class: one of its classes, by probabilities that add up to 1. labels: several at once, a likelihood for each. likelihoods: one or the other.
   * scores: of classes, the largest wins. numbers: a value itself.
   */
  readonly kind: 'class' | 'labels' | 'likelihoods' | 'scores' | 'numbers';
  /** Numbers that it gives of an example. */
  readonly count: number;
  readonly classes: Classes | undefined;
  /** What a column may be called that says what is right, as its output is, its head or its classes; the likelier first. */
  readonly names: readonly string[];
}

/** Undefined of what is no row of numbers for each example, and of vectors of a space. */
export function answerOfOutput(model: CheckedModel, { members }: ModelDecl, output: string): Answer | undefined {
  const type = model.outputs.find(({ name }) => name === output)?.type;
  if (type?.kind !== 'tensor' || type.shape.axes.length === 0 || type.facts.some(({ kind }) => kind === 'space')) return undefined;
  const sizes = type.shape.axes.slice(1).map(({ size }) => constantOf(size));
  if (!sizes.every((size) => size !== undefined)) return undefined;
  const classes = type.shape.axes.at(-1)?.classes;
  const head = members.flatMap((member) => (member.kind === 'ModelOutput' && member.name.text === output ? (calleeOf(member.value) ?? []) : []))[0];
  return {
    output,
    kind: sizes.length > 1 ? 'numbers' : kindOf(type, lastOperator(model.program, output)),
    count: sizes.reduce((product, size) => product * size, 1),
    classes,
    names: [output, ...(head === undefined ? [] : [head, head.replace(/_?head$/i, '')]), ...(classes === undefined ? [] : [classes.name])],
  };
}

/** What the types say, and the operator that it ends with where they do not. */
function kindOf({ facts, shape }: TensorType, op: string | undefined): Answer['kind'] {
  if (facts.some(({ kind }) => kind === 'sum') || op === 'Softmax') return 'class';
  if (op === 'Sigmoid') return 'labels';
  const isClassed = shape.axes.at(-1)?.classes !== undefined;
  const isLikelihood = facts.some((fact) => fact.kind === 'range' && fact.low >= 0 && fact.high <= 1);
  return isClassed ? (isLikelihood ? 'likelihoods' : 'scores') : 'numbers';
}

/** The part that an output is a call of. */
function calleeOf(value: Expr): string | undefined {
  if (value.kind === 'FieldExpr') return calleeOf(value.object);
  const callee = value.kind === 'PipeExpr' ? value.stage : value;
  return callee.kind === 'CallExpr' ? calleeOf(callee.callee) : callee.kind === 'NameExpr' ? callee.name.text : undefined;
}

/** What an output ends with, be it an operator of a foreign graph. */
function lastOperator({ outputs, steps }: Program, output: string): string | undefined {
  const value = outputs.find(({ name }) => name === output)?.value;
  const step = steps.find((one) => (one.kind === 'link' ? [...one.outputs.values()] : one.outputs).includes(value!));
  if (step?.kind !== 'link') return opOf(step);
  const inner = [...step.outputs].find(([, to]) => to === value)![0];
  return opOf(step.model.graph.nodes.find((node) => node.outputs.includes(inner)));
}

const opOf = (node: Node | undefined): string | undefined => (node?.domain === '' ? node.op : undefined);

/** Words for what a column has to hold. */
export function neededBy({ kind, count }: Answer): string {
  if (kind === 'numbers') return count === 1 ? 'a number in each row' : `${count} numbers in each row`;
  const several = `${count} numbers 0 or 1 in each row, or a list of names of its labels`;
  const one = 'the class of each row, its name or its number';
  if (count === 1) return '0 or 1 in each row';
  return kind === 'labels' ? several : kind === 'likelihoods' ? `${one}, or ${several}` : one;
}
