/**
 * What follows for a value from the nodes that it becomes: where the facts of single operators do not bear out a claim, the body is
 * lowered for itself, and asked as a foreign graph is. So patterns of several nodes are seen, and vectors that lie in a ball.
 */
import type { ForeignModel } from '../../ir/graph.ts';
import { tensorFacts, type ValueFacts } from '../../ir/infer/facts.ts';
import { inferProgram } from '../../ir/infer/program.ts';
import type { Program } from '../../ir/program.ts';
import { sizesIn, type AttributeValues } from '../../ops/operator.ts';
import { weakest } from '../../types/evidence.ts';
import type { Expr } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import type { Evidence, Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { ofValues, statementsOf, valueFacts } from '../files/file-facts.ts';
import { followFrom, type Deep, type Env, type Local, type Sink } from '../env.ts';
import { evaluateLet, evaluateStatements } from '../expressions/block.ts';
import { evaluate } from '../expressions/expr.ts';
import { implying } from '../../types/implies.ts';
import { fieldOf, valueOf, type Value } from '../expressions/values.ts';
import { commonFacts, instancesOf } from './instances.ts';
import { infoOf, unique, type Draft } from '../programs/draft.ts';
import { emitCalls } from '../programs/emission.ts';
import { createDraft, programSink } from '../programs/lower.ts';

/** New enough for every operator's own form. */
const opset = 23;

/** Facts of an expression of a body, or of a field of it, beyond those of its operators one by one; none where they do not follow for all who call it. */
export function followedFacts(expr: Expr, env: Env, field?: string): readonly Fact[] {
  if (env.deep !== undefined || env.inferring !== undefined || env.trace !== undefined) return [];
  const { checker } = env;
  const { diagnostics, unsettled } = checker;
  const found = diagnostics.length;
  const each = instancesOf(env).map((instance) => factsAt(expr, field, instance));
  // What this finds out about calls was found before, or is told when a model is made of them.
  diagnostics.length = found;
  checker.unsettled = unsettled;
  return commonFacts(each);
}

function factsAt(expr: Expr, field: string | undefined, env: Env): readonly Fact[] {
  const draft = createDraft(env.symbol, env.checker);
  const leaves = new Map<string, TensorType>();
  const whole = lowered(expr, env, leafSink(draft, leaves));
  const value = whole?.kind === 'record' && field !== undefined ? fieldOf(whole, field) : whole;
  return value?.kind === 'tensor' && value.ref !== undefined && isClosed(value.type) ? factsOf(value.ref, value.type, draft, leaves) : [];
}

/** The facts of single operators, and what the nodes together say beyond them. */
export function withFollowed(found: TensorType, followed: readonly Fact[]): readonly Fact[] {
  const more = followed.filter((fact) => implying(found, fact) === undefined);
  const range = more.find((fact) => fact.kind === 'range' && fact.rows === undefined);
  const own = found.facts.find((fact) => fact.kind === 'range' && fact.rows === undefined);
  if (range?.kind !== 'range' || own?.kind !== 'range') return [...found.facts, ...more];
  const both: Fact = { kind: 'range', low: Math.max(own.low, range.low), high: Math.min(own.high, range.high), evidence: weakest(own.evidence, range.evidence), ...(range.because === undefined ? {} : { because: range.because }) };
  return [...found.facts.filter((fact) => fact !== own), both, ...more.filter((fact) => fact !== range)];
}

/** Of one element type and one rank. */
const isClosed = ({ dtype, shape }: TensorType): boolean => typeof dtype === 'string' && shape.rest === undefined;

interface Leaves extends Sink {
  /** A tensor of which nothing is known but its type. */
  leaf(name: string, type: TensorType): string;
}

/** Into a draft, but for what only stands for itself: parameters, what files give, and operators whose sizes are open. */
function leafSink(draft: Draft, leaves: Map<string, TensorType>): Leaves {
  const sink = programSink(draft);
  const leaf = (wanted: string, type: TensorType): string => {
    const name = unique(wanted, draft);
    leaves.set(name, type);
    draft.types.set(name, infoOf(type));
    return name;
  };
  return {
    ...sink,
    // What stands for itself is another one in each body.
    templates: undefined,
    leaf,
    closed: (name, type) => named(name, valueOf(type), leaf),
    parameter: ({ path, type }) => leaf(path, { ...type, facts: [] }),
    link: (_, __, ___, outputs) => new Map([...outputs].map(([name, type]) => [name, leaf(name, type)])),
    operation: (operator, inputs, attributes, types, site) =>
      isWhole(attributes, [...types.inputs, types.output]) ? sink.operation(operator, inputs, attributes, types, site) : leaf(operator.name, types.output),
    constant: (values, type) => (type.facts.length === 0 ? leaf('constant', type) : sink.constant(values, type)),
    demand: () => true,
  };
}

/** Whether the nodes of a call are the same for all sizes, and all numbers that callers give. */
const isWhole = (attributes: AttributeValues, types: readonly TensorType[]): boolean =>
  types.every(isClosed) && [...attributes.values()].every((value) => !Number.isNaN(value) && sizesIn(value).every((size) => constantOf(size) !== undefined));

/** The value again, with the names of its tensors. */
function lowered(expr: Expr, env: Env, sink: Leaves): Value | undefined {
  const { declaration } = env.symbol;
  const isModel = declaration.kind === 'ModelDecl';
  const given = isModel ? declaration.members.filter((member) => member.kind === 'ModelInput' || member.kind === 'StateMember') : declaration.kind === 'PartDecl' ? declaration.params : [];
  const names = new Set(given.map(({ name }) => name.text));
  const locals = new Map([...env.locals].flatMap(([name, local]): [string, Local][] => (names.has(name) ? [[name, { ...local, value: named(name, local.value, sink.leaf) }]] : [])));
  const deep: Deep = followFrom(env.symbol, sink, isModel ? undefined : env.symbol);
  const inner: Env = { ...env, mixtures: undefined, report: () => {}, joints: undefined, deep, locals };
  if (isModel) {
    for (const member of declaration.members) if (member.kind === 'Let' && member.span.end <= expr.span.start) evaluateLet(member, inner);
    return evaluate(expr, inner);
  }
  if (declaration.kind !== 'PartDecl' || declaration.body === undefined) return undefined;
  evaluateStatements(declaration.body, inner, expr.span.start);
  return evaluate(expr, inner);
}

function named(name: string, value: Value, leaf: Leaves['leaf']): Value {
  if (value.kind === 'tensor') return { ...value, ref: leaf(name, value.type) };
  return value.kind === 'record' ? { ...value, refs: new Map([...value.type.fields].map(([field, type]) => [field, leaf(`${name}.${field}`, type)])) } : value;
}

function factsOf(ref: string, type: TensorType, draft: Draft, leaves: ReadonlyMap<string, TensorType>): readonly Fact[] {
  const { steps, nameOf } = emitCalls(draft, opset);
  const result = nameOf(ref);
  const nodes = steps.flatMap((step) => (step.kind === 'operation' ? [step] : []));
  const program: Program = { name: draft.symbol.name, inputs: [...leaves.keys()].map((name) => ({ name, value: name })), outputs: [], steps: nodes, initializers: draft.initializers, types: draft.types, opsets: new Map([['', opset]]) };
  const { scope } = inferProgram(program);
  const tensors = new Map([...scope.entries].map(([name, { known, evidence }]) => [name, { dtype: known.dtype, dims: known.dims, evidence }]));
  const graph = { name: program.name, inputs: [...leaves.keys()], outputs: [result], nodes, initializers: new Map(draft.initializers.map((tensor) => [tensor.name, tensor])), types: draft.types };
  const model: ForeignModel = { uri: '', size: 0, irVersion: 0, producer: '', opsets: program.opsets, graph, functions: [] };
  const given = new Map([...leaves].map(([name, leaf]): [string, ValueFacts] => [name, valueFacts(leaf)]));
  const { facts, isGiven, rule } = tensorFacts(model, { tensors, scope, rooms: [] }, { given })(result);
  const said = [...leaves.values()].flatMap((leaf) => leaf.facts.filter((fact) => ofValues.has(fact.kind)));
  const evidence: Evidence = isGiven ? weakest(...said.map((fact) => fact.evidence)) : 'proved';
  return statementsOf(facts, type).map((statement) => ({ ...statement, evidence, because: rule }));
}
