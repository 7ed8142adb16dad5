/** The grammar as EBNF, in the notation of the W3C's specifications, from the parser's own productions. */

/** Tokens that are not written as themselves. */
const terminals = {
  Identifier: 'Name', StringLiteral: 'String', NumberLiteral: 'Number', QuantityLiteral: 'Quantity', VersionLiteral: 'Version',
  VersionLike: 'VersionLike', Operator: 'Operator', Comparison: 'Comparison', Bind: "'='", Compare: "'=='",
};

const lexical = `
Name        ::= [A-Za-z_] [A-Za-z0-9_]*
String      ::= '"' ( [^"\\#xA#xD] | '\\' ( ["\\/bfnrt] | 'u' [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] ) )* '"'
Number      ::= [0-9]+ ( '.' [0-9]+ )? ( [eE] [+-]? [0-9]+ )?
Quantity    ::= Number ( '%' | [A-Za-z]+ )
Version     ::= [0-9]+ '.' [0-9]+ '.' [0-9]+
VersionLike ::= Version | '^' [0-9]+ ( '.' [0-9]+ )* | Number
Operator    ::= '|>' | '+' | '-' | '*' | '/'
Comparison  ::= '==' | '>=' | '<=' | '>' | '<'
`.trim();

const header = `
/* Written by scripts/grammar.mjs from the parser; do not edit.

   A reserved word is a Name behind '.' and before ':', and nowhere else; every other word in quotes is a Name, too, where it is none
   of the grammar's. A '(' of arguments and a '[' of dims stand on the line of what is before them. Blanks and comments, '//' to the end of
   the line, may stand between any two tokens. */
`.trim();

/** How a token is written in the grammar. @param {{ name: string, label?: string }} token */
export function terminalOf({ name, label }) {
  return terminals[name] ?? `'${label.replaceAll('`', '')}'`;
}

const suffixes = { Option: '?', Repetition: '*', RepetitionMandatory: '+' };
/** Several things as one. */
const grouped = (text, alone) => (alone ? text : `( ${text} )`);

function production(node) {
  switch (node.type) {
    case 'Terminal':
      return terminalOf(node);
    case 'NonTerminal':
      return node.name;
    case 'Alternation':
      return node.definition.map(production).join(' | ');
    case 'Alternative':
      return sequence(node.definition);
    default: {
      const suffix = suffixes[node.type];
      if (suffix === undefined) throw new Error(`no EBNF for ${node.type}`);
      const [only] = node.definition;
      const alone = node.definition.length === 1 && (only.type === 'Terminal' || only.type === 'NonTerminal');
      return grouped(node.definition.length === 1 ? production(only) : sequence(node.definition), alone) + suffix;
    }
  }
}

const sequence = (nodes) => nodes.map((node) => grouped(production(node), node.type !== 'Alternation')).join(' ');

function rule({ name, definition }) {
  const head = `${name} ::= `;
  if (definition.length !== 1 || definition[0].type !== 'Alternation') return head + sequence(definition);
  return head + definition[0].definition.map(production).join(`\n${' '.repeat(name.length)}   | `);
}

/** The rule of a whole module first. */
export const inReadingOrder = (productions) => productions.toSorted((a, b) => Number(b.name === 'module') - Number(a.name === 'module'));

/**
 * @param {readonly object[]} productions what a chevrotain parser's `getSerializedGastProductions` gives
 * @returns {string} the text of `grammar/mdl.ebnf`
 */
export function ebnfOf(productions) {
  return `${header}\n\n${inReadingOrder(productions).map(rule).join('\n\n')}\n\n/* Tokens */\n\n${lexical}\n`;
}
