/** Whether a text is one of the published grammar: every way through the rules is followed, token by token. */
import { scan } from '../../../src/syntax/scan.ts';
import { reservedWords } from '../../../src/syntax/tokens.ts';
import { expressionOf, isToken, rules, type Expression } from './grammar.ts';

interface Token {
  readonly text: string;
  /** On the line of the token before. */
  readonly onLine: boolean;
  /** Behind `.` or before `:`. */
  readonly free: boolean;
}

const shapes: ReadonlyMap<string, RegExp> = new Map([...rules].filter(([name]) => isToken(name)).map(([name, is]) => [name, new RegExp(`^${expressionOf(is)}$`, 'u')]));

function tokensOf(text: string): readonly Token[] | undefined {
  const { tokens, strays } = scan(text);
  if (strays.length > 0) return undefined;
  return tokens.map(({ image, startOffset }, i) => {
    const before = tokens[i - 1];
    const gap = before === undefined ? '\n' : text.slice(before.startOffset + before.image.length, startOffset);
    return { text: image, onLine: !/[\r\n]/.test(gap), free: before?.image === '.' || tokens[i + 1]?.image === ':' };
  });
}

function isShape(name: string, token: Token): boolean {
  if (!shapes.get(name)!.test(token.text)) return false;
  if (name === 'Name') return token.free || !reservedWords.has(token.text);
  return (name !== 'CallParen' && name !== 'DimsBracket') || token.onLine;
}

const isWord = (text: string): boolean => /^\w/.test(text);

export const recognise = (text: string): boolean => derivation(text) !== undefined;

/** The leaves of the grammar, words and names, that one way of reading a text goes through; undefined where there is none. */
export function derivation(text: string): ReadonlySet<Expression> | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const known = new Map<string, ReadonlySet<number>>();
  /** Where what begins at `from` can end. */
  const endsOf = (is: Expression, from: number): ReadonlySet<number> => {
    const token = tokens[from];
    switch (is.kind) {
      case 'text':
        return new Set(token?.text === is.text && !(token.free && isWord(is.text)) ? [from + 1] : []);
      case 'name': {
        if (isToken(is.name)) return new Set(token !== undefined && isShape(is.name, token) ? [from + 1] : []);
        const key = `${is.name} ${from}`;
        if (!known.has(key)) known.set(key, endsOf(rules.get(is.name)!, from));
        return known.get(key)!;
      }
      case 'sequence':
        return is.of.reduce<ReadonlySet<number>>((starts, each) => new Set([...starts].flatMap((start) => [...endsOf(each, start)])), new Set([from]));
      case 'choice':
        return new Set(is.of.flatMap((each) => [...endsOf(each, from)]));
      case 'repeated': {
        const found = new Set(is.mark === '+' ? [] : [from]);
        let fresh = [...endsOf(is.of, from)];
        while (fresh.length > 0) {
          for (const end of fresh) found.add(end);
          fresh = is.mark === '?' ? [] : fresh.flatMap((start) => [...endsOf(is.of, start)]).filter((end) => !found.has(end));
        }
        return found;
      }
      case 'class':
        throw new Error('a set of characters stands in tokens only');
    }
  };
  const module: Expression = { kind: 'name', name: 'module' };
  return endsOf(module, 0).has(tokens.length) ? leavesOf(module, tokens.length, endsOf) : undefined;
}

/** Follows the first way that leads to the end of the text. */
function leavesOf(module: Expression, end: number, endsOf: (is: Expression, from: number) => ReadonlySet<number>): ReadonlySet<Expression> {
  const leaves = new Set<Expression>();
  /** Reads one after the other up to `to`; the places in between, or undefined. */
  const between = (of: readonly Expression[], from: number, to: number): readonly number[] | undefined => {
    const [first, ...rest] = of;
    if (first === undefined) return from === to ? [] : undefined;
    for (const next of endsOf(first, from)) {
      const places = next <= to ? between(rest, next, to) : undefined;
      if (places !== undefined) return [next, ...places];
    }
    return undefined;
  };
  const follow = (is: Expression, from: number, to: number): void => {
    if (is.kind === 'text' || is.kind === 'name') leaves.add(is);
    if (is.kind === 'name' && !isToken(is.name)) follow(rules.get(is.name)!, from, to);
    if (is.kind === 'choice') follow(is.of.find((each) => endsOf(each, from).has(to))!, from, to);
    if (is.kind === 'sequence') {
      const places = [from, ...between(is.of, from, to)!];
      for (const [i, each] of is.of.entries()) follow(each, places[i]!, places[i + 1]!);
    }
    // One turn, and the rest of them.
    if (is.kind === 'repeated' && from < to) {
      const next = [...endsOf(is.of, from)].find((place) => place > from && (place === to || (is.mark !== '?' && endsOf(is, place).has(to))))!;
      follow(is.of, from, next);
      if (next < to) follow(is, next, to);
    }
  };
  follow(module, 0, end);
  return leaves;
}
