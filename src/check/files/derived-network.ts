/**
 * What the vectors of a backbone are made of where values of ours stand inside of its network: its files, those of all that is called
 * inside, and the graphs of the replacements. The graphs are written as the operators that they come to, each once, so that comments,
 * the order of lets and the names of sizes, taps and parts make no difference.
 */
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import { filesOfNetwork } from '../../ir/stored-tensors.ts';
import { sizesIn, type AttributeValue, type AttributeValues } from '../../ops/operator.ts';
import type { BackboneDecl } from '../../syntax/ast.ts';
import { noBindings, sizeBindings, substituteSize, type Bindings } from '../../types/bindings.ts';
import { bareSymbol, showDim, symbolDim, type Dim } from '../../types/dim.ts';
import type { Type } from '../../types/type.ts';
import type { Callable, Checker } from '../context.ts';
import { followFrom, type Parameter, type Sink } from '../env.ts';
import { templatesInto } from '../expressions/templates.ts';
import { valueOf, type Value } from '../expressions/values.ts';
import type { DerivedNetwork } from '../model.ts';
import type { Signature } from '../parts/signature.ts';
import { entryFor, staticDims } from '../parts/weight-types.ts';
import { lengthsOf, listsOf } from '../recording.ts';
import { replacementValue } from './file-call.ts';
import type { FileBinding, Replacement } from './file-ports.ts';
import { dependsOn } from './replacements.ts';

/** Whether a tensor of a file is made of a value of ours. */
export const isDerived = (symbol: Symbol<Callable>, onnx: string, { bindings }: Checker): boolean => {
  const binding = bindings.get(symbol);
  return binding !== undefined && binding.replacements.some((one) => isBehind(onnx, one, binding));
};

const isBehind = (onnx: string, one: Replacement, { model }: FileBinding): boolean => onnx === one.onnx || dependsOn(model.graph, onnx, one.onnx);

/** What these tensors of a backbone's file are made of; undefined where weights inside are yet to be learned, or not all can be followed. */
export function derivedNetwork(symbol: Symbol<BackboneDecl>, tensors: readonly string[], checker: Checker): DerivedNetwork | undefined {
  const [binding, signature] = [checker.bindings.get(symbol), checker.signatures.get(symbol)];
  if (binding === undefined || signature === undefined) return undefined;
  const nodes = createNodes(signature, binding, checker);
  const lengths = lengthsOf(checker);
  const { unsettled } = checker;
  const results = reaching(tensors, binding).map((one) => [one.onnx, graphOf(one, nodes)] as const);
  // What this finds out was found before.
  listsOf(checker).forEach((list, i) => void (list.length = lengths[i]!));
  checker.unsettled = unsettled;
  if (results.some(([, ref]) => ref === undefined)) return undefined;
  const { text, files } = printed(results as readonly (readonly [string, string])[], nodes);
  if (files.some((uri) => checker.host.stat(uri) === undefined)) return undefined;
  return { name: symbol.name, location: at(symbol.module, symbol.declaration.name.span), text, files };
}

/** The replacements that tensors are made of, also by way of others; in an order that the source does not choose. */
function reaching(tensors: readonly string[], binding: FileBinding): readonly Replacement[] {
  const found = new Set<Replacement>();
  const visit = (onnx: string): void => {
    for (const one of binding.replacements) {
      if (found.has(one) || !isBehind(onnx, one, binding)) continue;
      found.add(one);
      for (const read of one.reads.values()) visit(read);
    }
  };
  tensors.forEach(visit);
  // Of several in one place each goes on from the one before.
  return binding.replacements.filter((one) => found.has(one)).sort((a, b) => (a.onnx < b.onnx ? -1 : a.onnx > b.onnx ? 1 : 0));
}

// ---------------------------------------------------------------- graphs

/** What a value is, with the values and files that it is made of; files stand in `head` by their places in `files`. */
interface Made {
  readonly head: readonly (string | undefined)[];
  readonly inputs: readonly string[];
  readonly files: readonly string[];
}

interface Nodes {
  readonly signature: Signature;
  readonly binding: FileBinding;
  readonly checker: Checker;
  /** By the names that the sink gives. */
  readonly made: Map<string, Made>;
  /** What is equal has one name. */
  readonly names: Map<string, string>;
  /** The sizes of the inputs, called by the file's names for those. */
  readonly sizes: Bindings;
}

const createNodes = (signature: Signature, binding: FileBinding, checker: Checker): Nodes => ({ signature, binding, checker, made: new Map(), names: new Map(), sizes: sizesOfInputs(signature, binding) });

function sizesOfInputs({ tensors }: Signature, { inputs }: FileBinding): Bindings {
  const found = new Map<string, Dim>();
  const typed = tensors.flatMap(({ name, type }) => (inputs.get(name) ?? []).map(({ field, onnx }) => [onnx, fieldOf(type, field)] as const));
  for (const [onnx, type] of typed.sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [axis, { size }] of (type?.kind === 'tensor' ? type.shape.axes : []).entries()) {
      const key = bareSymbol(size)?.key;
      if (key !== undefined && !found.has(key)) found.set(key, symbolDim({ key: `${onnx}.${axis}`, name: `${onnx}.${axis}`, kind: 'rigid' }));
    }
  return sizeBindings(found);
}

const fieldOf = (type: Type, field: string | undefined): Type | undefined => (type.kind === 'record' ? type.fields.get(field ?? '') : type);

/** The name of what stands in a tensor's place; undefined where it could not be followed. */
function graphOf(one: Replacement, nodes: Nodes): string | undefined {
  const { signature, binding, checker } = nodes;
  const leaf = (onnx: string): string => noted({ head: ['tensor', onnx], inputs: [], files: [] }, nodes);
  const given = new Map(signature.tensors.map(({ name, type }): [string, Value] => [name, named(valueOf(type), binding.inputs.get(name) ?? [], leaf)]));
  const refs = new Map([...one.reads].map(([name, onnx]) => [name, leaf(onnx)]));
  const { scope } = checker.signatures.get(one.symbol) ?? signature;
  const deep = followFrom(one.symbol, sinkInto(nodes), undefined);
  const value = replacementValue(one, { given, taps: one.taps, refs, bindings: noBindings(), deep, env: { checker, scope } });
  if (deep.budget.left === 0 || deep.budget.circular || deep.budget.gap) return undefined;
  return value.kind === 'tensor' ? value.ref : undefined;
}

function named(value: Value, tensors: readonly { readonly field?: string; readonly onnx: string }[], leaf: (onnx: string) => string): Value {
  if (value.kind === 'tensor') return { ...value, ref: leaf(tensors[0]?.onnx ?? '') };
  return value.kind === 'record' ? { ...value, refs: new Map(tensors.map(({ field = '', onnx }) => [field, leaf(onnx)])) } : value;
}

function noted(node: Made, { made, names }: Nodes): string {
  const key = JSON.stringify([node.head, node.inputs, node.files]);
  const name = names.get(key) ?? `${names.size}`;
  names.set(key, name);
  made.set(name, node);
  return name;
}

function sinkInto(nodes: Nodes): Sink {
  const note = (head: Made['head'], inputs: readonly string[], files: readonly string[]): string => noted({ head, inputs, files }, nodes);
  const sink: Sink = {
    onlyParameters: false,
    sound: true,
    templates: nodes.checker.templates,
    body: templatesInto(() => sink),
    operation: ({ name }, inputs, attributes, { field }) => note([name, ...shownAttributes(attributes, nodes), field], inputs, []),
    link: (_, model, inputs, outputs) => {
      const fed = [...inputs].sort(([a], [b]) => (a < b ? -1 : 1));
      return new Map([...outputs.keys()].map((onnx) => [onnx, note(['network', onnx, ...fed.map(([name]) => name)], fed.map(([, ref]) => ref), filesOfNetwork(model))]));
    },
    parameter: (parameter) => note(...parameterNode(parameter)),
    constant: (values, type) => note(['constant', String(type.dtype), String(staticDims(type)), ...values.map(shownNumber)], [], []),
    // It tests, or stands behind what mends.
    guard: (value) => value,
    given: () => {},
    demand: () => true,
    place: () => {},
    needless: () => {},
  };
  return sink;
}

function parameterNode({ owner, path, type }: Parameter): Parameters<(head: Made['head'], inputs: readonly string[], files: readonly string[]) => void> {
  const declaration = owner?.declaration as Callable | undefined;
  const entry = declaration && entryFor(declaration, path);
  const uri = declaration?.weights && resolvePath(declaration.weights.path.value, owner!.module.uri);
  return [['parameter', entry?.to.value ?? path, entry?.transposed === true ? 'transposed' : undefined, String(type.dtype), String(staticDims(type))], [], uri === undefined ? [] : [uri]];
}

const shownAttributes = (attributes: AttributeValues, nodes: Nodes): string[] => [...attributes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}: ${shownAttribute(value, nodes)}`);

function shownAttribute(value: AttributeValue, { sizes }: Nodes): string {
  const show = (item: number | Dim): string => (typeof item === 'number' ? shownNumber(item) : showDim(substituteSize(item, sizes)));
  if (Array.isArray(value)) return (value as readonly (number | Dim)[]).map(show).join(', ');
  const [size] = sizesIn(value);
  return size !== undefined ? show(size) : typeof value === 'number' ? shownNumber(value) : JSON.stringify(value);
}

/** JSON has neither -0 nor NaN and infinities. */
const shownNumber = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** Values with what they are made of before them, numbered in that order, and their files. */
function printed(results: readonly (readonly [string, string])[], { made, binding }: Nodes): Pick<DerivedNetwork, 'text' | 'files'> {
  const lines: string[] = [];
  const files = new Set(filesOfNetwork(binding.model));
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
  for (const [onnx, ref] of results) lines.push(JSON.stringify([onnx, visit(ref)]));
  return { text: lines.join('\n'), files: [...files] };
}
