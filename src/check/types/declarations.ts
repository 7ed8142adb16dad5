/** Symbols of spaces, tokenizers, attributes and labels, as the types know them. */
import { nameCodes, withArticle } from '../../diagnostics/codes/names.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import { kindName, type ModuleScope, type Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { renameAgain } from '../edits.ts';
import { nearestNames } from '../../names/near.ts';
import type { AttributeDecl, Declaration, LabelsDecl, Name, NameMapEntry, SpaceDecl, TokenizerDecl } from '../../syntax/ast.ts';
import type { Attribute, Nominal } from '../../types/fact.ts';
import type { Classes } from '../../types/type.ts';

export const identityOf = (symbol: Symbol): string => `${symbol.module.package}#${symbol.name}`;

/** What a declaration is known by, and where it stands. */
const identified = (symbol: Symbol) => ({ id: identityOf(symbol), name: symbol.name, location: at(symbol.module, symbol.declaration.name.span) });

export function nominalOf(symbol: Symbol<SpaceDecl | TokenizerDecl>): Nominal {
  const { declaration } = symbol;
  return {
    kind: declaration.kind === 'SpaceDecl' ? 'space' : 'tokenizer',
    ...identified(symbol),
    version: declaration.version?.text ?? '0.0.0',
    compatible: declaration.kind === 'SpaceDecl' ? declaration.compatible.map((range) => range.text) : [],
  };
}

export const attributeOf = (symbol: Symbol<AttributeDecl>): Attribute => ({ ...identified(symbol), values: symbol.declaration.values.map((v) => v.text) });

export const classesOf = (symbol: Symbol<LabelsDecl>): Classes => ({ ...identified(symbol), values: symbol.declaration.values.map((v) => v.value) });

export const isKind = <K extends Declaration['kind']>(
  symbol: Symbol | undefined,
  ...kinds: readonly K[]
): symbol is Symbol<Extract<Declaration, { kind: K }>> =>
  symbol !== undefined && (kinds as readonly string[]).includes(symbol.declaration.kind);

/** What a name stands for in a module; the name counts as used. */
export function lookup(name: Name, module: ModuleScope): Symbol | undefined {
  const symbol = module.names.get(name.text);
  if (symbol !== undefined) module.used.add(name.text);
  return symbol;
}

/** The symbol of one of these kinds; anything else is reported. `what` names the kind in the message; `isMeant` says which of them are offered. */
export function lookupKind<K extends Declaration['kind']>(
  name: Name,
  module: ModuleScope,
  kinds: readonly K[],
  what: string,
  report: (diagnostic: Diagnostic) => void,
  isMeant: (declaration: Extract<Declaration, { kind: K }>) => boolean = () => true,
): Symbol<Extract<Declaration, { kind: K }>> | undefined {
  if (name.text === '') return undefined;
  const symbol = lookup(name, module);
  if (isKind(symbol, ...kinds)) return symbol;
  if (module.unresolved.has(name.text)) return undefined;
  const location = at(module, name.span);
  if (symbol !== undefined) {
    const found = kindName(symbol.declaration);
    const related = [{ location: at(symbol.module, symbol.declaration.name.span), text: `declared as ${withArticle(found)}` }];
    report(nameCodes.report('wrong-kind', { name: name.text, found, expected: what }, location, { label: `not ${withArticle(what)}`, related, notes: symbol.declaration.kind === 'AttributeDecl' && what === 'contract' ? [attributeParameter(symbol.name)] : [] }));
    return undefined;
  }
  const candidates = [...module.names].filter(([, s]) => isKind(s, ...kinds) && isMeant(s.declaration)).map(([n]) => n);
  report(unknownName(name.text, what, candidates, location));
  return undefined;
}

/** Why a part takes no value of an attribute. */
const attributeParameter = (name: string): string =>
  `A part computes, and no computation depends on a word. One that serves every value and leaves it says \`keeps ${name}\`; one that needs a certain value, or makes one, says so in a type: \`where ${name} == …\`.`;

/** `linear.w` of a name map, as one name. */
export const pathName = ({ path }: NameMapEntry): Name => ({
  kind: 'Name',
  text: path.map((name) => name.text).join('.'),
  span: { start: path[0]?.span.start ?? 0, end: path.at(-1)?.span.end ?? 0 },
});

/** Names that must differ: the inputs of a part, the fields of a record. `mend` is how one is told from the first. */
export function reportRepeated(nodes: readonly { readonly name: Name }[], where: string, module: ModuleScope, report: (diagnostic: Diagnostic) => void, mend: (name: Name, i: number) => readonly Fix[] = () => []): void {
  const seen = new Map<string, Name>();
  for (const [i, { name }] of nodes.entries()) {
    const first = seen.get(name.text);
    if (first === undefined) seen.set(name.text, name);
    else if (name.text !== '') {
      report(
        nameCodes.report('duplicate-name', { name: name.text, where }, at(module, name.span), {
          label: 'declared again here',
          related: [{ location: at(module, first.span), text: 'first here' }],
          fixes: mend(name, i),
        }),
      );
    }
  }
}

/** Names that may be others as well: the second one gets one of its own. */
export const reportRepeatedNames = (nodes: readonly { readonly name: Name }[], where: string, module: ModuleScope, report: (diagnostic: Diagnostic) => void): void =>
  reportRepeated(nodes, where, module, report, (name) => [renameAgain(name, nodes.map((node) => node.name.text), module)]);

export function unknownName(name: string, what: string, candidates: readonly string[], location: Diagnostic['location']): Diagnostic {
  const near = nearestNames(name, candidates);
  return nameCodes.report('unknown-name', { name, what }, location, {
    ...mistyped(near, location, 'unknown'),
    notes: near.length > 0 || candidates.length === 0 || candidates.length > 12 ? [] : [`In scope: ${candidates.map((n) => `\`${n}\``).join(', ')}.`],
  });
}
