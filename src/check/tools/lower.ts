/** Terms of a tool as a program: what `fit`, `verify` and `probe` run on their data. */
import { cutProgram } from '../../ir/passes/cut.ts';
import type { Port } from '../../ir/program.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ModelDecl } from '../../syntax/ast.ts';
import type { Fact } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Callable, Checker } from '../context.ts';
import type { Draft } from '../programs/draft.ts';
import { followFrom, type Deep, type Sink } from '../env.ts';
import { areGiven, settleDemands } from '../types/size-facts.ts';
import { backbonesOf } from '../files/cards.ts';
import { assemble, createDraft, programSink } from '../programs/lower.ts';
import { filesOf, tokenizersOf } from '../files/model-files.ts';
import type { CheckedModel, CheckedPort } from '../model.ts';
import { signatureOf } from '../parts/part.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { tensorsOf } from '../parts/signature.ts';
import { fieldOf, type Value } from '../expressions/values.ts';
import type { CallTerm, CheckedTap, CheckedTool, ColumnTerm, Term } from './model.ts';
import { toolScope } from './scope.ts';
import { modelCalls, modelValue, valueOfTerm, type Lowering } from './term-values.ts';
import { calledBy } from './terms.ts';
import { waitsFor } from '../parts/unfitted.ts';

export interface TermRequest {
  readonly tool: Exclude<CheckedTool, { kind: 'budget' }>;
  /** Of the program, for files and messages. */
  readonly name: string;
  /** A record becomes an output for each of its fields, `NAME.FIELD`. */
  readonly outputs: ReadonlyMap<string, Term>;
  /** Parts whose calls are told. */
  readonly watched?: (symbol: Symbol) => boolean;
  /** Fields of what backbones give that become outputs, too, wherever an output's term calls one: `OUTPUT.FIELD`. */
  readonly tapped?: readonly CheckedTap[];
  /** Parts that others stand in for. */
  readonly swaps?: ReadonlyMap<Symbol, Symbol<Callable>>;
  /** Models that stay as they are, and of whose calls nothing is told. */
  readonly untouched?: ReadonlySet<Symbol>;
  /** A part whose weights are yet to be learned: zeros stand for them. */
  readonly unfitted?: Symbol;
}

/** A tensor of the program. */
export interface NamedValue {
  readonly name: string;
  readonly type: TensorType;
  readonly value: string;
}

/** A call of a watched part: equal calls are one. */
export interface WatchedCall {
  readonly symbol: Symbol;
  /** Those that are one tensor. */
  readonly inputs: readonly NamedValue[];
  readonly result: NamedValue | undefined;
}

export interface LoweredTerms {
  readonly model: CheckedModel;
  /** The columns that the inputs of the model take, by their names. */
  readonly columns: ReadonlyMap<string, ColumnTerm>;
  readonly calls: readonly WatchedCall[];
}

/** A clause that says why, where they cannot become a program. */
export type LowerTerms = (request: TermRequest) => LoweredTerms | string;

export function lowerTerms({ tool, name, outputs, watched = () => false, tapped = [], swaps, untouched, unfitted }: TermRequest, checker: Checker): LoweredTerms | string {
  const reached = reachedBy(outputs.values(), swaps, checker);
  const waiting = checker.weights.find(({ owner, present }) => !present && owner !== unfitted && reached.includes(owner));
  if (waiting !== undefined) return waitsFor(waiting, checker);
  const module = checker.modules.scopes.get(tool.uri)!;
  const scope = toolScope(tool.declaration, name, module, checker, () => {});
  const draft = createDraft(scope.symbol, checker, unfitted);
  const seen: SeenCall[] = [];
  const watch: Deep['watch'] = (symbol, inputs, answer) => {
    seen.push({ symbol, inputs, answer });
  };
  const sink = programSink(draft);
  // What depends on a file's own choice is not tested here.
  const demand: Sink['demand'] = (size) => sink.demand(size) || true;
  const deep: Deep = { ...followFrom(scope.symbol, { ...sink, demand }, undefined), watch, swaps };
  const lowering: Lowering = { checker, draft, env: { ...scope.env, deep }, untouched, ports: new Map(), columns: new Map(), places: new Map(), models: new Map() };
  const made: (CheckedPort & { readonly value: Value })[] = [];
  // Their inputs keep their names, and parts read those.
  const below = new Map<CallTerm, readonly SeenCall[]>();
  for (const call of [...outputs.values()].flatMap(modelCalls)) {
    const before = seen.length;
    modelValue(call.callee as Symbol<ModelDecl>, call, lowering);
    if (!below.has(call)) below.set(call, seen.slice(before));
  }
  for (const [output, term] of outputs) {
    const before = seen.length;
    const value = valueOfTerm(term, lowering);
    made.push(...tapsOf(output, [...modelCalls(term).flatMap((call) => below.get(call)!), ...seen.slice(before)], tapped));
    if (value.kind === 'record' && value.refs !== undefined) {
      for (const [field, ref] of value.refs) made.push({ name: `${output}.${field}`, type: value.type.fields.get(field)!, value: { kind: 'tensor', type: value.type.fields.get(field)!, ref } });
      continue;
    }
    if (value.kind !== 'tensor' || value.ref === undefined) return `the type of \`${output}\` depends on what the data hold, or it is carried from run to run`;
    made.push({ name: output, type: value.type, value });
  }
  const inputs = [...lowering.ports.values()].map((port) => ({ ...port, type: retokenized(port.type, swaps, lowering) }));
  const demands = demandsOf(draft, inputs);
  if (typeof demands === 'string') return demands;
  const { program, nameOf } = assemble(draft, { name }, inputs, made, new Set([...inputs, ...made].map((port) => port.name)));
  const tokenizers = tokenizersOf(inputs.map((port) => port.type), checker);
  const model: CheckedModel = {
    name,
    uri: tool.uri,
    location: tool.location,
    inputs,
    outputs: made.map((port) => ({ name: port.name, type: port.type })),
    states: [],
    backbones: backbonesOf(reached, checker),
    guards: [],
    needlessGuards: [],
    parts: new Map(),
    budget: [],
    joints: [],
    demands,
    places: { tensors: [], left: 0 },
    program,
    files: filesOf(program, tokenizers),
    tokenizers,
  };
  return { model, columns: lowering.columns, calls: distinct(seen.filter(({ symbol }) => watched(symbol)).map((call) => watchedCall(call, nameOf))) };
}

/** What operators need of the sizes of the inputs, which every run tests; a clause where that cannot be. */
function demandsOf({ demands, checker }: Draft, inputs: readonly CheckedPort[]): CheckedModel['demands'] | string {
  const { diagnostics } = checker;
  const before = diagnostics.length;
  const tested = settleDemands(demands, inputs, checker);
  const [refused] = diagnostics.splice(before);
  return tested ?? refused!.message;
}

/** A call as it was followed. */
interface SeenCall {
  readonly symbol: Symbol;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly answer: Value;
}

/** The tapped tensors of the calls that lie below an output; of several calls of one backbone each has a number. */
function tapsOf(output: string, calls: readonly SeenCall[], tapped: readonly CheckedTap[]): readonly (CheckedPort & { readonly value: Value })[] {
  return tapped.flatMap(({ backbone, tap }) => {
    const values = calls.flatMap(({ symbol, answer }) => (symbol === backbone && answer.kind === 'record' ? (fieldOf(answer, tap) ?? []) : []));
    const tensors = [...new Map(values.flatMap((value) => (value.kind === 'tensor' && value.ref !== undefined ? [[value.ref, value] as const] : []))).values()];
    return tensors.map((value, i) => ({ name: `${output}.${tap}${i === 0 ? '' : ` (${i + 1})`}`, type: value.type, value }));
  });
}

const reachedBy = (terms: Iterable<Term>, swaps: TermRequest['swaps'], checker: Checker): readonly Symbol[] => [
  ...new Set([...[...terms].flatMap(calledBy), ...(swaps?.values() ?? [])].flatMap((symbol) => reachedFrom(symbol, checker))),
];

/** The model that gives these tensors instead of its outputs; of its inputs those that they need. */
export function withOutputs(model: CheckedModel, outputs: readonly NamedValue[]): CheckedModel {
  const ports = outputs.map(({ name, value }): Port => ({ name, value }));
  const cut = cutProgram(model.program, model.program.inputs, ports);
  const read = new Set([...cut.outputs.map((port) => port.value), ...cut.steps.flatMap((step) => (step.kind === 'link' ? [...step.inputs.values()] : step.inputs))]);
  const isRead = ({ name, type }: CheckedPort): boolean => (type.kind === 'record' ? [...type.fields.keys()].some((field) => read.has(`${name}.${field}`)) : read.has(name));
  const inputs = model.inputs.filter(isRead);
  const kept = new Set(inputs.flatMap(({ name, type }) => (type.kind === 'record' ? [...type.fields.keys()].map((field) => `${name}.${field}`) : [name])));
  const program = { ...cut, inputs: cut.inputs.filter((port) => kept.has(port.name)) };
  const demands = model.demands.filter(({ fact }) => areGiven(fact, inputs.map(({ type }) => type)));
  return { ...model, inputs, demands, outputs: outputs.map(({ name, type }) => ({ name, type })), program, files: filesOf(program, model.tokenizers) };
}

// ---------------------------------------------------------------- watched calls

function watchedCall({ symbol, inputs, answer }: SeenCall, nameOf: (value: string) => string): WatchedCall {
  const named = (name: string, value: Value): NamedValue[] => (value.kind === 'tensor' && value.ref !== undefined ? [{ name, type: value.type, value: nameOf(value.ref) }] : []);
  return { symbol, inputs: [...inputs].flatMap(([name, value]) => named(name, value)), result: named('result', answer)[0] };
}

function distinct(calls: readonly WatchedCall[]): readonly WatchedCall[] {
  const keyOf = ({ symbol, result, inputs }: WatchedCall): string => JSON.stringify([symbol.module.uri, symbol.name, result?.value, inputs.map((i) => i.value)]);
  return [...new Map(calls.map((call) => [keyOf(call), call])).values()];
}

// ---------------------------------------------------------------- swaps

/** What a part takes that stands in for another may be cut into other tokens: the texts are then tokenised for it. */
function retokenized(type: Type, swaps: TermRequest['swaps'], { checker }: Lowering): Type {
  const tokenizers = new Map<string, Fact>();
  for (const [part, instead] of swaps ?? []) {
    const [expected, found] = [part as Symbol<Callable>, instead].map((symbol) => signatureOf(symbol, checker, at(symbol.module, symbol.declaration.name.span), () => {}));
    expected?.tensors.forEach((parameter, i) => {
      const [from, to] = [tokenizerOf(parameter.type), tokenizerOf(found?.tensors[i]?.type)];
      if (from !== undefined && to !== undefined) tokenizers.set(showStatement(from), to);
    });
  }
  const change = (tensor: TensorType): TensorType => ({ ...tensor, facts: tensor.facts.map((fact) => tokenizers.get(showStatement(fact)) ?? fact) });
  if (type.kind === 'tensor') return change(type);
  return type.kind === 'record' ? { ...type, fields: new Map([...type.fields].map(([name, tensor]) => [name, change(tensor)])) } : type;
}

const tokenizerOf = (type: Type | undefined): Fact | undefined => (type === undefined ? [] : tensorsOf(type)).flatMap(({ facts }) => facts).find((fact) => fact.kind === 'tokenizer');
