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
import type { Entered, Guard, GuardCounts, Parameter, Sink } from '../env.ts';
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
  const made = (make: (put: Put) => string): string => {
    const local = fresh();
    steps.push((put) => void put.names.set(local, make(put)));
    return local;
  };
  const isInherited = (owner: Symbol | undefined): boolean => inherits !== undefined && owner === inherits.owner;
  const sink: Sink = {
    ...outer,
    operation: (operator, inputs, attributes, { inputs: types, output, field }, site) =>
      made((put) => {
        const given = { inputs: types.map(put.type), output: put.type(output) };
        return put.caller.sink.operation(operator, inputs.map(put.name), attributesIn(attributes, put), field === undefined ? given : { ...given, field }, put.site(site));
      }),
    link: (callee, model, inputs, outputs, site) => {
      const names = new Map([...outputs.keys()].map((onnx) => [onnx, fresh()]));
      steps.push((put) => {
        const refs = put.caller.sink.link(callee, model, mapValues(inputs, put.name), mapValues(outputs, put.type), put.site(site));
        for (const [onnx, local] of names) put.names.set(local, refs.get(onnx) ?? '');
      });
      return names;
    },
    parameter: (parameter) => {
      const inherited = isInherited(parameter.owner);
      leaves ||= inherited;
      return made((put) => put.caller.sink.parameter(parameterIn(parameter, inherited, put)));
    },
    constant: (values, type) => made((put) => put.caller.sink.constant(values, type)),
    guard: (value, guard, counts) => {
      // What it says of sizes is a text, in the words of this caller.
      if (guard.fact.kind === 'shape') checker.unsettled++;
      return made((put) => put.caller.sink.guard(put.name(value), guardIn(guard, put), counts && countsIn(counts, put)));
    },
    // What is answered depends on the inputs of the model.
    demand: (demand) => {
      checker.unsettled++;
      return outer.demand(demand);
    },
    place: (tensor) =>
      void steps.push((put) => put.caller.sink.place({ location: put.site(tensor.location), to: tensor.to, value: put.name(tensor.value), found: put.type(tensor.found), demanded: put.type(tensor.demanded) })),
    needless: (guard, evidence) => {
      tells = true;
      steps.push((put) => put.caller.sink.needless(guardIn(guard, put), evidence));
    },
    body: (template, refs, { owner, path, site, sizes }) => {
      const names = new Map(refsOf(template.value).map((ref) => [ref, fresh()]));
      const inner = isInherited(owner);
      leaves ||= inner && template.leaves;
      tells ||= template.tells;
      steps.push((put) => {
        const { caller } = put;
        const called = { owner: inner ? caller.owner : owner, path: inner ? [...caller.path, ...path] : path, below: caller.below, site: put.site(site), sizes: sizes.map(put.size) };
        const nameOf = caller.sink.body(template, refs.map(put.name), called);
        for (const [of, local] of names) put.names.set(local, nameOf(of));
      });
      return (of) => names.get(of) ?? '';
    },
  };
  return { sink, found: () => ({ steps, leaves, tells }) };
}

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

function attributesIn(attributes: AttributeValues, { size }: Put): AttributeValues {
  const put = (value: AttributeValue): AttributeValue => {
    if (isDim(value)) return size(value);
    return Array.isArray(value) && value.some(isDim) ? (value as readonly Dim[]).map(size) : value;
  };
  return [...attributes.values()].every((value) => typeof value !== 'object') ? attributes : mapValues(attributes, put);
}

function parameterIn(parameter: Parameter, isInherited: boolean, { caller, type, site }: Put): Parameter {
  const here = { ...parameter, type: type(parameter.type), site: site(parameter.site), below: caller.below };
  return isInherited ? { ...here, owner: caller.owner, path: [...caller.path, parameter.path].join('.') } : here;
}

const guardIn = (guard: Guard, { site }: Put): Guard => ({ ...guard, location: site(guard.location) });

const countsIn = (counts: GuardCounts, { name }: Put): GuardCounts => ({ ...counts, ref: name(counts.ref) });
