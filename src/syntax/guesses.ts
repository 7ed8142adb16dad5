/**
 * What was probably left out, or is one too many, where reading stumbled. Every guess is tried, and only those are offered
 * with which the declaration can be read.
 */
import type { IToken, TokenType } from 'chevrotain';
import type { Fix } from '../diagnostics/diagnostic.ts';
import { closerOf, openerOf } from './brackets.ts';
import { declarationOf, endOf, fixOf, helpful, images, isWord, type Change, type Stumble } from './changes.ts';
import { lists } from './expectations.ts';
import * as t from './tokens.ts';

const typesByName: ReadonlyMap<string, TokenType> = new Map([
  ...[...images.keys()].map((type) => [type.name, type] as const),
  [t.Bind.name, t.Equals], [t.Compare.name, t.EqualsEquals],
]);
/** Types of many spellings. */
const openClasses: ReadonlySet<string> = new Set([t.Identifier, t.NumberLiteral, t.StringLiteral, t.QuantityLiteral].map(({ name }) => name));

/** What the guesses look at. */
interface Scene extends Stumble {
  /** The declaration in which reading stumbled, and where it begins. */
  readonly inside: readonly IToken[];
  readonly start: number;
  readonly before: IToken | undefined;
  readonly found: IToken | undefined;
}

/** How often a bracket is closed more often than it is opened. */
function surplus(tokens: readonly IToken[], opener: string): number {
  const count = (image: string | undefined): number => tokens.filter((token) => token.image === image).length;
  return count(closerOf[opener]) - count(opener);
}

const insertAt = (at: number) => (insert: TokenType): Change => ({ at, remove: 0, insert });

/** An opening bracket whose closing one stands there alone: `f x)`, `axes: -1]`. */
function openersMissing({ source, tokens, index, start, inside, before, found }: Scene): Change[] {
  const blanks = source.text.slice(endOf(before), found?.startOffset);
  const closes = /^[)\]]/.test(found?.image ?? '');
  const types = isWord(before) && !closes && !/[\r\n]/.test(blanks) ? [t.CallParen, t.DimsBracket] : [];
  const here = types.filter((type) => surplus(inside, images.get(type)!) > 0).map(insertAt(index));
  const colon = found?.tokenType === t.RBracket && surplus(inside, '[') > 0 ? tokens.findLastIndex(({ image }, i) => i < index && image === ':') : -1;
  return colon < start ? here : [...here, insertAt(colon + 1)(t.LBracket)];
}

/** What the grammar awaited, where that has one spelling; a closing bracket only where one is missing. */
function awaitedOf({ inside }: Scene, expected: readonly string[]): TokenType[] {
  // Where a name or a value is missing, nobody can say which.
  if (expected.some((name) => openClasses.has(name))) return [];
  const opens = (type: TokenType): string | undefined => openerOf[type.name];
  return expected.flatMap((name) => typesByName.get(name) ?? []).filter((type) => opens(type) === undefined || surplus(inside, opens(type)!) < 0);
}

/** The words that may begin something where reading stumbled, and the places where they may stand. */
function beginnings({ tokens, index, rule, before }: Scene, words: readonly string[]): Change[] {
  // A comparison is a fact, and no declaration.
  const types = tokens[index + 1]?.image === '==' ? [t.Where] : words.flatMap((word) => t.wordTokens.get(word) ?? []);
  // `down = x`: the name was read as the value of the block, and only the `=` does not fit.
  return (rule === 'block' && isWord(before) ? [index, index - 1] : [index]).flatMap((at) => types.map(insertAt(at)));
}

function tooMuch({ index, inside, before, found }: Scene): Change[] {
  if (found === undefined) return [];
  const opener = openerOf[found.tokenType.name];
  const surplusHere = opener === undefined ? found.image === ',' || found.image === before?.image : surplus(inside, opener) > 0;
  return surplusHere ? [{ at: index, remove: 1 }] : [];
}

/** More would be no help: nobody could say which is meant. */
const most = 2;

/**
 * What may be typed, or removed, where reading stumbled, the likeliest first.
 *
 * @param expected names of token types that the parser awaited
 * @param words words that may begin something here
 */
export function guessesAt(stumble: Stumble, expected: readonly string[], words: readonly string[]): readonly Fix[] {
  const { tokens, index, rule } = stumble;
  const { start, end } = declarationOf(stumble);
  const scene: Scene = { ...stumble, start, inside: tokens.slice(start, end), before: tokens[index - 1], found: tokens[index] };
  const comma = insertAt(index)(t.Comma);
  // Behind a fact rather another one than anything else.
  if (!lists.has(rule) && scene.inside.some(({ tokenType }) => tokenType === t.Where) && helpful(stumble, [comma]).length > 0) {
    const compared = isWord(scene.before) && /^\w/.test(scene.found?.image ?? '') ? [insertAt(index)(t.EqualsEquals)] : [];
    return helpful(stumble, [comma, ...compared]).map((change) => fixOf(stumble, change));
  }
  const changes = [
    ...openersMissing(scene),
    // `(out 2)` lacks a colon rather than a comma.
    ...(rule === 'args' && isWord(scene.before) ? [insertAt(index)(t.Colon)] : []),
    ...(lists.has(rule) ? [comma] : []),
    ...awaitedOf(scene, expected).map(insertAt(index)),
    ...beginnings(scene, words),
    ...tooMuch(scene),
  ];
  const fixes = helpful(stumble, changes).map((change) => fixOf(stumble, change));
  const distinct = fixes.filter((fix, i) => fixes.findIndex(({ edits }) => JSON.stringify(edits) === JSON.stringify(fix.edits)) === i);
  return distinct.length > most ? [] : distinct;
}
