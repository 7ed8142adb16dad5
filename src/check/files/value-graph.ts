/**
 * Values as the graphs of operators that they come to, each value once: comments, layout, the order of lets and the names of lets, sizes
 * and parts make no difference. The library's parts may stand in such a graph as what they are called, so that it stays what it is where
 * a new version of MDL computes the same otherwise.
 */
import type { Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import { filesOfNetwork } from '../../ir/stored-tensors.ts';
import { sizesIn, type AttributeValue, type AttributeValues } from '../../ops/operator.ts';
import { substituteSize, type Bindings } from '../../types/bindings.ts';
import { showDim, type Dim } from '../../types/dim.ts';
import { unknownType } from '../../types/type.ts';
import type { Callable, Checker } from '../context.ts';
import type { Parameter, SealedCall, Sink } from '../env.ts';
import type { FollowedMemory } from '../expressions/followed.ts';
import { templatesInto, type Template } from '../expressions/templates.ts';
import { entryFor, staticDims } from '../parts/weight-types.ts';
import { spaceOf } from '../parts/signature.ts';
import { lengthsOf, listsOf } from '../recording.ts';

/** What a value is, with the values and files that it is made of. */
interface Made {
  readonly head: readonly (string | undefined)[];
  readonly inputs: readonly string[];
  readonly files: readonly string[];
}

export interface ValueGraph {
  readonly checker: Checker;
  /** What sizes are called. */
  readonly sizes: Bindings;
  /** By the names that the sink gives. */
  readonly made: Map<string, Made>;
  /** What is equal has one name. */
  readonly names: Map<string, string>;
  /** Weights of parts that say in which space their result lies. */
  readonly bound: Set<string>;
  /** Weights that are written by a `fit`. */
  readonly learned: Set<string>;
}

export const createGraph = (sizes: Bindings, checker: Checker): ValueGraph => ({ checker, sizes, made: new Map(), names: new Map(), bound: new Set(), learned: new Set() });

/** Follows what was checked before: what that finds out of it was found then. */
export function withoutTraces<T>(checker: Checker, follow: () => T): T {
  const lengths = lengthsOf(checker);
  const { unsettled } = checker;
  const found = follow();
  listsOf(checker).forEach((list, i) => void (list.length = lengths[i]!));
  checker.unsettled = unsettled;
  return found;
}

/** A value that is made of nothing else. */
export const leafOf = (head: Made['head'], graph: ValueGraph): string => noted({ head, inputs: [], files: [] }, graph);

function noted(node: Made, { made, names }: ValueGraph): string {
  const key = JSON.stringify([node.head, node.inputs, node.files]);
  const name = names.get(key) ?? `${names.size}`;
  names.set(key, name);
  made.set(name, node);
  return name;
}

export interface GraphOptions {
  /** Bodies that were followed for such a graph before. */
  readonly templates: FollowedMemory<Template>;
  /** Whether parts of the library are called by their names. */
  readonly seals?: boolean;
  /** Whether vectors of a space stand for themselves: `mdl.lock` binds what makes them to that space. */
  readonly ofSpaces?: boolean;
}

/** Puts what is followed into a graph. */
export function graphSink(graph: ValueGraph, { templates, seals = false, ofSpaces = false }: GraphOptions): Sink {
  const note = (head: Made['head'], inputs: readonly string[], files: readonly string[] = []): string => noted({ head, inputs, files }, graph);
  const sink: Sink = {
    onlyParameters: false,
    sound: true,
    templates,
    body: templatesInto(() => sink),
    operation: ({ name }, inputs, attributes, { field }) => note([name, ...shownAttributes(attributes, graph), field], inputs),
    ...(seals ? { sealed: ({ name, inputs, attributes, owner }: SealedCall) => note([name, ...shownAttributes(attributes, graph)], inputs, owner === undefined ? [] : weightsFiles(owner, graph)) } : {}),
    link: (_, model, inputs, outputs) => {
      const all = [...inputs].sort(([a], [b]) => (a < b ? -1 : 1));
      return new Map([...outputs].map(([onnx, type]) => {
        const space = ofSpaces ? spaceOf(type) : undefined;
        // What stands inside of the network belongs to its space, too.
        const fed = space === undefined ? all : all.filter(([name]) => model.graph.inputs.includes(name));
        return [onnx, note(['network', onnx, ...(space === undefined ? [] : [space]), ...fed.map(([name]) => name)], fed.map(([, ref]) => ref), space === undefined ? filesOfNetwork(model) : [])];
      }));
    },
    parameter: (parameter) => note(...parameterNode(parameter, graph)),
    constant: (values, type) => note(['constant', String(type.dtype), String(staticDims(type)), ...values.map(shownNumber)], []),
    // It tests, or stands behind what mends.
    guard: (value) => value,
    given: () => {},
    demand: () => true,
    place: () => {},
    needless: () => {},
  };
  return sink;
}

function parameterNode({ owner, path, type }: Parameter, graph: ValueGraph): readonly [Made['head'], readonly string[], readonly string[]] {
  const symbol = owner as Symbol<Callable> | undefined;
  const entry = symbol && entryFor(symbol.declaration, path);
  return [['parameter', entry?.to.value ?? path, entry?.transposed === true ? 'transposed' : undefined, String(type.dtype), String(staticDims(type))], [], symbol === undefined ? [] : weightsFiles(symbol, graph)];
}

/** The URI of the weights of a part or backbone, which is noted for what it is. */
function weightsFiles(symbol: Symbol<Callable>, { checker, bound, learned }: ValueGraph): readonly string[] {
  const { weights } = symbol.declaration;
  const uri = weights && resolvePath(weights.path.value, symbol.module.uri);
  if (uri === undefined) return [];
  if (weights!.learned) learned.add(uri);
  if (spaceOf(checker.signatures.get(symbol)?.result ?? unknownType) !== undefined) bound.add(uri);
  return [uri];
}

const shownAttributes = (attributes: AttributeValues, graph: ValueGraph): string[] => [...attributes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${shownAttribute(value, graph)}`);

function shownAttribute(value: AttributeValue, { sizes }: ValueGraph): string {
  const show = (item: number | Dim): string => (typeof item === 'number' ? shownNumber(item) : showDim(substituteSize(item, sizes)));
  if (Array.isArray(value)) return (value as readonly (number | Dim)[]).map(show).join(', ');
  const [size] = sizesIn(value);
  return size !== undefined ? show(size) : typeof value === 'number' ? shownNumber(value) : JSON.stringify(value);
}

/** JSON has neither -0 nor NaN and infinities. */
const shownNumber = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

export interface PrintedGraph {
  /** Files stand in it by their places in `files`: it is the same for all ways to write the same. */
  readonly text: string;
  readonly files: readonly string[];
  /** Of those, weights of parts that say in which space their result lies. */
  readonly bound: ReadonlySet<string>;
  /** Of those, weights that are written by a `fit`. */
  readonly learned: ReadonlySet<string>;
}

/** Values by what they are called outside, with what they are made of before them, numbered in that order, and their files behind those that are given. */
export function printGraph(results: readonly (readonly [string, string])[], { made, bound, learned }: ValueGraph, given: readonly string[] = []): PrintedGraph {
  const lines: string[] = [];
  const files = new Set(given);
  const numbers = new Map<string, number>();
  const visit = (ref: string): number => {
    const known = numbers.get(ref);
    if (known !== undefined) return known;
    const { head, inputs, files: own } = made.get(ref)!;
    const operands = inputs.map(visit);
    for (const uri of own) files.add(uri);
    const places = own.map((uri) => [...files].indexOf(uri));
    lines.push(JSON.stringify([head, operands, places]));
    numbers.set(ref, lines.length - 1);
    return lines.length - 1;
  };
  for (const [name, ref] of results) lines.push(JSON.stringify([name, visit(ref)]));
  const within = (some: ReadonlySet<string>): ReadonlySet<string> => new Set([...some].filter((uri) => files.has(uri)));
  return { text: lines.join('\n'), files: [...files], bound: within(bound), learned: within(learned) };
}
