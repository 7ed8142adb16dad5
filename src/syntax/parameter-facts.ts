/**
 * `part f(x: f32[n] where range [0, 1], y: f32[n])`: facts inside the parentheses of a part. The grammar has none there, for
 * a comma could go on with the facts or with the parameters; a reader can tell. They are taken out before the parser
 * recovers, which then finds all parameters.
 */
import type { CstNode, IToken } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { Adapter, Colon, Head, Identifier, Part, Where } from './tokens.ts';

export interface ParameterFacts {
  /** The tokens of the part's head, up to the facts. */
  readonly head: readonly IToken[];
  /** The parameter's name, `:` and its type; none is empty. */
  readonly parameter: readonly IToken[];
  /** From `where` on. */
  readonly facts: readonly IToken[];
}

const roles: ReadonlySet<unknown> = new Set([Adapter, Head, Part]);
const openers: ReadonlySet<string> = new Set(['(', '[', '{']);
const closers: ReadonlySet<string> = new Set([')', ']', '}']);
const isName = (token: IToken | undefined): token is IToken =>
  token !== undefined && (token.tokenType === Identifier || (token.tokenType.CATEGORIES ?? []).includes(Identifier));

/** The tokens without such facts, and those that were taken out. */
export function takeOutParameterFacts(tokens: readonly IToken[]): { readonly tokens: IToken[]; readonly taken: readonly ParameterFacts[] } {
  const kept: IToken[] = [];
  const taken: ParameterFacts[] = [];
  for (let i = 0; i < tokens.length; ) {
    const end = roles.has(tokens[i]!.tokenType) && isName(tokens[i + 1]) ? endOfParameters(tokens, i + 2) : undefined;
    if (end === undefined) {
      kept.push(tokens[i++]!);
      continue;
    }
    const found = factsBetween(tokens, i, end);
    const out = new Set(found.flatMap(({ facts }) => facts));
    for (; i < end; i++) if (!out.has(tokens[i]!)) kept.push(tokens[i]!);
    taken.push(...found);
  }
  return { tokens: kept, taken };
}

/** Behind the `)` that ends the parameters of a part; undefined where no parameters stand, or nothing ends them. */
function endOfParameters(tokens: readonly IToken[], from: number): number | undefined {
  // Between the name and the parameters a version may stand.
  const open = [from, from + 2].find((at) => tokens[at]?.image === '(');
  if (open === undefined) return undefined;
  for (let i = open, depth = 0; i < tokens.length; i++) {
    const { image, tokenType } = tokens[i]!;
    if (roles.has(tokenType)) return undefined;
    if (openers.has(image)) depth++;
    else if (closers.has(image) && --depth === 0) return i + 1;
  }
  return undefined;
}

function factsBetween(tokens: readonly IToken[], start: number, end: number): ParameterFacts[] {
  const found: ParameterFacts[] = [];
  let depth = 0;
  let parameter = start;
  let where: number | undefined;
  for (let i = start; i < end; i++) {
    const { image, tokenType } = tokens[i]!;
    const next = image === ',' && isName(tokens[i + 1]) && tokens[i + 2]?.tokenType === Colon;
    const ends = depth === 1 && (image === ')' || next);
    if (ends && where !== undefined && isName(tokens[parameter])) {
      found.push({ head: tokens.slice(start, where), parameter: tokens.slice(parameter, where), facts: tokens.slice(where, i) });
    }
    if (ends) where = undefined;
    if (depth === 1 && tokenType === Where) where ??= i;
    if (ends || (depth === 0 && image === '(')) parameter = i + 1;
    if (openers.has(image)) depth++;
    else if (closers.has(image)) depth--;
  }
  return found;
}

const endOf = (token: IToken): number => token.startOffset + token.image.length;

/** `cst`: undefined where the facts are wrong themselves, so that they help nobody elsewhere. */
export function reportParameterFacts(source: SourceText, found: ParameterFacts & { readonly cst: CstNode | undefined }): Diagnostic {
  const { parameter, facts } = found;
  const location = { uri: source.uri, span: { start: facts[0]!.startOffset, end: endOf(facts.at(-1)!) } };
  return syntaxCodes.report('facts-in-parentheses', { parameter: parameter[0]!.image }, location, {
    notes: ['A contract gives a type and its facts a name; a part says by that name what it takes.'],
    fixes: found.cst === undefined ? [] : extraction(source, found),
  });
}

/** A contract above the part, whose sizes are captured by their names. */
function extraction(source: SourceText, { head, parameter, facts }: ParameterFacts): Fix[] {
  const [role, part] = head;
  const [given, , ...type] = parameter;
  const others = head.filter((token, i) => isName(token) && head[i + 1]?.tokenType === Colon).map((token) => token.image);
  // What a compile-time parameter of the part says, a contract outside of it does not know.
  if (type.length === 0 || [...type, ...facts].some((token) => others.includes(token.image))) return [];
  const name = `${capital(part!.image)}${capital(given!.image)}`;
  const { uri, text } = source;
  const end = endOf(facts.at(-1)!);
  const above = startOfDoc(text, role!.startOffset);
  const contract = `contract ${name} = ${text.slice(type[0]!.startOffset, end)}\n\n`;
  const edits = [
    { location: { uri, span: { start: above, end: above } }, text: contract },
    { location: { uri, span: { start: type[0]!.startOffset, end } }, text: name },
  ];
  return [{ title: `write it above, as the contract \`${name}\``, edits }];
}

const capital = (word: string): string => word.split('_').map((piece) => piece.charAt(0).toUpperCase() + piece.slice(1)).join('');

/** Where the comments begin that stand in the lines above a declaration; itself where something else stands in its line. */
function startOfDoc(text: string, declaration: number): number {
  let start = text.lastIndexOf('\n', declaration - 1) + 1;
  if (text.slice(start, declaration).trim() !== '') return declaration;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!text.slice(above, start).trimStart().startsWith('//')) break;
    start = above;
  }
  return start;
}
