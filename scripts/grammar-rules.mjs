/** The rules of the language: the parser's own productions, narrowed to what it accepts without an error, and the tokens. */
import { readFileSync } from 'node:fs';
import { readEbnf, writeRule } from './ebnf.mjs';

/** @typedef {import('./ebnf.mjs').Rule} Rule */

const grammar = (name) => readEbnf(readFileSync(new URL(`../grammar/${name}.ebnf`, import.meta.url), 'utf8'));
const narrowed = grammar('narrowed');
export const tokens = grammar('tokens');

/** Tokens that are not written as themselves. */
const terminals = {
  Identifier: 'Name', StringLiteral: 'String', NumberLiteral: 'Number', QuantityLiteral: 'Quantity', VersionLiteral: 'Version',
  Operator: 'Operator', Comparison: 'Comparison', CallParen: 'CallParen', DimsBracket: 'DimsBracket',
};
/** The parser takes either of `=` and `==` in the other's place, and says so. */
const texts = { Bind: '=', Compare: '==' };
const marks = { Option: '?', Repetition: '*', RepetitionMandatory: '+' };

/** @returns {import('./ebnf.mjs').Expression} */
function expressionOf(node) {
  const inside = () => (node.definition.length === 1 ? expressionOf(node.definition[0]) : { kind: 'sequence', of: node.definition.map(expressionOf) });
  switch (node.type) {
    case 'Terminal':
      return node.name in terminals ? { kind: 'name', name: terminals[node.name] } : { kind: 'text', text: texts[node.name] ?? node.label.replaceAll('`', '') };
    case 'NonTerminal':
      return { kind: 'name', name: node.name };
    case 'Alternation':
      return { kind: 'choice', of: node.definition.map(expressionOf) };
    case 'Alternative':
      return inside();
    default:
      if (!(node.type in marks)) throw new Error(`no EBNF for ${node.type}`);
      return { kind: 'repeated', mark: marks[node.type], of: inside() };
  }
}

const namesIn = (is) => (is.kind === 'name' ? [is.name] : is.of === undefined ? [] : [is.of].flat().flatMap(namesIn));

/** Those that `first` leads to. */
function reached(rules, first) {
  const known = new Map(rules.map((rule) => [rule.name, rule]));
  const names = new Set([first]);
  for (const name of names) for (const next of namesIn(known.get(name)?.is ?? { kind: 'text', text: '' })) names.add(next);
  return rules.filter(({ name }) => names.has(name));
}

/**
 * The rule of a whole module first.
 *
 * @param {readonly object[]} productions what a chevrotain parser's `getSerializedGastProductions` gives
 * @returns {readonly Rule[]}
 */
export function grammarRules(productions) {
  const rules = productions.map(({ name, definition }) => ({ name, is: expressionOf({ type: 'Alternative', definition }) }));
  let above = 0;
  for (const rule of narrowed) {
    const own = rules.findIndex(({ name }) => name === rule.name);
    above = own < 0 ? above + 1 : own;
    rules.splice(above, own < 0 ? 0 : 1, rule);
  }
  return reached(rules.toSorted((a, b) => Number(b.name === 'module') - Number(a.name === 'module')), 'module');
}

const header = `
/* Written by scripts/grammar.mjs from the parser, narrowed.ebnf and tokens.ebnf; do not edit.

   A text is read as tokens, of which each is as long as it can be. Blanks and comments, '//' to the end of the line, may stand between any
   two of them. A CallParen and a DimsBracket stand on the line of the token before them, a declaration begins a line.
   A reserved word is a Name behind '.' and before ':', and nowhere else; every other word in quotes is a Name, too, where the rule that is
   being read has no place for the word. The reserved words are those that begin a declaration, 'import', 'let', 'param' and 'where'.
   What stands first takes all that it can: a '-' behind an expression subtracts, on a line of its own, too.
   The limits: brackets 64 deep, a tree 256 deep, numbers below 1.8e308, sizes and axes below 2^53, a million characters. */
`.trim();

/**
 * @param {readonly Rule[]} rules
 * @returns {string} the text of `grammar/mdl.ebnf`
 */
export const ebnfOf = (rules) => `${header}\n\n${rules.map(writeRule).join('\n\n')}\n\n/* Tokens */\n\n${tokens.map(writeRule).join('\n\n')}\n`;
