/** What something is there for, where it stands in place of a tensor or of a part. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import { kindName, type Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Declaration, NameExpr } from '../../syntax/ast.ts';
import type { Env } from '../env.ts';
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

/** Words that are values elsewhere. */
const words: Readonly<Record<string, string>> = {
  None: 'What is not given is left out: `onnx.Gemm(a, b)` does without its third input.', null: 'What is not given is left out.', nil: 'What is not given is left out.',
  self: 'There are no objects: a value is named by `let`, and a part, with its weights, is called by its name.', this: 'There are no objects: a value is named by `let`, and a part, with its weights, is called by its name.',
  math: 'Numbers are written out: `3.14159265`.', np: 'Numbers are written out: `3.14159265`.', torch: 'Numbers and element types are written out: `3.14159265`, `f32`.',
};

/** What is said of a name that is a value in other languages. */
export function wordElsewhere({ name, span }: NameExpr, { scope: { module } }: Env): Diagnostic | undefined {
  const location = at(module, span);
  const flag = /^(?:True|False|TRUE|FALSE)$/.test(name.text) ? name.text.toLowerCase() : undefined;
  if (flag !== undefined) return nameCodes.report('unknown-name', { name: name.text, what: 'value' }, location, mistyped(flag, location, ''));
  const note = Object.hasOwn(words, name.text) ? words[name.text] : undefined;
  return note === undefined ? undefined : nameCodes.report('unknown-name', { name: name.text, what: 'value' }, location, { label: 'there is none here', notes: [note] });
}
