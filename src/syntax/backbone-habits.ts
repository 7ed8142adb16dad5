/** A backbone's file in its head, as other languages have it: `backbone B from "./b.onnx" { … }`. */
import type { IToken } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { SourceText } from '../text/source.ts';
import { Identifier, LCurly, Source, StringLiteral, VersionLiteral } from './tokens.ts';

export interface FileInHead {
  /** The brace, and the file as a member behind it, where it stands. */
  readonly tokens: readonly IToken[];
  readonly diagnostic: Diagnostic;
  /** The first token behind the brace. */
  readonly end: number;
}

const words: ReadonlySet<string> = new Set(['from', 'source', 'file', 'path', 'onnx', '=', ':', '(']);

/** What stands between the name or the version of a backbone and its body, where that is its file. */
export function fileInHead(source: SourceText, tokens: readonly IToken[], at: number): FileInHead | undefined {
  const versioned = tokens[at - 1]?.tokenType === VersionLiteral && tokens[at - 2]?.image === '@';
  const name = versioned ? at - 3 : at - 1;
  if (tokens[name]?.tokenType !== Identifier || tokens[name - 1]?.image !== 'backbone') return undefined;
  const first = tokens[at]!;
  const file = first.tokenType === StringLiteral ? at : words.has(first.image) ? at + 1 : -1;
  const string = tokens[file];
  const brace = first.image === '(' ? file + 2 : file + 1;
  if (string?.tokenType !== StringLiteral || tokens[brace]?.tokenType !== LCurly || (first.image === '(' && tokens[file + 1]?.image !== ')')) return undefined;
  const { uri, text } = source;
  const start = tokens[at - 1]!.startOffset + tokens[at - 1]!.image.length;
  const [open, last] = [tokens[brace]!, tokens[brace - 1]!];
  const end = last.startOffset + last.image.length;
  const found = text.slice(first.startOffset, end);
  const location = { uri, span: { start: first.startOffset, end } };
  const behind = { start: open.startOffset + 1, end: open.startOffset + 1 };
  const line = /^[ \t]*[\r\n]/.test(text.slice(behind.start)) ? `\n  source ${string.image}` : ` source ${string.image}`;
  const edits = [{ location: { uri, span: { start, end } }, text: '' }, { location: { uri, span: behind }, text: line }];
  const diagnostic = syntaxCodes.report('other-notation', { what: "A backbone's file", wanted: `{ source ${string.image} … }`, found: `${found} { … }` }, location, {
    fixes: [{ title: 'Write it as the first member', edits }],
  });
  const word: IToken = { ...string, image: 'source', tokenType: Source, tokenTypeIdx: Source.tokenTypeIdx! };
  return { tokens: [open, word, string], diagnostic, end: brace + 1 };
}
