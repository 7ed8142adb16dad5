/** What something is there for, where it stands in place of a tensor or of a part. */
import { kindName, type Symbol } from '../../names/modules.ts';
import type { Declaration } from '../../syntax/ast.ts';
import type { Value } from './values.ts';

/** By the kind of what is declared: what is done with its name. */
const uses: Partial<Readonly<Record<Declaration['kind'], (name: string) => string>>> = {
  ContractDecl: (name) => `A contract is a type: values of it are inputs, \`input x: ${name}\`, or what parts give, \`-> ${name}\`.`,
  LabelsDecl: (name) => `Labels are a size: \`linear(out: ${name})\` of \`std/nn\` gives a score for each class.`,
  ModelDecl: () => 'A model is what is built, and nothing calls it. What two models share is a part, an adapter or a head, which each of them calls.',
  SpaceDecl: (name) => `A space is said of a type: \`where space ${name}\`.`,
  TokenizerDecl: (name) => `A tokenizer is said of a type: \`where tokenizer ${name}\`.`,
  AttributeDecl: (name) => `An attribute is said of a type: \`where ${name} == …\`.`,
};

/** One sentence on what a declaration is for; none of those that are called. */
export function usesOf({ declaration, name }: Symbol): readonly string[] {
  const use = uses[declaration.kind];
  return use === undefined ? [] : [use(name)];
}

/** One sentence on how a compile-time value becomes something that a body computes with, or where it belongs. */
export function meantBy(value: Value): readonly string[] {
  switch (value.kind) {
    case 'number':
      return ['A number becomes a tensor only beside one: `x * 2`.'];
    case 'list':
    case 'sizes':
      return ['Numbers become a tensor only beside one: `x * [1, 2]`.'];
    case 'size':
      return [value.classes ? uses.LabelsDecl!(value.classes.name) : 'A size belongs into types and into arguments, `linear(out: n)`; no body computes with it.'];
    case 'text':
    case 'flag':
      return [`${value.kind === 'text' ? 'A text is' : 'True and false are'} for arguments that choose how something is done: \`onnx.Resize(x, …, mode: "linear")\`, \`keepdims: false\`.`];
    case 'dtype':
      return ['An element type begins a type, or is an argument: `onnx.Cast(x, to: f32)`.'];
    case 'nominal':
      return [uses[value.nominal.kind === 'space' ? 'SpaceDecl' : 'TokenizerDecl']!(value.nominal.name)];
    case 'initializer':
      return [`A parameter begins with it: \`param w: f32[8] = ${value.name}\`.`];
    default:
      return [];
  }
}

/** A value of the body that stands where a part is called: perhaps it hides one. */
export function notAPart(name: string, hidden: Symbol | undefined): readonly string[] {
  return [hidden !== undefined && (hidden.declaration.kind === 'PartDecl' || hidden.declaration.kind === 'BackboneDecl')
    ? `It hides the ${kindName(hidden.declaration)} of the same name: call one of them something else.`
    : `A value is given to a part, \`part(${name})\` or \`${name} |> part\`.`];
}
