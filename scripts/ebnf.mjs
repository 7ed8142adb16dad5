/** EBNF in the notation of the W3C's specifications: read and written. */

/**
 * What a rule is made of. A `class` is a set of characters as it is written, `[A-Za-z]`.
 *
 * @typedef {{ kind: 'text', text: string } | { kind: 'name', name: string } | { kind: 'class', written: string }
 *   | { kind: 'sequence' | 'choice', of: readonly Expression[] } | { kind: 'repeated', mark: '?' | '*' | '+', of: Expression }} Expression
 */
/** @typedef {{ name: string, is: Expression }} Rule */

const pieces = /\s+|\/\*[^]*?\*\/|(?<text>'[^']*')|(?<class>\[[^\]]+\])|(?<head>\w+(?=\s*::=))|(?<name>\w+)|(?<sign>::=|[()|?*+])/gy;

/** @returns {{ kind: string, text: string }[]} */
function tokensOf(text) {
  const tokens = [];
  let at = 0;
  for (const match of text.matchAll(pieces)) {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined) ?? [];
    if (kind !== undefined) tokens.push({ kind, text: match[0] });
    at = match.index + match[0].length;
  }
  if (at < text.length) throw new Error(`not EBNF: ${text.slice(at, at + 40)}`);
  return tokens;
}

/** @param {string} text @returns {readonly Rule[]} */
export function readEbnf(text) {
  const tokens = tokensOf(text);
  let next = 0;
  const is = (sign) => tokens[next]?.text === sign;
  const expect = (sign) => {
    if (!is(sign)) throw new Error(`expected ${sign}, found ${tokens[next]?.text}`);
    next++;
  };
  /** @returns {Expression} */
  const atom = () => {
    const { kind, text: written } = tokens[next++];
    if (kind === 'text') return { kind, text: written.slice(1, -1) };
    if (kind === 'name') return { kind, name: written };
    if (kind === 'class') return { kind, written };
    if (written !== '(') throw new Error(`nothing begins with ${written}`);
    const inner = choice();
    expect(')');
    return inner;
  };
  const repeated = () => {
    let of = atom();
    while (is('?') || is('*') || is('+')) of = { kind: 'repeated', mark: tokens[next++].text, of };
    return of;
  };
  const ends = () => tokens[next] === undefined || tokens[next].kind === 'head' || is('|') || is(')');
  const sequence = () => {
    const of = [];
    while (!ends()) of.push(repeated());
    return of.length === 1 ? of[0] : { kind: 'sequence', of };
  };
  const choice = () => {
    const of = [sequence()];
    while (is('|')) {
      next++;
      of.push(sequence());
    }
    return of.length === 1 ? of[0] : { kind: 'choice', of };
  };
  const rules = [];
  while (next < tokens.length) {
    const name = tokens[next++].text;
    expect('::=');
    rules.push({ name, is: choice() });
  }
  return rules;
}

const isAlone = ({ kind }) => kind === 'text' || kind === 'name' || kind === 'class';
const grouped = (node, alone) => (alone ? write(node) : `( ${write(node)} )`);

/** @param {Expression} node @returns {string} */
function write(node) {
  switch (node.kind) {
    case 'text':
      return `'${node.text}'`;
    case 'name':
      return node.name;
    case 'class':
      return node.written;
    case 'sequence':
      return node.of.map((each) => grouped(each, each.kind !== 'choice')).join(' ');
    case 'choice':
      return node.of.map(write).join(' | ');
    case 'repeated':
      return grouped(node.of, isAlone(node.of)) + node.mark;
  }
}

/** One rule, its alternatives below each other where it is nothing but these. @param {Rule} rule */
export const writeRule = ({ name, is }) =>
  `${name} ::= ${is.kind === 'choice' ? is.of.map(write).join(`\n${' '.repeat(name.length)}   | `) : write(is)}`;
