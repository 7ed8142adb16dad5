/** What follows for a backbone's outputs and taps from its file, with the values in it that stand for tensors of the file. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { cutModel } from '../../ir/infer/cut.ts';
import { inferredModel, type InferredGraph } from '../../ir/infer/index.ts';
import type { Location } from '../../text/source.ts';
import { compareDims } from '../../types/dim-atoms.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import { compareFacts } from './file-facts.ts';
import type { FileBinding } from './file-ports.ts';
import type { FilePort } from './file-types.ts';
import { isTestable } from '../joints/shape-guards.ts';

/** What stands in a tensor's place, with what is known of it. */
export interface Stand {
  readonly onnx: string;
  readonly type: TensorType;
}

/** What is declared of the file's inputs, by their names there. */
export function inputTypes(tensors: readonly { readonly name: string; readonly type: Type }[], { inputs }: Pick<FileBinding, 'inputs'>): ReadonlyMap<string, TensorType> {
  const typed = tensors.flatMap(({ name, type }) =>
    (inputs.get(name) ?? []).flatMap(({ field, onnx }): [string, TensorType][] => {
      const tensor = type.kind === 'record' ? type.fields.get(field ?? '') : type;
      return tensor?.kind === 'tensor' ? [[onnx, tensor]] : [];
    }),
  );
  return new Map(typed);
}

export interface BackboneFile {
  readonly binding: FileBinding;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly location: Location;
  /** Where the types are written that it says itself. */
  readonly written: ReadonlyMap<string, Location>;
  readonly checker: Checker;
}

export interface FactsBehind {
  /** With what was declared of them, how that is known, and what else follows. */
  readonly fields: ReadonlyMap<string, TensorType>;
  /** By the names of the fields. */
  readonly contradictions: ReadonlyMap<string, Diagnostic>;
}

/** Outputs and taps behind the values that stand in the file. Sizes that were computed from other values than stand there now are tested at each run. */
export function factsBehind(before: ReadonlyMap<string, TensorType>, stands: readonly Stand[], { binding, inputs, location, written, checker }: BackboneFile): FactsBehind {
  const { model, inferred } = cutModel(binding.model, stands.map(({ onnx }) => onnx));
  const whole = inferredModel(binding.model);
  const given = [...inputs].filter(([onnx]) => !stands.some((stand) => stand.onnx === onnx));
  const retyped = (name: string, type: TensorType): TensorType => {
    const onnx = binding.outputs.get(name);
    if (onnx === undefined || type.evidence !== 'proved' || sameShape(onnx, whole, inferred)) return type;
    return { ...type, evidence: isTestable(type, [...inputs.values()]) ? 'enforced' : 'declared' };
  };
  const fields = new Map([...before].map(([name, type]) => [name, retyped(name, type)] as const));
  const port = (direction: FilePort['direction'], name: string, onnx: string, type: TensorType): FilePort => ({ direction, port: name, field: undefined, name, onnx, type, location, written: written.get(name) });
  const asked = [...fields].flatMap(([name, type]) => (binding.outputs.has(name) ? [port('output', name, binding.outputs.get(name)!, type)] : []));
  const { facts, contradictions } = checker.files.withConstants((read) => compareFacts([...given.map(([onnx, type]) => port('input', onnx, onnx, type)), ...asked], model, checker, read, { inferred, stands }));
  const known = [...facts].map(([{ name, type }, own]) => [name, { ...type, facts: own }] as const);
  return { fields: new Map([...fields, ...known]), contradictions: new Map([...contradictions].map(([{ name }, diagnostic]) => [name, diagnostic])) };
}

/** Whether a tensor's shape follows in both graphs, and is the same. */
function sameShape(onnx: string, one: InferredGraph, other: InferredGraph): boolean {
  const [a, b] = [one.tensors.get(onnx)?.dims, other.tensors.get(onnx)?.dims];
  return a !== undefined && a.length === b?.length && a.every((dim, axis) => compareDims(dim, b[axis]!) === 'equal');
}
