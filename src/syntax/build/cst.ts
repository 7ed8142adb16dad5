/** Reading a concrete tree that may have holes where the parser recovered. */
import type { CstNode, IToken, TokenType } from 'chevrotain';
import { syntaxCodes } from '../../diagnostics/codes/syntax.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { SourceText, Span } from '../../text/source.ts';
import type { Name, NumberLit, StringLit } from '../ast.ts';
import type { DocComment } from '../lex.ts';
import { unescape } from '../strings.ts';

/** What the builders share while they read one module. */
export interface Builder {
  readonly source: SourceText;
  /** The `///` lines above the token at an offset; `documented` holds the offsets of those that a node has taken. */
  readonly docs: ReadonlyMap<number, DocComment>;
  readonly documented: Set<number>;
  /** The facts that were found inside a part's parentheses, by the offset of their parameter's name. */
  readonly parameterFacts: ReadonlyMap<number, CstNode | undefined>;
  readonly diagnostics: Diagnostic[];
}

type Children = CstNode['children'];
const isNode = (element: Children[string][number]): element is CstNode => 'children' in element;

/** The sub-trees of a rule in a node, in the order of the text. */
export const nodesOf = (cst: CstNode, rule: string): readonly CstNode[] => (cst.children[rule] ?? []).filter(isNode);
export const nodeOf = (cst: CstNode, rule: string): CstNode | undefined => nodesOf(cst, rule)[0];

/** The tokens that a node asked for as `type`, in the order of the text. */
export const tokensOf = (cst: CstNode, type: TokenType): readonly IToken[] =>
  (cst.children[type.name] ?? []).filter((element): element is IToken => !isNode(element));
export const tokenOf = (cst: CstNode, type: TokenType): IToken | undefined => tokensOf(cst, type)[0];

/** True for a token of the text, false for one that recovery made up. */
export const isReal = (token: IToken | undefined): token is IToken => token !== undefined && !Number.isNaN(token.startOffset);

export const spanOfToken = (token: IToken): Span => ({ start: token.startOffset, end: token.startOffset + token.image.length });

/** The span of a node, or the empty span at `at` where it has no token of its own. */
export function spanOf(cst: CstNode | undefined, at: number): Span {
  const start = cst?.location?.startOffset ?? NaN;
  const end = cst?.location?.endOffset ?? NaN;
  if (Number.isNaN(start)) return { start: at, end: at };
  return { start, end: Number.isNaN(end) ? start : Math.max(start, end + 1) };
}

export const emptySpanAt = (at: number): Span => ({ start: at, end: at });

/** The span from the first to the last of several. */
export const join = (first: Span, last: Span): Span => ({
  start: Math.min(first.start, last.start),
  end: Math.max(first.end, last.end),
});

/** The text of the `///` lines above a node, as a property to spread. */
export function docOf(b: Builder, cst: CstNode): { readonly doc?: string } {
  const { start } = spanOf(cst, -1);
  const doc = b.docs.get(start)?.text;
  if (doc === undefined) return {};
  b.documented.add(start);
  return { doc };
}

/** A name, or the empty one at `at`. */
export const buildName = (token: IToken | undefined, at: number): Name =>
  isReal(token)
    ? { kind: 'Name', span: spanOfToken(token), text: token.image }
    : { kind: 'Name', span: emptySpanAt(at), text: '' };

/** A string, or the empty one at `at`. */
export const buildString = (token: IToken | undefined, at: number): StringLit =>
  isReal(token)
    ? { kind: 'StringLit', span: spanOfToken(token), value: unescape(token.image) }
    : { kind: 'StringLit', span: emptySpanAt(at), value: '' };

/** Says where `=` stands for `==`, or the other way round. */
export function checkEquals(b: Builder, token: IToken | undefined, wanted: '=' | '=='): void {
  if (!isReal(token) || token.image === wanted) return;
  const location = { uri: b.source.uri, span: spanOfToken(token) };
  const fixes = [{ title: `Write \`${wanted}\``, edits: [{ location, text: wanted }] }];
  const words = { expected: `\`${wanted}\``, found: `\`${token.image}\`` };
  b.diagnostics.push(syntaxCodes.report('wrong-equals', words, location, { fixes }));
}

/** One edit as a fix. */
export const writeAt = ({ uri }: Pick<SourceText, 'uri'>, title: string, span: Span, text: string): Fix => ({ title, edits: [{ location: { uri, span }, text }] });

/** A whole number that is not written as one, `224.0` or `1e3`, with its digits. */
export function wholeFixes({ source }: Builder, written: string, span: Span): Fix[] {
  const value = Number(written);
  return Number.isSafeInteger(value) ? [writeAt(source, `Write \`${value}\``, span, String(value))] : [];
}

/** A number, or `NaN` at `at`. */
export const buildNumber = (token: IToken | undefined, at: number): NumberLit =>
  isReal(token)
    ? { kind: 'NumberLit', span: spanOfToken(token), value: Number(token.image), text: token.image }
    : { kind: 'NumberLit', span: emptySpanAt(at), value: NaN, text: '' };
