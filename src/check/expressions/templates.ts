/**
 * What following a body puts into a sink, kept apart from who called it: a body is followed once for equal arguments, and any
 * program that calls it so is given the same again, with its own values, sizes and places in them. Calls inside a template are
 * templates of their own, so that what is kept grows with the source and not with what the calls come to.
 */
import type { Symbol } from '../../names/modules.ts';
import type { AttributeValue, AttributeValues } from '../../ops/operator.ts';
import type { Location } from '../../text/source.ts';
import { sizeBindings, substituteSize, substituteTensor, type Bindings } from '../../types/bindings.ts';
import { bareSymbol, type Dim, type DimSymbol } from '../../types/dim.ts';
import type { TensorType } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { Entered, Guard, GuardCounts, Parameter, SealedCall, Sink } from '../env.ts';
import type { JointTensor } from '../joints/places.ts';
import type { Value } from './values.ts';

/** Who calls a body: what its nodes go into, what its parameters belong to, and where it is called. */
export interface Caller {
  readonly sink: Sink;
  readonly owner: Symbol | undefined;
  /** `let` names and callees from the owner down to the body. */
  readonly path: readonly string[];
  readonly below: Entered;
  readonly site: Location;
  /** The sizes that stand for those of whoever called it when it was followed. */
  readonly sizes: readonly Dim[];
}

/** A body that was followed. Its values have names of their own: arguments come first, by their places. */
export interface Template {
  readonly steps: readonly Step[];
  readonly value: Value;
  /** Where it was called when it was followed, and the sizes that belonged to that caller, in the order of their keys. */
  readonly site: Location;
  readonly sizes: readonly DimSymbol[];
  /** Whether parameters belong to what whoever calls it belongs to. */
  readonly leaves: boolean;
  /** Whether it tells of guards that nothing needs, which each place is told of. */
  readonly tells: boolean;
}

/** Does in a program what was done when the body was followed. */
export type Step = (put: Put) => void;

/** How a template's names, sizes and places are called in one program. */
interface Put {
  readonly caller: Caller;
  readonly names: Map<string, string>;
  name(local: string): string;
  size(size: Dim): Dim;
  type(type: TensorType): TensorType;
  site(site: Location): Location;
}

const argumentName = (place: number): string => `argument ${place}`;

/** The arguments as a template calls them: a value with the names of its tensors in the order of `places`. */
export function withPlaces(value: Value, places: string[]): Value {
  const place = (ref: string): string => argumentName(places.push(ref) - 1);
  if (value.kind === 'tensor') return value.ref === undefined ? value : { ...value, ref: place(value.ref) };
  if (value.kind !== 'record' || value.refs === undefined) return value;
  return { ...value, refs: new Map([...value.refs].map(([field, ref]) => [field, place(ref)])) };
}

export interface Recording {
  readonly sink: Sink;
  /** What was recorded. */
  readonly found: () => Pick<Template, 'steps' | 'leaves' | 'tells'>;
}

/** A sink that records steps instead of making nodes; `inherits` is whom the body's parameters belong to where it has no weights itself. */
export function recordSteps(outer: Sink, inherits: { readonly owner: Symbol | undefined } | undefined, checker: Checker): Recording {
  const steps: Step[] = [];
  let [leaves, tells] = [false, false];
  let count = 0;
  const fresh = (): string => `made ${count++}`;
  const made = (step: (local: string) => Step): string => {
    const local = fresh();
    steps.push(step(local));
    return local;
  };
  const isInherited = (owner: Symbol | undefined): boolean => inherits !== undefined && owner === inherits.owner;
  const sink: Sink = {
    ...outer,
    operation: (...call) => made((local) => operationStep(local, call)),
    ...(outer.sealed && { sealed: (call: SealedCall) => made((local) => sealedStep(local, call)) }),
    link: (...call) => {
      const names = new Map([...call[3].keys()].map((onnx) => [onnx, fresh()]));
      steps.push(linkStep(names, call));
      return names;
    },
    parameter: (parameter) => {
      const inherited = isInherited(parameter.owner);
      leaves ||= inherited;
      return made((local) => parameterStep(local, parameter, inherited));
    },
    constant: (...given) => made((local) => constantStep(local, given)),
    guard: (value, guard, counts) => {
      // What it says of sizes is a text, in the words of this caller.
      if (guard.fact.kind === 'shape') checker.unsettled++;
      return made((local) => guardStep(local, value, guard, counts));
    },
    // What is answered depends on the inputs of the model.
    demand: (demand) => {
      checker.unsettled++;
      return outer.demand(demand);
    },
    place: (tensor) => void steps.push(placeStep(tensor)),
    needless: (guard, evidence) => {
      tells = true;
      steps.push(needlessStep(guard, evidence));
    },
    body: (template, given, called) => {
      const names = new Map(refsOf(template.value).map((ref) => [ref, fresh()]));
      const inherited = isInherited(called.owner);
      leaves ||= inherited && template.leaves;
      tells ||= template.tells;
      steps.push(bodyStep(names, template, given, called, inherited));
      return (of) => names.get(of) ?? '';
    },
  };
  return { sink, found: () => ({ steps, leaves, tells }) };
}

// ---------------------------------------------------------------- steps

// A template may outlive the check that recorded it by hours: each step holds what it is told here, and nothing else.

type Told<K extends 'operation' | 'link' | 'constant' | 'needless'> = Parameters<Sink[K]>;

const operationStep = (local: string, [operator, inputs, attributes, { inputs: types, output, field }, site]: Told<'operation'>): Step => (put) => {
  const given = { inputs: types.map(put.type), output: put.type(output) };
  put.names.set(local, put.caller.sink.operation(operator, inputs.map(put.name), attributesIn(attributes, put), field === undefined ? given : { ...given, field }, put.site(site)));
};

const sealedStep = (local: string, { inputs, attributes, ...said }: SealedCall): Step => (put) =>
  void put.names.set(local, put.caller.sink.sealed!({ ...said, inputs: inputs.map(put.name), attributes: attributesIn(attributes, put) }));

const linkStep = (names: ReadonlyMap<string, string>, [callee, model, inputs, outputs, site]: Told<'link'>): Step => (put) => {
  const refs = put.caller.sink.link(callee, model, mapValues(inputs, put.name), mapValues(outputs, put.type), put.site(site));
  for (const [onnx, local] of names) put.names.set(local, refs.get(onnx) ?? '');
};

function parameterStep(local: string, { owner, path, type, init, location, site }: Parameter, isInherited: boolean): Step {
  const told = { owner: isInherited ? undefined : owner, path, type, location, site, ...(init === undefined ? {} : { init }) };
  return (put) => void put.names.set(local, put.caller.sink.parameter(parameterIn(told, isInherited, put)));
}

const constantStep = (local: string, [values, type]: Told<'constant'>): Step => (put) => void put.names.set(local, put.caller.sink.constant(values, type));

const guardStep = (local: string, value: string, guard: Guard, counts: GuardCounts | undefined): Step => (put) =>
  void put.names.set(local, put.caller.sink.guard(put.name(value), guardIn(guard, put), counts && { ...counts, ref: put.name(counts.ref) }));

const placeStep = ({ location, to, value, found, demanded }: JointTensor): Step => (put) =>
  put.caller.sink.place({ location: put.site(location), to, value: put.name(value), found: put.type(found), demanded: put.type(demanded) });

const needlessStep = (guard: Told<'needless'>[0], evidence: Told<'needless'>[1]): Step => (put) => put.caller.sink.needless(guardIn(guard, put), evidence);

/** A call inside a body: of a part that has weights, or of one whose parameters belong to what the body's belong to. */
function bodyStep(names: ReadonlyMap<string, string>, template: Template, given: readonly string[], { owner, path, site, sizes }: Omit<Caller, 'sink'>, isInherited: boolean): Step {
  const own = isInherited ? undefined : owner;
  return (put) => {
    const { caller } = put;
    const called = { owner: isInherited ? caller.owner : own, path: isInherited ? [...caller.path, ...path] : path, below: caller.below, site: put.site(site), sizes: sizes.map(put.size) };
    const nameOf = caller.sink.body(template, given.map(put.name), called);
    for (const [of, local] of names) put.names.set(local, nameOf(of));
  };
}

const guardIn = (guard: Guard, { site }: Put): Guard => ({ ...guard, location: site(guard.location) });

function parameterIn(parameter: Omit<Parameter, 'below'>, isInherited: boolean, { caller, type, site }: Put): Parameter {
  const here = { ...parameter, type: type(parameter.type), site: site(parameter.site), below: caller.below };
  return isInherited ? { ...here, owner: caller.owner, path: [...caller.path, parameter.path].join('.') } : here;
}

function attributesIn(attributes: AttributeValues, { size }: Put): AttributeValues {
  const put = (value: AttributeValue): AttributeValue => {
    if (isDim(value)) return size(value);
    return Array.isArray(value) && value.some(isDim) ? (value as readonly Dim[]).map(size) : value;
  };
  return [...attributes.values()].every((value) => typeof value !== 'object') ? attributes : mapValues(attributes, put);
}

// ---------------------------------------------------------------- putting

/** Puts templates into programs: what is the same whoever calls it is put once with the same arguments. */
export function templatesInto(sink: () => Sink): Sink['body'] {
  const before = new WeakMap<Template, Map<string, (local: string) => string>>();
  return (template, given, caller) => {
    const known = before.get(template) ?? new Map<string, (local: string) => string>();
    const key = given.join('\n');
    const isSame = !template.leaves && !template.tells;
    const result = (isSame ? known.get(key) : undefined) ?? putTemplate(template, given, { ...caller, sink: sink() });
    if (isSame) before.set(template, known.set(key, result));
    return result;
  };
}

/** Puts a template into the sink of its caller, with these values as its arguments; answers with what its own names are called there. */
function putTemplate(template: Template, given: readonly string[], caller: Caller): (local: string) => string {
  const names = new Map(given.map((ref, place) => [argumentName(place), ref]));
  const name = (local: string): string => names.get(local) ?? '';
  const bindings = otherSizes(template, caller);
  const put: Put = {
    caller,
    names,
    name,
    size: bindings === undefined ? (size) => size : (size) => substituteSize(size, bindings),
    type: bindings === undefined ? (type) => type : (type) => substituteTensor(type, bindings),
    site: (site) => (site === template.site ? caller.site : site),
  };
  for (const step of template.steps) step(put);
  return name;
}

/** What a template came to in the sink of its caller. */
export function valueIn(template: Template, caller: Pick<Caller, 'sizes'>, nameOf: (local: string) => string): Value {
  const bindings = otherSizes(template, caller);
  const typed = (type: TensorType): TensorType => (bindings === undefined ? type : substituteTensor(type, bindings));
  const { value } = template;
  if (value.kind === 'tensor') return value.ref === undefined ? { ...value, type: typed(value.type) } : { ...value, type: typed(value.type), ref: nameOf(value.ref) };
  if (value.kind !== 'record') return value;
  const type = bindings === undefined ? value.type : { ...value.type, fields: mapValues(value.type.fields, typed) };
  return value.refs === undefined ? { ...value, type } : { ...value, type, refs: mapValues(value.refs, nameOf) };
}

/** Sizes by which a template's differ here; undefined where they are called the same. */
function otherSizes({ sizes }: Template, caller: Pick<Caller, 'sizes'>): Bindings | undefined {
  const others = sizes.flatMap((symbol, i): [string, Dim][] => (bareSymbol(caller.sizes[i]!)?.key === symbol.key ? [] : [[symbol.key, caller.sizes[i]!]]));
  return others.length === 0 ? undefined : sizeBindings(new Map(others));
}

function refsOf(value: Value): readonly string[] {
  if (value.kind === 'tensor') return value.ref === undefined ? [] : [value.ref];
  return value.kind === 'record' ? [...(value.refs?.values() ?? [])] : [];
}

const mapValues = <T>(map: ReadonlyMap<string, T>, of: (value: T) => T): Map<string, T> => new Map([...map].map(([key, value]) => [key, of(value)]));

const isDim = (value: unknown): value is Dim => typeof value === 'object' && value !== null && 'terms' in value;
