/** What follows for a backbone's outputs and taps from its file, with the values in it that stand for tensors of the file. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { cutModel } from '../ir/infer/cut.ts';
import type { Location } from '../text/source.ts';
import type { TensorType, Type } from '../types/type.ts';
import type { Checker } from './context.ts';
import { compareFacts } from './file-facts.ts';
import type { FileBinding } from './file-ports.ts';
import type { FilePort } from './file-types.ts';

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
  readonly checker: Checker;
}

export interface FactsBehind {
  /** With what was declared of them, how that is known, and what else follows. */
  readonly fields: ReadonlyMap<string, TensorType>;
  /** By the names of the fields. */
  readonly contradictions: ReadonlyMap<string, Diagnostic>;
}

/** Outputs and taps behind the values that stand in the file. */
export function factsBehind(fields: ReadonlyMap<string, TensorType>, stands: readonly Stand[], { binding, inputs, location, checker }: BackboneFile): FactsBehind {
  const { model, inferred } = cutModel(binding.model, stands.map(({ onnx }) => onnx));
  const port = (direction: FilePort['direction'], name: string, onnx: string, type: TensorType): FilePort => ({ direction, port: name, field: undefined, name, onnx, type, location });
  const given = [...inputs].filter(([onnx]) => !stands.some((stand) => stand.onnx === onnx)).map(([onnx, type]) => port('input', onnx, onnx, type));
  const asked = [...fields].flatMap(([name, type]) => (binding.outputs.has(name) ? [port('output', name, binding.outputs.get(name)!, type)] : []));
  const { facts, contradictions } = checker.files.withConstants((read) => compareFacts([...given, ...asked], model, checker.host.display(model.uri), read, { inferred, stands }));
  const known = [...facts].map(([{ name, type }, own]) => [name, { ...type, facts: own }] as const);
  return { fields: new Map([...fields, ...known]), contradictions: new Map([...contradictions].map(([{ name }, diagnostic]) => [name, diagnostic])) };
}
