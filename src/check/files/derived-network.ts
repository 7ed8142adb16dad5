/**
 * What the vectors of a backbone are made of where values of ours stand inside of its network: its files, those of all that is called
 * inside, and the graphs of the replacements.
 */
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { filesOfNetwork } from '../../ir/stored-tensors.ts';
import type { BackboneDecl } from '../../syntax/ast.ts';
import { noBindings, sizeBindings, type Bindings } from '../../types/bindings.ts';
import { bareSymbol, symbolDim, type Dim } from '../../types/dim.ts';
import type { Type } from '../../types/type.ts';
import type { Callable, Checker } from '../context.ts';
import { followFrom } from '../env.ts';
import { valueOf, type Value } from '../expressions/values.ts';
import type { DerivedNetwork } from '../model.ts';
import type { Signature } from '../parts/signature.ts';
import { replacementValue } from './file-call.ts';
import type { FileBinding, Replacement } from './file-ports.ts';
import { dependsOn } from './replacements.ts';
import { createGraph, graphSink, leafOf, printGraph, withoutTraces, type ValueGraph } from './value-graph.ts';

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
  const graph = createGraph(sizesOfInputs(signature, binding), checker);
  const results = withoutTraces(checker, () => reaching(tensors, binding).map((one) => [one.onnx, resultOf(one, signature, binding, graph)] as const));
  if (results.some(([, ref]) => ref === undefined)) return undefined;
  const { text, files } = printGraph(results as readonly (readonly [string, string])[], graph, filesOfNetwork(binding.model));
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
function resultOf(one: Replacement, signature: Signature, binding: FileBinding, graph: ValueGraph): string | undefined {
  const { checker } = graph;
  const leaf = (onnx: string): string => leafOf(['tensor', onnx], graph);
  const given = new Map(signature.tensors.map(({ name, type }): [string, Value] => [name, named(valueOf(type), binding.inputs.get(name) ?? [], leaf)]));
  const refs = new Map([...one.reads].map(([name, onnx]) => [name, leaf(onnx)]));
  const { scope } = checker.signatures.get(one.symbol) ?? signature;
  const deep = followFrom(one.symbol, graphSink(graph, { templates: checker.templates }), undefined);
  const value = replacementValue(one, { given, taps: one.taps, refs, bindings: noBindings(), deep, env: { checker, scope } });
  if (deep.budget.left === 0 || deep.budget.circular || deep.budget.gap) return undefined;
  return value.kind === 'tensor' ? value.ref : undefined;
}

function named(value: Value, tensors: readonly { readonly field?: string; readonly onnx: string }[], leaf: (onnx: string) => string): Value {
  if (value.kind === 'tensor') return { ...value, ref: leaf(tensors[0]?.onnx ?? '') };
  return value.kind === 'record' ? { ...value, refs: new Map(tensors.map(({ field = '', onnx }) => [field, leaf(onnx)])) } : value;
}
