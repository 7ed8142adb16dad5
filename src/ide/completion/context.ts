/** What kind of thing can stand at a place: by the tokens before it, so that it works in unfinished text. */
import type { ModuleScope } from '../../names/modules.ts';
import type { Declaration, Import } from '../../syntax/ast.ts';
import { lex } from '../../syntax/lex.ts';
import { StringLiteral } from '../../syntax/tokens.ts';
import { contains, lineText, positionAt, type Span } from '../../text/source.ts';

export type Place =
  /** Where a declaration can begin; `head` is a part whose clauses can go on here. */
  | { readonly kind: 'top'; readonly head: boolean }
  | { readonly kind: 'import-name'; readonly item: Import }
  | { readonly kind: 'import-path' }
  /** A string that names a tensor of a backbone's or a part's file. */
  | { readonly kind: 'file-name'; readonly quoted?: true }
  /** The path of a file of one of these endings; `folder` is what of it stands before the name. */
  | { readonly kind: 'file-path'; readonly endings: readonly string[]; readonly folder: string }
  /** A parameter in `from { … }`, behind the words of its path that stand there. */
  | { readonly kind: 'weight-path'; readonly before: string }
  | { readonly kind: 'field' }
  | { readonly kind: 'type'; readonly compileTime: boolean }
  | { readonly kind: 'size' }
  /** `argument` is the one whose value stands here. */
  | { readonly kind: 'contract-argument'; readonly contract: string; readonly argument?: string }
  | { readonly kind: 'fact' }
  | { readonly kind: 'nominal'; readonly of: 'space' | 'tokenizer' }
  | { readonly kind: 'keeps' }
  | { readonly kind: 'stage' }
  /** Where a member of a declaration can begin; `nested` is one of a block in it, as of a rollout's slot. */
  | { readonly kind: 'member'; readonly nested: boolean }
  /** A value; inside of a call's parentheses with the tokens of its callee, and behind `name:` with that name. */
  | { readonly kind: 'value'; readonly callee?: readonly string[]; readonly argument?: string };

export interface Context {
  /** The word or the string's content that is being written. */
  readonly span: Span;
  readonly place: Place;
  readonly declaration: Declaration | undefined;
}

export type Token = ReturnType<typeof lex>['tokens'][number];
export const endOf = (token: Token): number => token.startOffset + token.image.length;

/** Undefined where nothing can be proposed. */
export function contextAt(scope: ModuleScope, offset: number): Context | undefined {
  const { tokens, comments } = lex(scope.source);
  if (comments.some(({ span }) => span.start < offset && offset <= span.end)) return undefined;
  const declaration = scope.ast.declarations.findLast(({ span }) => span.start < offset);
  const string = tokens.find((token) => token.tokenType === StringLiteral && token.startOffset < offset && offset < endOf(token) + (isClosed(token) ? 0 : 1));
  if (string !== undefined) {
    const before = tokens.filter((token) => endOf(token) <= string.startOffset);
    const start = string.startOffset + 1;
    const end = isClosed(string) ? endOf(string) - 1 : endOf(string);
    const endings = fileEndings[before.at(-1)?.image ?? ''];
    if (endings !== undefined) {
      const folder = /^.*\//.exec(scope.source.text.slice(start, offset))?.[0] ?? '';
      return { span: { start: start + folder.length, end }, place: { kind: 'file-path', endings, folder }, declaration };
    }
    const place = stringPlace(before, declaration);
    return place && { span: { start, end }, place, declaration };
  }
  const span = wordAt(scope.source.text, offset);
  const before = tokens.filter((token) => endOf(token) <= span.start);
  const item = scope.ast.imports.find((i) => contains(i.span, offset));
  const place = item === undefined ? placeAfter(before, declaration, beginsLine(scope, span.start)) : importPlace(item, before);
  return place && { span, place, declaration };
}

/** What stands behind a word that names a file. */
const fileEndings: Readonly<Record<string, readonly string[] | undefined>> = { source: ['.onnx'], weights: ['.safetensors', '.onnx', '.npz', '.bin'], data: ['.jsonl', '.csv'] };

const isClosed = ({ image }: Token): boolean => image.length > 1 && image.endsWith('"');

function wordAt(text: string, offset: number): Span {
  const before = /[A-Za-z0-9_]*$/.exec(text.slice(0, offset))![0].length;
  const after = /^[A-Za-z0-9_]*/.exec(text.slice(offset))![0].length;
  return { start: offset - before, end: offset + after };
}

function beginsLine({ source }: ModuleScope, offset: number): boolean {
  const { line, character } = positionAt(source, offset);
  return lineText(source, line).slice(0, character).trim() === '';
}

function stringPlace(before: readonly Token[], declaration: Declaration | undefined): Place | undefined {
  const last = before.at(-1)?.image;
  const importing = before.findLastIndex((t) => t.image === 'import') > before.findLastIndex((t) => t.image === '"' || t.tokenType === StringLiteral);
  if (last === 'from' && importing) return { kind: 'import-path' };
  if (last === ':' || (last === 'from' && declaration?.kind === 'BackboneDecl')) return { kind: 'file-name' };
  return undefined;
}

function importPlace(item: Import, before: readonly Token[]): Place | undefined {
  const last = before.at(-1)?.image;
  return last === '{' || last === ',' ? { kind: 'import-name', item } : undefined;
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The brackets that are open behind some tokens, by their indices. */
export function openBrackets(tokens: readonly Token[]): number[] {
  const open: number[] = [];
  tokens.forEach(({ image }, i) => {
    if (image in closers) open.push(i);
    else if (open.length > 0 && closers[tokens[open.at(-1)!]!.image] === image) open.pop();
  });
  return open;
}

function placeAfter(tokens: readonly Token[], declaration: Declaration | undefined, newLine: boolean): Place | undefined {
  const own = declaration === undefined ? [] : tokens.filter((t) => t.startOffset >= declaration.span.start);
  const open = openBrackets(own);
  const bracket = own[open.at(-1) ?? -1]?.image;
  const last = own.at(-1)?.image;
  const inBody = open.some((i) => own[i]!.image === '{');
  if (declaration === undefined) return newLine ? { kind: 'top', head: false } : undefined;
  if (bracket === '{' && declaration.kind === 'PartDecl' && own[open.at(-1)! - 1]?.image === 'from') return weightPlace(own.slice(open.at(-1)! + 1));
  if (last === '.') return { kind: 'field' };
  const fact = factPlace(own);
  if (fact !== undefined) return fact;
  if (last === '->') return { kind: 'type', compileTime: false };
  if (last === '|>') return { kind: 'stage' };
  if (bracket === '[') return own[open.at(-1)! - 1]?.image === '=' ? undefined : { kind: 'size' };
  if (bracket === '(') return inParentheses(own, open.at(-1)!, inBody);
  if (!inBody) {
    if (last === '=' && declaration.kind === 'ContractDecl') return { kind: 'type', compileTime: false };
    return newLine ? { kind: 'top', head: declaration.kind === 'PartDecl' } : undefined;
  }
  return inBraces(own, declaration, newLine, open.length > 1);
}

/** Inside of `weights "…" from { linear.w: "w", … }`, by what stands there. */
function weightPlace(entries: readonly Token[]): Place | undefined {
  const entry = entries.slice(entries.findLastIndex(({ image }) => image === ',') + 1);
  const last = entry.at(-1)?.image;
  if (last === ':') return { kind: 'file-name', quoted: true };
  return last === undefined || last === '.' ? { kind: 'weight-path', before: entry.map(({ image }) => image).join('') } : undefined;
}

function inBraces(own: readonly Token[], declaration: Declaration, newLine: boolean, nested: boolean): Place | undefined {
  const last = own.at(-1)!.image;
  const isName = own.at(-2)?.image !== undefined && /^(input|output|param)$/.test(own.at(-3)?.image ?? '');
  if (last === ':' && (isName || declaration.kind === 'ContractDecl')) return { kind: 'type', compileTime: false };
  if (newLine || last === '{') return { kind: 'member', nested };
  const value = declaration.kind === 'PartDecl' || declaration.kind === 'ModelDecl';
  return value && /^(=|[-+*/])$/.test(last) ? { kind: 'value' } : undefined;
}

/** Parameters of a head, arguments of a contract, arguments of a call. */
function inParentheses(own: readonly Token[], open: number, inBody: boolean): Place | undefined {
  const last = own.at(-1)!.image;
  const callee = calleeBefore(own, open);
  if (last !== '(' && last !== ',' && last !== ':') return inBody && /^[-+*/]$/.test(last) ? { kind: 'value' } : undefined;
  const isType = /^(:|=|->)$/.test(own[open - 2]?.image ?? '');
  // `contract C(`, `part p(`, `head H @ 1.0.0 (`
  const isHead = !inBody && !isType;
  if (isHead) return last === ':' ? { kind: 'type', compileTime: true } : undefined;
  if (isType && isContractArgument(own, open)) return { kind: 'contract-argument', contract: callee.at(-1) ?? '', ...(last === ':' ? { argument: own.at(-2)!.image } : {}) };
  return last === ':' ? { kind: 'value', callee, argument: own.at(-2)!.image } : { kind: 'value', callee };
}

/** `let x = f(` is a call, `input x: C(` is not. */
const isContractArgument = (own: readonly Token[], open: number): boolean =>
  own[open - 2]!.image !== '=' || !/^(let|output)$/.test(own[open - 4]?.image ?? '');

export function calleeBefore(own: readonly Token[], open: number): readonly string[] {
  const name = own[open - 1]?.image ?? '';
  return own[open - 2]?.image === '.' ? [own[open - 3]?.image ?? '', name] : [name];
}

/** Words behind which a `where` clause is over. */
const clauseEnds = /^(keeps|weights|from|input|output|param|let|source|\{|\}|=|->|\||\|>)$/;

/** Inside of `where …` and `keeps …`. */
function factPlace(own: readonly Token[]): Place | undefined {
  const last = own.at(-1)?.image;
  for (let i = own.length - 1, depth = 0; i >= 0; i--) {
    const { image } = own[i]!;
    if (image === ')' || image === ']') depth++;
    else if (image === '(' || image === '[') depth--;
    if (depth < 0) return undefined;
    if (depth > 0) continue;
    if (image === 'where') {
      if (last === 'where' || last === ',') return { kind: 'fact' };
      return last === 'space' || last === 'tokenizer' ? { kind: 'nominal', of: last } : undefined;
    }
    if (image === 'keeps') return last === 'keeps' || last === ',' ? { kind: 'keeps' } : undefined;
    if (clauseEnds.test(image)) return undefined;
  }
  return undefined;
}
