/** Types as other languages name them: texts as inputs, tensors without axes. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ContractRef } from '../../syntax/ast.ts';
import { replaceAt } from '../edits.ts';
import { libraryImportEdits } from '../imports.ts';
import { isKind } from './declarations.ts';
import { spelledOut } from './element-type.ts';
import type { TypeScope } from './type-scope.ts';

const texts: ReadonlySet<string> = new Set(['str', 'string', 'strings']);
const tensors: ReadonlySet<string> = new Set(['tensor', 'ndarray', 'array', 'floattensor', 'tensortype', 'matrix', 'vector']);

/** Reports a name that is a type elsewhere and not here; false where it is nothing of the kind. */
export function reportForeignType(ref: ContractRef, scope: TypeScope): boolean {
  const { name } = ref;
  const { module } = scope;
  if (module.names.has(name.text) || module.unresolved.has(name.text) || scope.dtypes.has(name.text)) return false;
  const plain = name.text.toLowerCase();
  const location = at(module, name.span);
  const args = { name: name.text, what: 'contract' };
  if (texts.has(plain)) {
    scope.report(nameCodes.report('unknown-name', args, location, {
      label: 'a text is given as its tokens',
      notes: textNotes(module),
      fixes: tokenFixes(ref, module),
    }));
    return true;
  }
  const element = tensors.has(plain) ? 'f32' : plain === 'longtensor' ? 'i64' : plain === 'int' ? 'i64' : plain === 'float' ? 'f32' : spelledOut.get(plain);
  if (element === undefined) return false;
  scope.report(nameCodes.report('unknown-name', args, location, {
    label: 'write its element type and its axes',
    notes: [`A type is an element type and its axes: \`${element}[batch, 8]\`; \`${element}[]\` is a single element.`],
    fixes: ref.args.length > 0 ? [] : [`${element}[batch]`, `${element}[]`].map((text) => ({ title: `write \`${text}\``, edits: [replaceAt(ref.span, text, module)] })),
  }));
  return true;
}

// ---------------------------------------------------------------- texts

const declared = <K extends 'TokenizerDecl' | 'ContractDecl'>(module: ModuleScope, kind: K) =>
  [...module.names].flatMap(([name, symbol]) => (isKind(symbol, kind) ? [{ name, declaration: symbol.declaration }] : []));

/** What a text is for a model, and how an app gives it. */
export function textNotes(module: ModuleScope): string[] {
  const known = declared(module, 'TokenizerDecl').length > 0;
  return [
    `A network reads the numbers that a tokenizer makes of a text${known ? '' : ': `tokenizer words @ 1.0.0 from "./tokenizer.json"`, and `input text: Tokens(by: words)`, of "std/text"'}.`,
    'An app gives the text itself: the runtime knows the tokenizer.',
  ];
}

/** The contracts of tokens that a module has, else one for each of its tokenizers. */
export function tokenFixes({ span }: Pick<ContractRef, 'span'>, module: ModuleScope): Fix[] {
  const contracts = declared(module, 'ContractDecl').flatMap(({ name, declaration: { body, params } }) => {
    const base = body.kind === 'TypeExpr' && body.base.kind === 'ContractRef' ? body.base.name.text : '';
    return params.length === 0 && /^(?:Prefix)?Tokens$/.test(base) ? [name] : [];
  });
  if (contracts.length > 0) return contracts.map((text) => ({ title: `write \`${text}\``, edits: [replaceAt(span, text, module)] }));
  const imports = libraryImportEdits('Tokens', 'std/text', module);
  if (imports === undefined) return [];
  return declared(module, 'TokenizerDecl').map(({ name }) => ({ title: `write \`Tokens(by: ${name})\``, edits: [replaceAt(span, `Tokens(by: ${name})`, module), ...imports] }));
}
