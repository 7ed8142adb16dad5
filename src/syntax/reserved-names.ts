/** Reserved words as the names of values: `let head = …`, or an input `head: …` that the body then speaks of. */
import type { IToken } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { declarationWords, Identifier, reservedWords } from './tokens.ts';

/** A reserved word where a name is declared, and where the same declaration means that name. */
export interface ReservedName {
  readonly token: IToken;
  readonly uses: readonly IToken[];
  /** Whether it may be declared so, but not be spoken of: it stands before a `:`. */
  readonly unspeakable: boolean;
}

/** These stand before other words and alone, as in `keeps space` and `of: labels`: which are names nobody can tell. */
const factWords: ReadonlySet<string> = new Set(['space', 'tokenizer', 'labels']);
/** A `where` behind `keeps space` is a clause, not a name. */
const names: ReadonlySet<string> = new Set([...reservedWords.keys()].filter((word) => word !== 'where'));
const introducers: ReadonlySet<string> = new Set([...declarationWords.keys(), 'let', 'param']);
/** Behind these a new name stands where what follows it says so. */
const introducersInPlace: ReadonlySet<string> = new Set(['output', 'as']);
/** The words behind which a value's name and its type stand. */
const typed: ReadonlySet<string> = new Set(['input', 'state', 'param']);
const signatures: ReadonlySet<string> = new Set(['part', 'adapter', 'head']);

const endOf = (token: IToken | undefined): number => (token === undefined ? 0 : token.startOffset + token.image.length);

/** Where a token stands: the brackets around it, and whether it is the first of its line. */
interface Place {
  readonly open: readonly string[];
  readonly newLine: boolean;
  /** The word of the declaration around it. */
  readonly within: string;
}

/** Whether a value gets this name here; `typed` where a `:` follows, as it may behind any word. */
function declares(tokens: readonly IToken[], i: number, { open, newLine, within }: Place): 'named' | 'typed' | undefined {
  const [before, after] = [tokens[i - 1]?.image ?? '', tokens[i + 1]?.image ?? ''];
  if (after === ':') {
    const isInput = open.length === 1 && open[0] === '(' && signatures.has(within);
    return isInput || (open.length === 1 && typed.has(before) && within !== 'backbone') ? 'typed' : undefined;
  }
  if (newLine) return undefined;
  return introducers.has(before) || (introducersInPlace.has(before) && /^[=,}]$/.test(after)) ? 'named' : undefined;
}

/** Reserved words that name something, in one walk over the tokens. */
export function reservedNames(text: string, tokens: readonly IToken[]): readonly ReservedName[] {
  const found: ReservedName[] = [];
  const open: string[] = [];
  let within = '';
  /** By the word: the last that was declared in this declaration. */
  const declared = new Map<string, { token: IToken; uses: IToken[]; unspeakable: boolean }>();
  const settle = (word: string): void => {
    const name = declared.get(word);
    if (name !== undefined && (!name.unspeakable || name.uses.length > 0)) found.push(name);
    declared.delete(word);
  };
  for (const [i, token] of tokens.entries()) {
    if ('([{'.includes(token.image)) open.push(token.image);
    else if (')]}'.includes(token.image)) open.pop();
    if (token.tokenType !== Identifier || !names.has(token.image)) continue;
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    const newLine = before === undefined || /[\r\n]/.test(text.slice(endOf(before), token.startOffset));
    const how = declares(tokens, i, { open, newLine, within });
    if (how !== undefined) {
      settle(token.image);
      declared.set(token.image, { token, uses: [], unspeakable: how === 'typed' });
    } else if (open.length === 0 && declarationWords.has(token.image)) {
      for (const word of declared.keys()) settle(word);
      within = token.image;
    } else if (open.includes('{') && before?.image !== '.' && after?.image !== ':' && !beginsSomething(text, token, after)) {
      declared.get(token.image)?.uses.push(token);
    }
  }
  for (const word of declared.keys()) settle(word);
  return found.map((name) => (isSpokenOfElsewhere(tokens, name.token) ? { ...name, uses: usesInFile(text, tokens, name.token) } : name));
}

/** A declaration's name, or an import's other one. */
function isSpokenOfElsewhere(tokens: readonly IToken[], token: IToken): boolean {
  const before = tokens[tokens.indexOf(token) - 1]?.image ?? '';
  return before === 'as' || declarationWords.has(before);
}

/** Where a file means a name that it declares, and does not begin something with the word. */
function usesInFile(text: string, tokens: readonly IToken[], name: IToken): IToken[] {
  return tokens.filter((token, i) => {
    if (token === name || token.image !== name.image || token.tokenType !== Identifier) return false;
    const [before, after] = [tokens[i - 1], tokens[i + 1]];
    if (before?.image === '.' || after?.image === ':' || declares(tokens, i, { open: [], newLine: false, within: '' }) !== undefined) return false;
    return !factWords.has(token.image) && !beginsSomething(text, token, after);
  });
}

/** `head H`, `space meaning`, `let y`: a word with another one behind it on its line. */
const beginsSomething = (text: string, token: IToken, after: IToken | undefined): boolean =>
  after?.tokenType === Identifier && !/[\r\n]/.test(text.slice(endOf(token), after.startOffset));

export function reportReserved(source: SourceText, tokens: readonly IToken[], { token, uses, unspeakable }: ReservedName): Diagnostic {
  const at = ({ startOffset, image }: IToken) => ({ uri: source.uri, span: { start: startOffset, end: startOffset + image.length } });
  const taken = new Set(tokens.map(({ image }) => image));
  const isElsewhere = isSpokenOfElsewhere(tokens, token);
  const own = isElsewhere ? `my_${token.image}` : `${token.image}_value`;
  let name = own;
  for (let n = 2; taken.has(name); n++) name = `${own}${n}`;
  const rename: Fix = { title: `Call it \`${name}\``, edits: [token, ...uses].map((use) => ({ location: at(use), text: name })) };
  const notes = unspeakable
    ? [`Any word may stand before a \`:\`, but here \`${token.image}\` begins a declaration, so the body cannot speak of it.`]
    : ['It can still follow a `.` or stand before a `:`, as the name of a field or an argument.'];
  const related = unspeakable ? [{ location: at(uses[0]!), text: 'meant here' }] : [];
  return syntaxCodes.report('reserved-word', { word: token.image }, at(token), { notes, related, fixes: isElsewhere && factWords.has(token.image) ? [] : [rename] });
}
