/**
 * The table of tokens. All words are lexed as `Identifier`; `words.ts` turns those that the grammar tells apart
 * into the types of `wordTokens`, so that any word may stand after `.` or before `:`.
 */
import { createToken, Lexer, type ITokenConfig, type TokenType } from 'chevrotain';

const token = (name: string, label: string, config: Omit<ITokenConfig, 'name' | 'label'>): TokenType =>
  createToken({ name, label, ...config });
const category = (name: string, label: string): TokenType => token(name, label, { pattern: Lexer.NA });

// ---------------------------------------------------------------- categories

/** The grammar asks for these where a neighbour is a likely slip; the builder then says what is wrong. */
export const Bind = category('Bind', '`=`');
export const Compare = category('Compare', '`==`');
export const VersionLike = category('VersionLike', 'a version');
export const Operator = category('Operator', 'an operator');
export const Comparison = category('Comparison', 'a comparison');

// ---------------------------------------------------------------- words, literals

export const Identifier = token('Identifier', 'a name', { pattern: /[A-Za-z_][A-Za-z0-9_]*/ });

/** The offset behind a string that begins at `start`, its closing quote included where there is one. */
export function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === '"') return i + 1;
    if (c === '\n' || c === '\r') return i;
    // What follows a backslash cannot close the string; a line end still does.
    if (c === '\\' && text[i + 1] !== '\n' && text[i + 1] !== '\r') i++;
  }
  return text.length;
}

/** Closed or not: a string ends at its quote or at the end of its line. A function, since long ones exhaust a RegExp's stack. */
export const StringLiteral = token('StringLiteral', 'a string', {
  pattern: { exec: (text: string, offset: number) => (text[offset] === '"' ? [text.slice(offset, endOfString(text, offset))] : null) },
  start_chars_hint: ['"'],
  line_breaks: false,
});
export const VersionLiteral = token('VersionLiteral', 'a version', { pattern: /\d+\.\d+\.\d+/, categories: VersionLike });
export const CaretRange = token('CaretRange', 'a version range', { pattern: /\^\d+(?:\.\d+){0,2}/, categories: VersionLike });
export const NumberLiteral = token('NumberLiteral', 'a number', {
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/,
  categories: VersionLike,
});

/** `20ms`, `5%`; the letters of an exponent, `1e-3`, are no unit. */
export const QuantityLiteral = token('QuantityLiteral', 'a quantity', {
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:%|(?![eE][+-]?\d)[A-Za-z]+(?![A-Za-z0-9_]))/,
});

// ---------------------------------------------------------------- punctuation

export const LParen = token('LParen', '`(`', { pattern: '(' });
/** A `(` on the line of the token before it; only this one can begin a call's arguments. */
export const CallParen = token('CallParen', '`(`', { pattern: Lexer.NA, categories: LParen });
export const RParen = token('RParen', '`)`', { pattern: ')' });
export const LBracket = token('LBracket', '`[`', { pattern: '[' });
/** A `[` on the line of the token before it; only this one can begin the dims of a type. */
export const DimsBracket = token('DimsBracket', '`[`', { pattern: Lexer.NA, categories: LBracket });
export const RBracket = token('RBracket', '`]`', { pattern: ']' });
export const LCurly = token('LCurly', '`{`', { pattern: '{' });
export const RCurly = token('RCurly', '`}`', { pattern: '}' });
export const Comma = token('Comma', '`,`', { pattern: ',' });
export const Colon = token('Colon', '`:`', { pattern: ':' });
export const At = token('At', '`@`', { pattern: '@' });
export const Ellipsis = token('Ellipsis', '`...`', { pattern: '...' });
export const Dot = token('Dot', '`.`', { pattern: '.' });
export const Arrow = token('Arrow', '`->`', { pattern: '->' });
export const Pipe = token('Pipe', '`|>`', { pattern: '|>', categories: Operator });
export const Bar = token('Bar', '`|`', { pattern: '|' });
export const PlusMinus = token('PlusMinus', '`+-`', { pattern: '+-' });
export const Plus = token('Plus', '`+`', { pattern: '+', categories: Operator });
export const Minus = token('Minus', '`-`', { pattern: '-', categories: Operator });
export const Star = token('Star', '`*`', { pattern: '*', categories: Operator });
export const Slash = token('Slash', '`/`', { pattern: '/', categories: Operator });
export const GreaterEquals = token('GreaterEquals', '`>=`', { pattern: '>=', categories: Comparison });
export const LessEquals = token('LessEquals', '`<=`', { pattern: '<=', categories: Comparison });
export const Greater = token('Greater', '`>`', { pattern: '>', categories: Comparison });
export const Less = token('Less', '`<`', { pattern: '<', categories: Comparison });
export const EqualsEquals = token('EqualsEquals', '`==`', { pattern: '==', categories: [Bind, Compare, Comparison] });
export const Equals = token('Equals', '`=`', { pattern: '=', categories: [Bind, Compare] });

// ---------------------------------------------------------------- words with a type of their own

const reserved = (name: string): TokenType => token(name, `\`${name.toLowerCase()}\``, { pattern: Lexer.NA });
const contextual = (name: string): TokenType =>
  token(name, `\`${name.toLowerCase()}\``, { pattern: Lexer.NA, categories: Identifier });

export const Import = reserved('Import');
export const Space = reserved('Space');
export const Tokenizer = reserved('Tokenizer');
export const Labels = reserved('Labels');
export const Attribute = reserved('Attribute');
export const Contract = reserved('Contract');
export const Backbone = reserved('Backbone');
export const Adapter = reserved('Adapter');
export const Head = reserved('Head');
export const Part = reserved('Part');
export const Model = reserved('Model');
export const Fit = reserved('Fit');
export const Verify = reserved('Verify');
export const Rollout = reserved('Rollout');
export const Probe = reserved('Probe');
export const Golden = reserved('Golden');
export const Let = reserved('Let');
export const ParamWord = token('ParamWord', '`param`', { pattern: Lexer.NA });
export const Where = reserved('Where');

export const As = contextual('As');
export const From = contextual('From');
export const Compatible = contextual('Compatible');
export const Source = contextual('Source');
export const Input = contextual('Input');
export const Output = contextual('Output');
export const Tap = contextual('Tap');
export const Replace = contextual('Replace');
export const Card = contextual('Card');
export const Keeps = contextual('Keeps');
export const Weights = contextual('Weights');
export const Learned = contextual('Learned');
export const Transposed = contextual('Transposed');
export const To = contextual('To');
export const Range = contextual('Range');
export const Inf = contextual('Inf');
export const On = contextual('On');
export const Some = contextual('Some');
export const Div = contextual('Div');
export const Mod = contextual('Mod');
export const State = contextual('State');
export const Next = contextual('Next');
export const Budget = contextual('Budget');
export const Data = contextual('Data');
export const Loss = contextual('Loss');
export const Method = contextual('Method');
export const Seed = contextual('Seed');
export const Freeze = contextual('Freeze');
export const Until = contextual('Until');
export const Swap = contextual('Swap');
export const With = contextual('With');
export const In = contextual('In');
export const Require = contextual('Require');
export const Through = contextual('Through');
export const Taps = contextual('Taps');
export const Tolerance = contextual('Tolerance');
export const Of = contextual('Of');
export const Slot = contextual('Slot');
export const Arm = contextual('Arm');
export const Shadow = contextual('Shadow');
export const Sticky = contextual('Sticky');
export const By = contextual('By');
export const Flag = contextual('Flag');
export const Rollback = contextual('Rollback');
export const When = contextual('When');
export const Over = contextual('Over');

/** The words that begin a declaration. */
export const declarationWords: ReadonlyMap<string, TokenType> = new Map([
  ['space', Space], ['tokenizer', Tokenizer], ['labels', Labels], ['attribute', Attribute], ['contract', Contract],
  ['backbone', Backbone], ['adapter', Adapter], ['head', Head], ['part', Part], ['model', Model], ['fit', Fit], ['verify', Verify],
  ['rollout', Rollout], ['probe', Probe], ['golden', Golden],
]);
/** The words that cannot be names, except after `.` and before `:`. */
export const reservedWords: ReadonlyMap<string, TokenType> = new Map([
  ...declarationWords, ['import', Import], ['let', Let], ['param', ParamWord], ['where', Where],
]);
const contextualWords: ReadonlyMap<string, TokenType> = new Map([
  ['as', As], ['from', From], ['compatible', Compatible], ['source', Source], ['input', Input], ['output', Output], ['tap', Tap],
  ['replace', Replace], ['card', Card], ['keeps', Keeps], ['weights', Weights], ['learned', Learned], ['transposed', Transposed],
  ['to', To], ['range', Range], ['inf', Inf], ['on', On], ['some', Some], ['div', Div], ['mod', Mod], ['state', State],
  ['next', Next], ['budget', Budget], ['data', Data], ['loss', Loss], ['method', Method], ['seed', Seed], ['freeze', Freeze],
  ['until', Until], ['swap', Swap],
  ['with', With], ['in', In], ['require', Require], ['through', Through], ['taps', Taps], ['tolerance', Tolerance], ['of', Of],
  ['slot', Slot], ['arm', Arm], ['shadow', Shadow], ['sticky', Sticky], ['by', By], ['flag', Flag], ['rollback', Rollback],
  ['when', When], ['over', Over],
]);
export const wordTokens: ReadonlyMap<string, TokenType> = new Map([...reservedWords, ...contextualWords]);

// ---------------------------------------------------------------- the order of reading

/** Blanks, and a byte order mark wherever editors and concatenations leave one. */
export const Blank = token('Blank', 'a blank', { pattern: /[ \t\r\n\f\uFEFF]+/, group: Lexer.SKIPPED, line_breaks: true });
/** `//` and `///`, to the end of the line. */
export const Comment = token('Comment', 'a comment', { pattern: /\/\/[^\r\n]*/, group: 'comments' });

/** What is read by an expression, in the order of trying; then what is written as itself. */
export const shapes: readonly TokenType[] = [
  Blank, Comment, Identifier, StringLiteral, VersionLiteral, QuantityLiteral, NumberLiteral, CaretRange,
];
export const punctuation: readonly TokenType[] = [
  LParen, RParen, LBracket, RBracket, LCurly, RCurly, Comma, Colon, At, Ellipsis, Dot,
  Arrow, Pipe, Bar, PlusMinus, Plus, Minus, Star, Slash, GreaterEquals, LessEquals, Greater, Less, EqualsEquals, Equals,
];
/** Every type of token, as the parser wants to know them. */
export const vocabulary: TokenType[] = [
  ...shapes, ...punctuation, CallParen, DimsBracket, Bind, Compare, VersionLike, Operator, Comparison, ...wordTokens.values(),
];
