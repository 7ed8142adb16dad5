/** The grammar as railroad diagrams: one page that needs nothing else. */
import { tokens } from './grammar-rules.mjs';

/**
 * A piece of a diagram: its size, how far its line lies below its top, and its SVG at (0, 0). Every piece is entered
 * at its left and left at its right, on its line.
 *
 * @typedef {{ width: number, height: number, line: number, svg: string }} Piece
 */

const unit = 10;
const gap = 8;
const box = 24;
const letter = 7.3;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const at = (x, y, svg) => `<g transform="translate(${x} ${y})">${svg}</g>`;
const line = (x1, y1, x2, y2) => `<path d="M${x1} ${y1}L${x2} ${y2}"/>`;
/** From one height to another within the width of a unit's double: down or up, and on. */
const turn = (x, from, to) => `<path d="M${x} ${from}C${x + unit} ${from} ${x + unit} ${to} ${x + 2 * unit} ${to}"/>`;

/** @returns {Piece} */
function word(text, kind, link) {
  const width = Math.ceil(text.length * letter) + 2 * unit;
  const shape = `<rect class="${kind}" width="${width}" height="${box}" rx="${kind === 'token' ? box / 2 : 0}"/><text x="${width / 2}" y="${box / 2 + 4}">${escape(text)}</text>`;
  return { width, height: box, line: box / 2, svg: link === undefined ? shape : `<a href="#${link}">${shape}</a>` };
}

/** @returns {Piece} */
const empty = { width: 2 * unit, height: 0, line: 0, svg: line(0, 0, 2 * unit, 0) };

/** @param {readonly Piece[]} pieces @returns {Piece} */
function sequence(pieces) {
  if (pieces.length === 0) return empty;
  const above = Math.max(...pieces.map((p) => p.line));
  const below = Math.max(...pieces.map((p) => p.height - p.line));
  let x = 0;
  let svg = '';
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) svg += line(x, above, (x += unit), above);
    svg += at(x, above - piece.line, piece.svg);
    x += piece.width;
  }
  return { width: x, height: above + below, line: above, svg };
}

/** One of several, below each other; the line is that of the first. @param {readonly Piece[]} pieces @returns {Piece} */
function choice(pieces) {
  const inner = Math.max(...pieces.map((p) => p.width));
  const width = inner + 4 * unit;
  const first = pieces[0].line;
  let y = 0;
  let svg = '';
  for (const piece of pieces) {
    const own = y + piece.line;
    svg += turn(0, first, own) + at(2 * unit, y, piece.svg) + line(2 * unit + piece.width, own, 2 * unit + inner, own) + turn(2 * unit + inner, own, first);
    y += piece.height + gap;
  }
  return { width, height: y - gap, line: first, svg };
}

/** Again from the left: a line back below the piece. @param {Piece} piece @returns {Piece} */
function loop(piece) {
  const width = piece.width + 2 * unit;
  const back = piece.height + gap;
  const { line: own } = piece;
  const arc = `<path d="M${width - unit} ${own}C${width} ${own} ${width} ${back} ${width - unit} ${back}L${unit} ${back}C0 ${back} 0 ${own} ${unit} ${own}"/>`;
  return { width, height: back + 2, line: own, svg: line(0, own, unit, own) + at(unit, 0, piece.svg) + line(width - unit, own, width, own) + arc };
}

/** @param {import('./ebnf.mjs').Expression} node @returns {Piece} */
function draw(node) {
  switch (node.kind) {
    case 'text':
      return word(`'${node.text}'`, 'token');
    case 'class':
      return word(node.written, 'token');
    case 'name':
      return word(node.name, 'rule', node.name);
    case 'choice':
      return choice(node.of.map(draw));
    case 'sequence':
      return sequence(node.of.map(draw));
    case 'repeated': {
      const of = node.mark === '?' ? draw(node.of) : loop(draw(node.of));
      return node.mark === '+' ? of : choice([empty, of]);
    }
  }
}

/** @param {import('./ebnf.mjs').Rule} rule */
function figure({ name, is }) {
  const piece = sequence([empty, draw(is), empty]);
  const [width, height] = [Math.ceil(piece.width) + 2, Math.ceil(piece.height) + 4];
  return `<section id="${name}"><h2>${name}</h2><svg width="${width}" height="${height}" viewBox="-1 -2 ${width} ${height}" role="img" aria-label="${name}">${piece.svg}</svg></section>`;
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
h2 { font-size: 1rem; margin: 1.5rem 0 .3rem } svg { max-width: none } section { overflow-x: auto }
ul { columns: 12rem; list-style: none; padding: 0; margin: 0 }
path { fill: none; stroke: #666; stroke-width: 1.5 } rect { stroke: #666 } text { font: 12px ui-monospace, monospace; text-anchor: middle }
.token { fill: #e8f1e4 } .rule { fill: #e6ecf7 }
@media (prefers-color-scheme: dark) {
  :root { color-scheme: dark } body { color: #ddd; background: #1b1d21 } path, rect { stroke: #999 } text { fill: #ddd }
  .token { fill: #2c3a2a } .rule { fill: #28344a }
}
`.trim();

const index = (rules) => `<ul>${rules.map(({ name }) => `<li><a href="#${name}">${name}</a></li>`).join('')}</ul>`;

/**
 * @param {readonly import('./ebnf.mjs').Rule[]} rules
 * @returns {string} the text of `grammar/mdl.html`
 */
export function railroadsOf(rules) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The grammar of MDL</title><style>
${style}
</style></head>
<body>
<h1>The grammar of MDL</h1>
<p>Written by scripts/grammar.mjs from the parser; do not edit. Round: text as it stands, or one of some characters. Square: a rule or a
token, on this page. mdl.ebnf says the same in letters, and what no diagram shows.</p>
<nav><h2>Rules</h2>${index(rules)}<h2>Tokens</h2>${index(tokens)}</nav>
${rules.map(figure).join('\n')}
<h1>Tokens</h1>
<p>Their characters stand next to each other. A CallParen and a DimsBracket stand on the line of the token before them.</p>
${tokens.map(figure).join('\n')}
</body>
</html>
`;
}
