import { describe, expect, test } from 'vitest';
import type { Expr, Module, Node, NodeOf } from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/index.ts';
import { createParser } from '../../src/syntax/parser.ts';
import { chevrotainLexer } from './chevrotain-lexer.ts';
import { childrenOf, nodeAt, visit } from '../../src/syntax/visit.ts';
import { createSource } from '../../src/text/source.ts';

function read(text: string): Module {
  const { value, diagnostics } = parse(createSource('t.mdl', text));
  expect(diagnostics).toEqual([]);
  return value;
}

/** An expression with all its parentheses. */
function show(expr: Expr): string {
  switch (expr.kind) {
    case 'NameExpr': return expr.name.text;
    case 'NumberLit': return expr.text;
    case 'BoolLit': return `${expr.value}!`;
    case 'StringLit': return JSON.stringify(expr.value);
    case 'FieldExpr': return `(${show(expr.object)}.${expr.field.text})`;
    case 'CallExpr': return `${show(expr.callee)}(${expr.args.map((a) => (a.name ? `${a.name.text}: ` : '') + show(a.value)).join(', ')})`;
    case 'PipeExpr': return `(${show(expr.value)} |> ${show(expr.stage)})`;
    case 'BinaryExpr': return `(${show(expr.left)} ${expr.op} ${show(expr.right)})`;
    case 'UnaryExpr': return `(-${show(expr.operand)})`;
    case 'ListExpr': return `[${expr.items.map(show).join(', ')}]`;
    case 'RecordExpr': return `{${expr.entries.map((e) => `${e.name.text}: ${show(e.value)}`).join(', ')}}`;
    case 'VersionedName': return `${expr.name.text}@${expr.versions.map((v) => v.text).join('|')}`;
    case 'QuantityLit': return `${expr.value}'${expr.unit}`;
    case 'MissingExpr': return '?';
  }
}

const partOf = (module: Module): NodeOf<'PartDecl'> => module.declarations.find((d) => d.kind === 'PartDecl')!;
const bodyOf = (module: Module): NodeOf<'Block'> => partOf(module).body!;

test('the tokens and the grammar are sound', () => {
  expect(() => chevrotainLexer()).not.toThrow();
  expect(() => createParser(true)).not.toThrow();
});

describe('expressions', () => {
  test.each([
    ['a + b * c - d', '((a + (b * c)) - d)'],
    ['a * b + c / d', '((a * b) + (c / d))'],
    ['a - b - c', '((a - b) - c)'],
    ['a |> f |> g(x)', '((a |> f) |> g(x))'],
    ['a + b |> f |> g + c', '(((a + b) |> f) |> (g + c))'],
    ['-a.b * -c', '((-(a.b)) * (-c))'],
    ['--a', '(-(-a))'],
    ['a.b.c(d).e', '(((a.b).c)(d).e)'],
    ['(a |> f).x', '((a |> f).x)'],
    ['f(a, by: b + 1, [1, 2.5e-3, []])', 'f(a, by: (b + 1), [1, 2.5e-3, []])'],
    ['f(true, "x\\n\\u00e9",)', 'f(true!, "x\\né")'],
    ['f(model: a.where.let)', 'f(model: ((a.where).let))'],
    ['{ boxes: b, score: s |> f, }', '{boxes: b, score: (s |> f)}'],
    ['f(of: minilm@^2 | 3 , x) |> g', '(f(of: minilm@^2|3, x) |> g)'],
    ['a - 2% * 1.5e3ms', "(a - (2'% * 1500'ms))"],
    ['[[N, C], [1e5, 20ms]]', "[[N, C], [1e5, 20'ms]]"],
  ])('%s', (text, expected) => expect(show(bodyOf(read(`part p(x: T) -> T { ${text} }`)).result)).toBe(expected));

  test('a `(` on the next line does not call', () => {
    const { statements, result } = bodyOf(read('part p(x: T) -> T { let y = x\n(y) }'));
    expect(statements).toHaveLength(1);
    expect(show(result)).toBe('y');
    expect(show(bodyOf(read('part p(x: T) -> T { f (y) }')).result)).toBe('f(y)');
  });
});

describe('types and facts', () => {
  const contract = (type: string): NodeOf<'TypeExpr'> => {
    const [declaration] = read(`contract C = ${type}`).declarations;
    return (declaration as NodeOf<'ContractDecl'>).body as NodeOf<'TypeExpr'>;
  };
  test('ranges and reductions are numbers', () => {
    const { facts } = contract('f32[n] where range [-1.5, inf], norm(-1) == 1 +- 1e-3, sum(0) == -2');
    expect(facts).toMatchObject([
      { kind: 'RangeFact', low: -1.5, high: Infinity, written: ['-1.5', 'inf'] },
      { kind: 'ReductionFact', name: { text: 'norm' }, axis: -1, value: 1, tolerance: 1e-3, written: ['-1', '1', '1e-3'] },
      { kind: 'ReductionFact', name: { text: 'sum' }, axis: 0, value: -2 },
    ]);
    expect(facts[2]).not.toHaveProperty('tolerance');
  });
  test('nominal facts and flags', () => {
    expect(contract('T(by: t) where space s@^1 | ^2.1 | 3, tokenizer t, mask').facts).toMatchObject([
      { kind: 'NominalFact', nominal: 'space', name: { text: 's' }, versions: [{ text: '^1' }, { text: '^2.1' }, { text: '3' }] },
      { kind: 'NominalFact', nominal: 'tokenizer', name: { text: 't' }, versions: [] },
      { kind: 'FlagFact', name: { text: 'mask' } },
    ]);
  });
  test('dims', () => {
    const base = contract('f32[..., C: 3, a + b * (c - 2)]').base as NodeOf<'TensorTypeExpr'>;
    expect(base.dims).toMatchObject([
      { kind: 'EllipsisDim' },
      { label: { text: 'C' }, size: { value: 3 } },
      { size: { op: '+', left: { name: { text: 'a' } }, right: { op: '*', right: { op: '-' } } } },
    ]);
  });
  test('a `where` may stand on the next line, members need no separator', () => {
    const [contractDecl] = read('contract R { a: f32[n]\n where mask b: T c: i64[] }').declarations;
    const { fields } = (contractDecl as NodeOf<'ContractDecl'>).body as NodeOf<'RecordBody'>;
    expect(fields.map((field) => [field.name.text, field.type.facts.length])).toEqual([['a', 1], ['b', 0], ['c', 0]]);
  });
  test('kinds are told from types', () => {
    const { params } = partOf(read('part p(a: int = 3, b: float[n], c: space, d: labels, e: Foo, f: dtype) -> T { a }'));
    expect(params.map(({ type }) => (type.kind === 'KindType' ? type.name : type.base.kind))).toEqual([
      'int', 'TensorTypeExpr', 'space', 'labels', 'ContractRef', 'dtype',
    ]);
  });
});

describe('doc comments', () => {
  test('belong to what follows', () => {
    const text = '/// A space.\r\n///   Two lines.\r\n// not this\r\nspace s @ 1.0.0\r\ncontract R {\r\n  /// Ids.\r\n  ids: T\r\n  mask: T\r\n}\r\n';
    const [space, record] = read(text).declarations;
    expect(space!.doc).toBe('A space.\n  Two lines.');
    expect(record).not.toHaveProperty('doc');
    expect((record as NodeOf<'ContractDecl'>).body).toMatchObject({ fields: [{ doc: 'Ids.' }, {}] });
  });
  test('a byte order mark is a blank', () => {
    expect(read('\uFEFFspace s @ 1.0.0').declarations[0]!.span).toEqual({ start: 1, end: 16 });
  });
});

describe('recovery', () => {
  test('declarations around an error stay', () => {
    const text = 'space a @ 1.0.0\nhead H(x: T) -> { x }\nspace b @ 1.0.0\nmodel M { input x: T  output y = f(x, |> g  output z = x }\nspace c @ 1.0.0';
    const { value, diagnostics } = parse(createSource('t.mdl', text));
    expect(diagnostics).toHaveLength(2);
    expect(value.declarations.map((d) => d.name.text)).toEqual(['a', 'H', 'b', 'M', 'c']);
  });
  test('a misspelled declaration is read as the one that was meant, and can be fixed', () => {
    const { value, diagnostics } = parse(createSource('t.mdl', 'space s @ 1.0.0\nmodle M { input x: T }'));
    expect(value.declarations[1]).toMatchObject({ kind: 'ModelDecl', members: [{ kind: 'ModelInput' }] });
    expect(diagnostics).toMatchObject([
      { code: 'misspelled-word', fixes: [{ edits: [{ location: { span: { start: 16, end: 21 } }, text: 'model' }] }] },
    ]);
  });
  test('a missing bracket shows where it was opened', () => {
    const [found] = parse(createSource('t.mdl', 'part p(x: T) -> T { f(x }')).diagnostics;
    expect(found).toMatchObject({
      code: 'missing-bracket',
      location: { span: { start: 24, end: 25 } },
      related: [{ location: { span: { start: 21, end: 22 } } }],
      fixes: [{ edits: [{ location: { span: { start: 23, end: 23 } }, text: ')' }] }],
    });
  });
});

describe('visiting', () => {
  const text = 'head H(e: T) -> f32[n] weights "w" from { a.b: "c" } { e |> linear(out: -x) }';
  test('enters and leaves in the order of the text', () => {
    const entered: Node[] = [];
    const left: Node[] = [];
    visit(read(text), { enter: (node) => void entered.push(node), leave: (node) => void left.push(node) });
    const starts = entered.map((node) => node.span.start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(new Set(left)).toEqual(new Set(entered));
    expect(entered.map((node) => node.kind)).toContain('NameMapEntry');
  });
  test('can leave children out', () => {
    const kinds: string[] = [];
    visit(read(text), { enter: (node) => (kinds.push(node.kind), node.kind !== 'PartDecl') });
    expect(kinds).toEqual(['Module', 'PartDecl']);
  });
  test('finds the path to an offset', () => {
    const path = nodeAt(read(text), text.indexOf('linear') + 2);
    expect(path.map((node) => node.kind)).toEqual(['Module', 'PartDecl', 'Block', 'PipeExpr', 'CallExpr', 'NameExpr', 'Name']);
    for (const [i, node] of path.slice(1).entries()) expect(childrenOf(path[i]!)).toContain(node);
  });
});
