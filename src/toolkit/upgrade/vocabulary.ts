/** An encoder file that reads other tokens than the old one: its tokenizer, and the contract of what feeds it. */
import type { Host } from '../../host/host.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { resolvePath } from '../../names/paths.ts';
import type { BackboneDecl, ContractDecl, Node, TokenizerDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';

/** A node of a module's text. */
export interface Written {
  readonly node: Node;
  readonly module: ModuleScope;
}

export interface Vocabulary {
  /** The tokenizer of the old encoder, whose place the new one takes. */
  readonly old: Symbol<TokenizerDecl>;
  /** Of the new one: its file. */
  readonly uri: string;
}

/**
 * The tokenizer of an encoder file: the one that the call names, else `tokenizer.json` beside the file where it is another one than
 * the old encoder's. Undefined where the old one's serves; a clause that says why, where none can be told.
 */
export function vocabularyFor(given: string | undefined, source: string, like: Symbol<BackboneDecl>, host: Host): Vocabulary | string | undefined {
  const known = [...new Set(like.declaration.members.flatMap((member) => (member.kind === 'BackboneInput' ? tokenizersIn({ node: member.type, module: like.module }) : [])))];
  if (known.length === 0) return given === undefined ? undefined : `\`${like.name}\` takes no tokens, and --tokenizer names a tokenizer`;
  const beside = new URL('tokenizer.json', source).href;
  const uri = given ?? (host.stat(beside) === undefined ? undefined : beside);
  const [old] = known;
  if (uri === undefined || (known.length === 1 && isSameFile(old!, uri, host))) return undefined;
  return known.length === 1 ? { old: old!, uri } : `\`${like.name}\` takes tokens of ${known.map(({ name }) => `\`${name}\``).join(' and ')}, and it cannot be told which the tokenizer of the new file replaces: declare it in MDL, and name that`;
}

function isSameFile({ declaration: { source }, module }: Symbol<TokenizerDecl>, uri: string, host: Host): boolean {
  const own = source && resolvePath(source.value, module.uri);
  if (own === undefined) return false;
  const [a, b] = [own, uri].map((file) => host.sha256(file)) as [ReturnType<Host['sha256']>, ReturnType<Host['sha256']>];
  return a.ok && b.ok && a.value === b.value;
}

/** The tokenizers that a type speaks of, also by way of contracts. */
export function tokenizersIn({ node, module }: Written): readonly Symbol<TokenizerDecl>[] {
  return namesIn({ node, module }).flatMap((symbol) => (isTokenizer(symbol) ? [symbol] : isContract(symbol) ? tokenizersIn(bodyOf(symbol)) : []));
}

/** What a type stands for, followed through contracts down to the text that speaks of the tokenizer itself. */
export function spelledOut(written: Written, tokenizer: Symbol<TokenizerDecl>): Written {
  const names = namesIn(written);
  if (names.includes(tokenizer)) return written;
  const contract = names.find((symbol): symbol is Symbol<ContractDecl> => isContract(symbol) && tokenizersIn(bodyOf(symbol)).includes(tokenizer));
  return contract === undefined ? written : spelledOut(bodyOf(contract), tokenizer);
}

const isTokenizer = (symbol: Symbol): symbol is Symbol<TokenizerDecl> => symbol.declaration.kind === 'TokenizerDecl';
const isContract = (symbol: Symbol): symbol is Symbol<ContractDecl> => symbol.declaration.kind === 'ContractDecl';
const bodyOf = ({ declaration, module }: Symbol<ContractDecl>): Written => ({ node: declaration.body, module });

/** The names in a text that its module knows. */
function namesIn({ node, module }: Written): readonly Symbol[] {
  const found: Symbol[] = [];
  visit(node, {
    enter(inner) {
      const symbol = inner.kind === 'Name' ? module.names.get(inner.text) : undefined;
      if (symbol !== undefined) found.push(symbol);
    },
  });
  return found;
}
