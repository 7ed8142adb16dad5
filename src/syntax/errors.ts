/** What the parser found wrong, in a sentence that a person would say. */
import { EOF, type IParserErrorMessageProvider, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Fix, Place } from '../diagnostics/diagnostic.ts';
import type { Location, SourceText } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import { limits } from './limits.ts';
import { isClosed } from './strings.ts';
import { CaretRange, declarationWords, Identifier, LBracket, LParen, StringLiteral, vocabulary } from './tokens.ts';

// ---------------------------------------------------------------- from chevrotain

const namesOf = (types: readonly TokenType[]): string => [...new Set(types.map((type) => type.name))].join(' ');

/** Answers with the names of the tokens that were expected; `diagnose` makes the sentence. */
export const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => EOF.name,
  buildNoViableAltMessage: ({ expectedPathsPerAlt }) => namesOf(expectedPathsPerAlt.flat().map((path) => path[0]!)),
  buildEarlyExitMessage: ({ expectedIterationPaths }) => namesOf(expectedIterationPaths.map((path) => path[0]!)),
};

const labels: ReadonlyMap<string, string> = new Map(vocabulary.map((type) => [type.name, type.LABEL ?? type.name]));

// ---------------------------------------------------------------- what may stand where

/** What a rule is for, where "a name, a number, a string or `[`" would say less. */
const phrases: Readonly<Record<string, string>> = {
  module: 'a declaration',
  declaration: 'a declaration',
  atom: 'a value',
  fact: 'a fact, such as `range [0, 1]` or `space minilm@^2`',
  bound: 'a number, `inf` or a parameter',
  dim: 'a dim: a name, a number or `...`',
  sizeAtom: 'a dim: a name or a number',
  param: 'a type',
  baseType: 'a type',
  contract: '`=` and a type, or `{` and fields',
  part: 'a body: `{` and a value, or `source` and a file',
  fileNames: 'a string, or `{` and names',
  nominalFact: 'a name',
  violation: '`violation` and `reject`, `clamp`, `replace(VALUE)` or `report`',
  compared: 'a name or a number',
  rangeFact: '`[` and two numbers',
  postfix: 'a field or arguments',
  toolMember: 'a member',
  slotMember: '`arm`, `shadow`, `sticky`, `flag` or `rollback`',
};

/** The words that begin the members of a rule: one of them may have been meant. */
const memberWords: Readonly<Record<string, readonly string[]>> = {
  module: [...declarationWords.keys(), 'import', 'where', 'from'],
  model: ['input', 'state', 'let', 'output', 'next', 'budget', 'where'],
  backbone: ['source', 'input', 'output', 'tap', 'replace', 'card', 'where', 'from'],
  block: ['let', 'param', 'where', 'keeps', 'weights', 'from'],
  part: ['where', 'keeps', 'weights', 'source', 'from', 'to', 'learned'],
  importClause: ['from'],
  tool: ['data', 'let', 'loss', 'method', 'seed', 'swap', 'require', 'through', 'taps', 'tolerance', 'with', 'in'],
  toolMember: ['with', 'in'],
  rollout: ['of', 'slot'],
  slot: ['arm', 'shadow', 'sticky', 'flag', 'rollback', 'over'],
  slotMember: ['by', 'to', 'when'],
};

/** Rules whose items have commas between them. */
const lists: ReadonlySet<string> = new Set([
  'list', 'recordValue', 'args', 'dims', 'params', 'nameMap', 'importClause', 'labels', 'attribute', 'rangeFact',
]);
/** Rules whose members have nothing between them. */
const bodies: ReadonlySet<string> = new Set(['model', 'backbone', 'block', 'record', 'card', 'budget', 'tool', 'rollout', 'slot']);

const openerOf: Readonly<Partial<Record<string, string>>> = { RParen: '(', RBracket: '[', RCurly: '{' };
const closerOf: Readonly<Partial<Record<string, string>>> = { '(': ')', '[': ']', '{': '}' };

// ---------------------------------------------------------------- one error

/** What `diagnose` knows of the text around an error. */
export interface ErrorContext {
  readonly source: SourceText;
  readonly tokens: readonly IToken[];
  /** Offsets of the characters that the lexer refused. */
  readonly refused: readonly number[];
}

interface Mistake {
  readonly expected: readonly string[];
  readonly rule: string;
  readonly found: IToken;
  readonly before: IToken | undefined;
  /** Which of the tokens was found. */
  readonly index: number;
  readonly location: Location;
}

const declarations: ReadonlySet<TokenType> = new Set(declarationWords.values());
const isEnd = (token: IToken): boolean => token.tokenType === EOF;
const endOf = (token: IToken | undefined): number => (token === undefined ? 0 : token.startOffset + token.image.length);
const isWord = (token: IToken | undefined): token is IToken =>
  token !== undefined && (token.tokenType === Identifier || (token.tokenType.CATEGORIES ?? []).includes(Identifier));

function show(token: IToken): string {
  if (isEnd(token)) return 'the end of the file';
  const text = token.image.length > 24 ? `${token.image.slice(0, 24)}…` : token.image;
  return `\`${text}\``;
}

function listed(names: readonly string[]): string {
  const words = [...new Set(names.map((name) => labels.get(name) ?? 'the end of the file'))];
  return words.length < 2 ? (words[0] ?? 'something else') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function expectedText({ expected, rule }: Mistake): string {
  if (expected.length === 1 && lists.has(rule) && openerOf[expected[0]!] !== undefined) return `\`,\` or ${listed(expected)}`;
  const whole = expected.length > 1 || expected[0] === EOF.name;
  return (whole ? phrases[rule] : undefined) ?? listed(expected);
}

/** The brackets that nothing closes, by the offset of the bracket. */
function unclosedBrackets(tokens: readonly IToken[]): ReadonlySet<number> {
  const open: IToken[] = [];
  const unclosed = new Set<number>();
  for (const token of tokens) {
    if (closerOf[token.image] !== undefined) open.push(token);
    else if (openerOf[token.tokenType.name] !== undefined) {
      const at = open.findLastIndex((opener) => closerOf[opener.image] === token.image);
      if (at < 0) continue;
      for (const opener of open.splice(at).slice(1)) unclosed.add(opener.startOffset);
    }
  }
  for (const opener of open) unclosed.add(opener.startOffset);
  return unclosed;
}

/** The innermost opening bracket of its kind before an offset that is not closed before it. */
function openBefore(tokens: readonly IToken[], opener: string, offset: number): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (token.startOffset >= offset) break;
    if (token.image === opener) open.push(token);
    else if (token.image === closerOf[opener]) open.pop();
  }
  return open.at(-1);
}

// ---------------------------------------------------------------- the kinds of mistakes

function missingBracket(context: ErrorContext, mistake: Mistake, unclosed: ReadonlySet<number>): Diagnostic | undefined {
  const [name] = mistake.expected;
  const opener = mistake.expected.length === 1 ? openerOf[name!] : undefined;
  if (opener === undefined) return undefined;
  const limit = isEnd(mistake.found) ? Infinity : mistake.found.startOffset;
  const open = openBefore(context.tokens, opener, limit);
  if (open === undefined || (!unclosed.has(open.startOffset) && !isEnd(mistake.found))) return undefined;
  const { uri } = context.source;
  const at = endOf(mistake.before);
  const closer = closerOf[opener]!;
  const place: Place = {
    label: `${listed([name!])} is missing before this`,
    related: [{ location: { uri, span: { start: open.startOffset, end: open.startOffset + 1 } }, text: 'opened here' }],
    fixes: [{ title: `Write \`${closer}\``, edits: [{ location: { uri, span: { start: at, end: at } }, text: closer }] }],
  };
  return syntaxCodes.report('missing-bracket', { expected: listed([name!]), found: show(mistake.found) }, mistake.location, place);
}

function misspelledWord(context: ErrorContext, mistake: Mistake): Diagnostic | undefined {
  const words = memberWords[mistake.rule] ?? [];
  // A misspelled `let` is read as a value; the word behind it is the first that does not fit.
  for (const token of mistake.rule === 'block' ? [mistake.before, mistake.found] : [mistake.found]) {
    if (!isWord(token) || words.includes(token.image)) continue;
    const meant = suggest(token.image, words);
    if (meant === undefined) continue;
    const location = { uri: context.source.uri, span: { start: token.startOffset, end: endOf(token) } };
    const fix = { title: `Write \`${meant}\``, edits: [{ location, text: meant }] };
    return syntaxCodes.report('misspelled-word', { found: token.image, meant }, location, { fixes: [fix] });
  }
  return undefined;
}

/** `where color = rgb`, or `require a = b`: a `=` that ought to compare. */
function wrongEquals(context: ErrorContext, { expected, found, before, index }: Mistake): Diagnostic | undefined {
  const { tokens } = context;
  // In a part's head the `=` is taken for that of `= learned`, and the token behind it is the first that does not fit.
  const at = before?.image === '=' && expected[0] === 'Learned' ? index - 1 : index;
  const inFact = isWord(tokens[at - 1]) && /^(?:where|,)$/.test(tokens[at - 2]?.image ?? '');
  if (tokens[at]?.image !== '=' || !(inFact || (found.image === '=' && expected[0] === 'Comparison'))) return undefined;
  const location = { uri: context.source.uri, span: { start: tokens[at].startOffset, end: endOf(tokens[at]) } };
  const fixes = [{ title: 'Write `==`', edits: [{ location, text: '==' }] }];
  return syntaxCodes.report('wrong-equals', { expected: '`==`', found: '`=`' }, location, { fixes });
}

function notesOn({ rule, found, before }: Mistake): readonly string[] {
  if (found.tokenType === LParen) return ["A call's `(` stands on the line of its callee."];
  if (found.tokenType === LBracket) return ["The `[` of a type's dims stands on the line of its dtype."];
  if (found.image === ',' && bodies.has(rule)) return ['Nothing stands between the members of a body but blanks.'];
  if (before?.image === '@' && rule === 'versions') return ['A matrix product is `onnx.MatMul(x, y)`; behind `@` stands a version.'];
  if (found.tokenType === CaretRange) return ['A power is `onnx.Pow(x, 2)`; `^2` is a range of versions.'];
  if (found.image === '+-') return ['`+-` is one token, the tolerance of a fact; put a blank between `+` and `-`.'];
  if (found.image === 'weights' && rule === 'model') return ['A model takes no `weights`: the heads and adapters that it calls do.'];
  if (found.image === 'where' && rule === 'params') return ['Facts do not stand inside parentheses; they belong to a `contract` or a result.'];
  return [];
}

function fixesOf({ rule, found, location }: Mistake): readonly Fix[] {
  if (found.image !== ',' || !bodies.has(rule)) return [];
  return [{ title: 'Remove the comma', edits: [{ location, text: '' }] }];
}

// ---------------------------------------------------------------- all errors

function mistakeOf(context: ErrorContext, error: IRecognitionException, index: number): Mistake {
  const found = error.token;
  const end = endOf(context.tokens.at(-1));
  const span = isEnd(found) ? { start: end, end } : { start: found.startOffset, end: endOf(found) };
  const rule = error.context.ruleStack.at(-1) ?? 'module';
  return { expected: error.message.split(' '), rule, found, before: context.tokens[index - 1], index, location: { uri: context.source.uri, span } };
}

/** True where an error only repeats what the lexer said about the text before it. */
function isEcho(context: ErrorContext, { found, before }: Mistake): boolean {
  if (before?.tokenType === StringLiteral && !isClosed(before.image)) return true;
  const limit = isEnd(found) ? Infinity : found.startOffset;
  return context.refused.some((offset) => offset >= endOf(before) && offset < limit);
}

/** True where an error stands in what is left of a declaration that reading gave up at an error before. */
function isLeftOver({ tokens }: ErrorContext, { rule, index }: Mistake, last: number | undefined): boolean {
  if (rule !== 'module' || last === undefined) return false;
  return !tokens.slice(last, index + 1).some(({ tokenType }) => declarations.has(tokenType));
}

/** One diagnostic for each place at which the parser stumbled. */
export function diagnose(context: ErrorContext, errors: readonly IRecognitionException[]): readonly Diagnostic[] {
  if (errors.length === 0) return [];
  const indexOf = new Map(context.tokens.map((token, i) => [token.startOffset, i]));
  const unclosed = unclosedBrackets(context.tokens);
  const seen = new Set<number>();
  let last: number | undefined;
  // Beyond the limit nothing is shown, and each error costs a walk over the tokens.
  return errors.slice(0, limits.errors + 1).flatMap((error) => {
    const at = isEnd(error.token) ? context.tokens.length : (indexOf.get(error.token.startOffset) ?? 0);
    if (seen.has(at)) return [];
    seen.add(at);
    const mistake = mistakeOf(context, error, at);
    if (isEcho(context, mistake) || isLeftOver(context, mistake, last)) return [];
    last = at;
    return (
      wrongEquals(context, mistake) ??
      misspelledWord(context, mistake) ??
      missingBracket(context, mistake, unclosed) ??
      syntaxCodes.report('unexpected-token', { expected: expectedText(mistake), found: show(mistake.found) }, mistake.location, {
        notes: notesOn(mistake),
        fixes: fixesOf(mistake),
      })
    );
  });
}
