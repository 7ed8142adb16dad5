/** Terms of a tool as values of one program: columns become its inputs, and parts and models that are called its operators. */
import type { Symbol } from '../../names/modules.ts';
import type { ModelDecl, Name } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import { fieldsUnder } from '../../types/fields.ts';
import { showStatement, showType } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import { callPart, type Argument } from '../expressions/call.ts';
import { evaluateModel, modelEnv } from '../models/check-model.ts';
import type { Callable, Checker } from '../context.ts';
import { isKind } from '../types/declarations.ts';
import type { Draft } from '../programs/draft.ts';
import { unique } from '../programs/draft.ts';
import type { Env } from '../env.ts';
import type { CheckedPort } from '../model.ts';
import { signatureOf } from '../parts/part.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import { fieldOf, unknownValue, type Value } from '../expressions/values.ts';
import type { CallTerm, ColumnTerm, Term } from './model.ts';
import { columnValue } from './terms.ts';

/** What one lowering puts together. */
export interface Lowering {
  readonly checker: Checker;
  readonly draft: Draft;
  readonly env: Env;
  /** Models in which no other part stands in. */
  readonly untouched?: ReadonlySet<Symbol> | undefined;
  readonly ports: Map<string, CheckedPort>;
  readonly columns: Map<string, ColumnTerm>;
  /** By column and type, so that two parts share what they read alike. */
  readonly places: Map<string, Value>;
  readonly models: Map<CallTerm, Value>;
}

/** A term as a value of the program; unknown where it has none. */
export function valueOfTerm(term: Term, lowering: Lowering): Value {
  if (term.kind === 'column') return unknownValue;
  if (term.kind === 'field') {
    const of = valueOfTerm(term.of, lowering);
    return of.kind === 'record' ? (fieldOf(of, term.field) ?? unknownValue) : unknownValue;
  }
  const { callee } = term;
  return isKind(callee, 'ModelDecl') ? modelValue(callee, term, lowering) : partValue(callee as Symbol<Callable>, term, lowering);
}

function partValue(callee: Symbol<Callable>, term: CallTerm, lowering: Lowering): Value {
  const { checker, env } = lowering;
  const { span } = term.location;
  const signature = signatureOf(callee, checker, term.location, () => {});
  if (signature === undefined) return unknownValue;
  const named = (text: string): Name => ({ kind: 'Name', span, text });
  const expr = { kind: 'MissingExpr', span } as const;
  const tensors = [...term.inputs].map(([name, input]): Argument => ({ name: named(name), expr, value: argumentValue(signature, name, input, lowering), trusted: true }));
  const statics = [...term.statics].map(([name, value]): Argument => ({ name: named(name), expr, value }));
  return callPart(signature, [...tensors, ...statics], span, env);
}

/** The calls of models in a term. */
export function modelCalls(term: Term): readonly CallTerm[] {
  if (term.kind === 'column') return [];
  if (term.kind === 'field') return modelCalls(term.of);
  return isKind(term.callee, 'ModelDecl') ? [term] : [...term.inputs.values()].flatMap(modelCalls);
}

function argumentValue(signature: Signature, name: string, term: Term, lowering: Lowering): Value {
  const parameter = signature.tensors.find((tensor) => tensor.name === name);
  return term.kind === 'column' && parameter !== undefined ? place(term, parameter.type, lowering) : valueOfTerm(term, lowering);
}

const placeKey = (column: ColumnTerm, type: Type): string => JSON.stringify([column.data.uri, column.column, showType(type), tensorsOf(type).map(({ facts }) => facts.map(showStatement))]);

/** What a column gives, as a tensor of the program. */
function columnAt(column: ColumnTerm, type: Type, name: string): Value {
  const value = columnValue(column, type, name);
  return value.kind === 'tensor' ? { ...value, ref: name } : value;
}

/** The input of the program that a column is read through. */
function place(column: ColumnTerm, type: Type, { places, ports, columns, draft }: Lowering): Value {
  const key = placeKey(column, type);
  const known = places.get(key);
  if (known !== undefined) return known;
  const name = unique(column.column, draft).replace('#', '_');
  const value = columnValue(column, type, name);
  if (value.kind !== 'tensor' && value.kind !== 'record') return unknownValue;
  const placed: Value = value.kind === 'tensor' ? { ...value, ref: name } : { ...value, refs: new Map([...value.type.fields.keys()].map((field) => [field, `${name}.${field}`])) };
  for (const ref of placed.kind === 'record' ? placed.refs!.values() : []) draft.names.add(ref);
  places.set(key, placed);
  draft.given.push(value.type);
  ports.set(name, { name, type: value.type });
  columns.set(name, column);
  return placed;
}

const deepIn = (callee: Symbol<ModelDecl>, { env: { deep }, untouched }: Lowering): Env['deep'] => (deep !== undefined && untouched?.has(callee) === true ? { ...deep, swaps: undefined, watch: undefined } : deep);

/** A model's outputs as a record; its inputs are inputs of the program. */
export function modelValue(callee: Symbol<ModelDecl>, term: CallTerm, lowering: Lowering): Value {
  const known = lowering.models.get(term);
  if (known !== undefined) return known;
  const { checker, columns } = lowering;
  const { inputs } = evaluateModel(callee, modelEnv(callee, checker, () => {}, undefined, undefined), () => undefined);
  const names = new Map(inputs.map((port) => [port.name, portFor(port, term, lowering)] as const));
  const values = evaluateModel(callee, modelEnv(callee, checker, () => {}, undefined, deepIn(callee, lowering)), (port) => renamed(port, names, lowering));
  if (values.states.length > 0) return unknownValue;
  for (const port of values.inputs) {
    const column = term.inputs.get(port.name);
    if (column?.kind !== 'column') return unknownValue;
    const name = names.get(port.name)!;
    if (columns.has(name)) continue;
    lowering.ports.set(name, { ...port, name });
    columns.set(name, column);
  }
  const fields = values.outputs.flatMap(({ name, value }): (readonly [string, TensorType])[] => (value.kind === 'tensor' ? [[name, value.type]] : value.kind === 'record' ? [...fieldsUnder(name, value.type.fields)] : []));
  const refs = values.outputs.flatMap(({ name, value }): (readonly [string, string])[] => (value.kind === 'record' ? [...fieldsUnder(name, value.refs ?? new Map())] : value.kind === 'tensor' && value.ref !== undefined ? [[name, value.ref]] : []));
  const record: Value = { kind: 'record', type: { kind: 'record', fields: new Map(fields) }, refs: new Map(refs) };
  lowering.models.set(term, record);
  return record;
}

/** The input of the program that is a model's input: another model may have one of its name that reads another column. */
function portFor({ name, type }: CheckedPort, term: CallTerm, { places, draft }: Lowering): string {
  const column = term.inputs.get(name);
  const key = column?.kind === 'column' && type.kind === 'tensor' && isOfRows(type) ? placeKey(column, type) : undefined;
  const shared = key === undefined ? undefined : places.get(key);
  if (shared?.kind === 'tensor' && shared.ref !== undefined) return shared.ref;
  const port = unique(name, draft).replace('#', '_');
  if (key !== undefined) places.set(key, columnAt(column as ColumnTerm, type, port));
  return port;
}

/** The name in the program of a model's input, or of a field of one that is a record. */
function renamed(port: string, names: ReadonlyMap<string, string>, { draft }: Lowering): string {
  const [own] = [...names.keys()].filter((name) => port === name || port.startsWith(`${name}.`)).toSorted((a, b) => b.length - a.length);
  const name = own === undefined ? port : `${names.get(own)!}${port.slice(own.length)}`;
  draft.names.add(name);
  return name;
}

/** Whether only how many examples there are is open: then whoever reads a column so reads the same tensor. */
const isOfRows = ({ shape }: TensorType): boolean => shape.rest === undefined && shape.axes.slice(1).every(({ size }) => constantOf(size) !== undefined);
