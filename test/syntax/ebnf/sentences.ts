/** Random texts of the published grammar. */
import fc, { type Arbitrary } from 'fast-check';
import { reservedWords } from '../../../src/syntax/tokens.ts';
import { expressionOf, isToken, rules, type Expression } from './grammar.ts';

/** Words that are no other thing wherever they stand; others are tested by the formatter's random trees. */
const names = ['a', 'b2', '_c', 'Tokens', 'true', 'int'];
const reserved = [...reservedWords.keys()];
const letters = [...'"\\/bfnrtuaefx0123456789_-+ .%é世\t', '😀'];

/** How deep the shortest text of a rule is. */
const depths = new Map<string, number>();
function depthOf(is: Expression): number {
  switch (is.kind) {
    case 'name': return 1 + (depths.get(is.name) ?? Infinity);
    case 'choice': return Math.min(...is.of.map(depthOf));
    case 'sequence': return Math.max(0, ...is.of.map(depthOf));
    case 'repeated': return is.mark === '+' ? depthOf(is.of) : 0;
    default: return 0;
  }
}
while (depths.size < rules.size) for (const [name, is] of rules) if (depthOf(is) < Infinity) depths.set(name, depths.get(name) ?? depthOf(is));

interface Token {
  readonly kind: 'text' | 'token' | 'Name' | 'CallParen' | 'DimsBracket';
  readonly text: string;
}

/** Something could go on behind it: a call, dims, a subtraction. */
const ends = (token: Token | undefined): boolean => token !== undefined && (token.kind === 'Name' || token.kind === 'token' || /^[)\]}]$|^\w/.test(token.text));

/** Draws along a tape of numbers; behind its end the shortest way is taken. */
function drawModule(tape: readonly number[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const next = (options: number): number => (at >= tape.length ? 0 : tape[at++]! % options);
  const times = (mark: '?' | '*' | '+'): number => (mark === '?' ? next(2) : mark === '+' ? 1 + next(2) : next(3));
  const image = (is: Expression): string => {
    switch (is.kind) {
      case 'text': return is.text;
      case 'name': return image(rules.get(is.name)!);
      case 'class': {
        const fitting = letters.filter((letter) => new RegExp(`^${expressionOf(is)}$`, 'u').test(letter));
        return fitting[next(fitting.length)]!;
      }
      case 'sequence': return is.of.map(image).join('');
      case 'choice': return image(is.of[next(is.of.length)]!);
      case 'repeated': return Array.from({ length: times(is.mark) }, () => image(is.of)).join('');
    }
  };
  const put = (token: Token): void => {
    // The one thing that the rules leave open: a `-` behind an expression subtracts.
    if (token.text === '-' && token.kind === 'text' && signs && ends(tokens.at(-1))) return;
    tokens.push(token);
  };
  let signs = false;
  const draw = (is: Expression): void => {
    switch (is.kind) {
      case 'text':
        return put({ kind: 'text', text: is.text });
      case 'name': {
        const { name } = is;
        if (name === 'Name') return put({ kind: name, text: names[next(names.length)]! });
        if (name === 'CallParen' || name === 'DimsBracket') return put({ kind: name, text: image(is) });
        if (isToken(name)) return put({ kind: 'token', text: image(is) });
        signs = name === 'operand';
        return draw(rules.get(name)!);
      }
      case 'sequence':
        return is.of.forEach(draw);
      case 'choice': {
        const shortest = is.of.toSorted((a, b) => depthOf(a) - depthOf(b));
        return draw(shortest[next(shortest.length)]!);
      }
      case 'repeated':
        return Array.from({ length: times(is.mark) }).forEach(() => draw(is.of));
      case 'class':
        throw new Error('a set of characters stands in tokens only');
    }
  };
  const declarations = 1 + next(2);
  const begins = Array.from({ length: declarations }, () => {
    const begin = tokens.length;
    draw({ kind: 'name', name: 'declaration' });
    return begin;
  });
  return tokens.map((token, i) => (begins.includes(i) ? { ...token, text: `\n${token.text}` } : token));
}

/** Brackets that begin no call stand on a line of their own where one could be meant; any word may be a name behind `.` and before `:`. */
function written(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }, i) => {
      const before = tokens[i - 1];
      const anyWord = kind === 'Name' && (before?.text === '.' || tokens[i + 1]?.text === ':');
      const word = anyWord && i % 3 === 0 ? reserved[i % reserved.length]! : text;
      const ownLine = kind === 'text' && (text === '(' || text === '[') && ends(before);
      return `${ownLine ? '\n' : i % 7 === 0 && kind !== 'CallParen' && kind !== 'DimsBracket' ? '\n' : ' '}${word}`;
    })
    .join('');
}

/** A module of one or two declarations. */
export const sentence: Arbitrary<string> = fc.array(fc.nat({ max: 5039 }), { minLength: 5, maxLength: 160 }).map((tape) => written(drawModule(tape)));
