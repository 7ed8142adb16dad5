/** What the parser found wrong, in a sentence that a person would say. */
import { EOF, type IParserErrorMessageProvider, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { syntaxCodes } from '../diagnostics/codes/syntax.ts';
import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import type { Location, SourceText } from '../text/source.ts';
import { nearest } from '../text/suggest.ts';
import { closerPlaces, openBefore, openerOf, unclosedBrackets } from './brackets.ts';
import { bodies, lists, memberWords, phrases } from './expectations.ts';
import { fixOf, helpful, images, type Change, type Stumble } from './changes.ts';
import { guessesAt } from './guesses.ts';
import { idiomAt } from './idioms.ts';
import { limits } from './limits.ts';
import { isClosed } from './strings.ts';
import {
  CaretRange, declarationWords, EqualsEquals, Identifier, LBracket, LParen, RBracket, RCurly, RParen, StringLiteral, vocabulary, wordTokens,
} from './tokens.ts';

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

// ---------------------------------------------------------------- one error

/** What `diagnose` knows of the text around an error. */
export interface ErrorContext {
  readonly source: SourceText;
  readonly tokens: readonly IToken[];
  /** Offsets of the characters that the lexer refused. */
  readonly refused: readonly number[];
  /** How many tokens may still be read to try guesses at what was meant. */
  readonly trials: { left: number };
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

const stumbleOf = ({ source, tokens, trials }: ErrorContext, { index, rule }: Mistake): Stumble => ({ source, tokens, trials, index, rule });

// ---------------------------------------------------------------- the kinds of mistakes

/** What may be wrong, and whether its fix was tried and helps. */
interface Explanation {
  readonly diagnostic: Diagnostic;
  readonly helps: boolean;
}

const closingTypes: Readonly<Record<string, TokenType>> = { '(': RParen, '[': RBracket, '{': RCurly };

const commented = 'Behind `//` the rest of the line is a comment.';

/** `f(n // 2)`, of which `// 2)` is a comment. */
const quotientPlace = ({ uri, text }: SourceText, at: number): Place => ({
  notes: [`${commented} Sizes are divided, and rounded down, by \`div\`.`],
  fixes: [{ title: 'Write `div`', edits: [{ location: { uri, span: { start: at, end: at + 2 } }, text: `${/\s/.test(text[at - 1] ?? '') ? '' : ' '}div${/\s/.test(text[at + 2] ?? '') ? '' : ' '}` }] }],
});

function missingBracket(context: ErrorContext, mistake: Mistake, unclosed: ReadonlySet<number>): Explanation | undefined {
  const [name] = mistake.expected;
  const opener = mistake.expected.length === 1 ? openerOf[name!] : undefined;
  if (opener === undefined) return undefined;
  const { tokens, source } = context;
  const open = openBefore(tokens, opener, mistake.index);
  if (open === undefined || (!unclosed.has(tokens[open]!.startOffset) && !isEnd(mistake.found))) return undefined;
  const stumble = stumbleOf(context, mistake);
  const places = closerPlaces(source.text, tokens, open, mistake.index);
  const changes = places.map((at): Change => ({ at, remove: 0, insert: closingTypes[opener]! }));
  const [helping] = helpful(stumble, changes);
  const start = tokens[open]!.startOffset;
  const last = endOf(tokens[mistake.index - 1]);
  const swallowed = new RegExp(`^[ \\t]*//[^\\r\\n]*\\${images.get(closingTypes[opener]!)}`).test(source.text.slice(last, last + 200));
  const slashes = swallowed && opener !== '{' ? /^[ \t]*(?=\/\/[ \t]*(?:\d+|[A-Za-z_]\w*)[ \t]*[),\]])/.exec(source.text.slice(last, last + 200))?.[0] : undefined;
  const place: Place = {
    label: `${listed([name!])} is missing before this`,
    related: [{ location: { uri: source.uri, span: { start, end: start + 1 } }, text: 'opened here' }],
    ...(slashes !== undefined ? quotientPlace(source, last + slashes.length) : swallowed ? { notes: [commented] } : { fixes: [fixOf(stumble, helping ?? changes.at(-1)!)] }),
  };
  const diagnostic = syntaxCodes.report('missing-bracket', { expected: listed([name!]), found: show(mistake.found) }, mistake.location, place);
  return { diagnostic, helps: helping !== undefined };
}

function misspelledWord(context: ErrorContext, mistake: Mistake): Explanation | undefined {
  const words = memberWords[mistake.rule] ?? [];
  const { index } = mistake;
  // A misspelled `let` is read as a value; the word behind it is the first that does not fit.
  for (const at of mistake.rule === 'block' ? [index - 1, index] : [index]) {
    const token = context.tokens[at];
    if (!isWord(token) || words.includes(token.image)) continue;
    const alike = nearest(token.image, words);
    const [meant] = alike;
    if (meant === undefined) continue;
    const location = { uri: context.source.uri, span: { start: token.startOffset, end: endOf(token) } };
    const stumble = stumbleOf(context, mistake);
    const change = { at, remove: 1, insert: wordTokens.get(meant) ?? Identifier };
    const fixes = alike.map((text) => ({ title: `Write \`${text}\``, edits: [{ location, text }] }));
    return { diagnostic: syntaxCodes.report('misspelled-word', { found: token.image, meant }, location, { fixes }), helps: helpful(stumble, [change]).length > 0 };
  }
  return undefined;
}

/** `where color = rgb`, or `require a = b`: a `=` that ought to compare. */
function wrongEquals(context: ErrorContext, mistake: Mistake): Explanation | undefined {
  const { expected, found, before, index } = mistake;
  const { tokens } = context;
  // In a part's head the `=` is taken for that of `= learned`, and the token behind it is the first that does not fit.
  const at = before?.image === '=' && expected[0] === 'Learned' ? index - 1 : index;
  const inFact = isWord(tokens[at - 1]) && /^(?:where|,)$/.test(tokens[at - 2]?.image ?? '');
  if (tokens[at]?.image !== '=' || !(inFact || (found.image === '=' && expected[0] === 'Comparison'))) return undefined;
  const stumble = stumbleOf(context, mistake);
  const change = { at, remove: 1, insert: EqualsEquals };
  const location = { uri: context.source.uri, span: { start: tokens[at].startOffset, end: endOf(tokens[at]) } };
  const diagnostic = syntaxCodes.report('wrong-equals', { expected: '`==`', found: '`=`' }, location, { fixes: [fixOf(stumble, change)] });
  return { diagnostic, helps: helpful(stumble, [change]).length > 0 };
}

function notesOn({ rule, found, before }: Mistake): readonly string[] {
  if (found.tokenType === LParen) return ["A call's `(` stands on the line of its callee."];
  if (found.tokenType === LBracket) return ["The `[` of a type's dims stands on the line of its dtype."];
  if (found.image === ',' && bodies.has(rule)) return ['Nothing stands between the members of a body but blanks.'];
  if (before?.image === '@' && rule === 'versions') return ['Behind `@` stands a version, `1.2.0` or `1.2`, a caret and one, `^1.2`, or several of these, `^1 | ^2`. A matrix product is `onnx.MatMul(x, y)`.'];
  if (found.tokenType === CaretRange) return ['A power is `onnx.Pow(x, 2)`; `^2` is a range of versions.'];
  if (found.image === '+-') return ['`+-` is one token, the tolerance of a fact; put a blank between `+` and `-`.'];
  if (found.image === 'weights' && rule === 'model') return ['A model takes no `weights`: the heads and adapters that it calls do.'];
  if (found.image === 'where' && (rule === 'params' || rule === 'args')) return ['Facts do not stand inside parentheses; they belong to a `contract` or a result.'];
  return [];
}

/** True for a comma at the end of its line, or before a label. */
function isBehindMember({ source, tokens }: ErrorContext, comma: number): boolean {
  const next = tokens[comma + 1];
  return tokens[comma + 2]?.image === ':' || /[\r\n]/.test(source.text.slice(endOf(tokens[comma]), next?.startOffset));
}

function unexpectedToken(context: ErrorContext, mistake: Mistake): Explanation {
  const { rule, found, index } = mistake;
  const stumble = stumbleOf(context, mistake);
  const guesses = guessesAt(stumble, mistake.expected, memberWords[rule] ?? []);
  // A comma behind a member is one too many whatever else is wrong; any other may lack the bracket that it stands in.
  const comma = found.image === ',' && bodies.has(rule) && isBehindMember(context, index) ? [fixOf(stumble, { at: index, remove: 1 })] : [];
  const place = { notes: notesOn(mistake), fixes: guesses.length > 0 ? guesses : comma };
  const diagnostic = syntaxCodes.report('unexpected-token', { expected: expectedText(mistake), found: show(found) }, mistake.location, place);
  return { diagnostic, helps: guesses.length > 0 };
}

/** What looks like another language is told so, whatever else might make it readable. */
function otherLanguage(context: ErrorContext, mistake: Mistake): Explanation | undefined {
  const idiom = idiomAt(stumbleOf(context, mistake), mistake.expected);
  if (idiom === undefined) return undefined;
  const place = { notes: [idiom.note], fixes: idiom.fixes ?? [] };
  return { diagnostic: syntaxCodes.report('unexpected-token', { expected: expectedText(mistake), found: show(mistake.found) }, mistake.location, place), helps: true };
}

/** The explanation whose fix helps, in the order of how much they say; where none does, the first. */
function explain(context: ErrorContext, mistake: Mistake, unclosed: ReadonlySet<number>): Diagnostic {
  const kinds = [otherLanguage, wrongEquals, misspelledWord, missingBracket, unexpectedToken];
  let first: Diagnostic | undefined;
  for (const kind of kinds) {
    const explanation = kind(context, mistake, unclosed);
    if (explanation?.helps) return explanation.diagnostic;
    first ??= explanation?.diagnostic;
  }
  return first!;
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

/** `from m import x`: told at its beginning. */
const isSecondHalf = ({ source, tokens }: ErrorContext, { rule, index }: Mistake): boolean =>
  rule === 'importClause' && tokens[index - 3]?.image === 'from' && tokens[index - 1]?.image === 'import' && !/[\r\n]/.test(source.text.slice(tokens[index - 3]!.startOffset, tokens[index - 1]!.startOffset));

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
    if (isEcho(context, mistake) || isLeftOver(context, mistake, last) || isSecondHalf(context, mistake)) return [];
    last = at;
    return explain(context, mistake, unclosed);
  });
}
