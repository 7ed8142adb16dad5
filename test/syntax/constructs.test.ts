import { describe, expect, test } from 'vitest';
import type { Declaration, Module } from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';

function read(text: string): Module {
  const { value, diagnostics } = parse(createSource('t.mdl', text));
  expect(diagnostics).toEqual([]);
  return value;
}
const first = (text: string): Declaration => read(text).declarations[0]!;
const name = (text: string) => ({ kind: 'Name', text });

describe('contracts', () => {
  const factsOf = (text: string) => first(`contract C = f32[batch, C: 3] where ${text}`);
  test('comparisons', () =>
    expect(factsOf('color == rgb, h >= 32, shift <= -1.5')).toMatchObject({
      body: {
        facts: [
          { kind: 'CompareFact', left: name('color'), op: '==', right: name('rgb') },
          { kind: 'CompareFact', left: name('h'), op: '>=', right: { value: 32, text: '32' } },
          { kind: 'CompareFact', op: '<=', right: { value: -1.5, text: '-1.5' } },
        ],
      },
    }));
  test('a range for each channel spans all of them', () =>
    expect(factsOf('range C [[-1.8, 2.7], [-2.1, 2.5],]')).toMatchObject({
      body: { facts: [{ axis: name('C'), rows: [{ low: -1.8, high: 2.7, written: ['-1.8', '2.7'] }, { low: -2.1, high: 2.5, written: ['-2.1', '2.5'] }], low: -2.1, high: 2.7 }] },
    }));
  test('violations', () => {
    expect(factsOf('finite on violation replace(-1)')).toMatchObject({ body: { violation: { mode: 'replace', value: { value: -1 } } } });
    expect(factsOf('finite on violation clamp')).toMatchObject({ body: { facts: [{ kind: 'FlagFact' }], violation: { mode: 'clamp' } } });
  });
  test('sizes that the part chooses, and one that is called `some`', () =>
    expect(first('contract C = f32[some n, N: some m, some]')).toMatchObject({
      body: { base: { dims: [{ some: true, size: { name: name('n') } }, { label: name('N'), some: true }, { some: false, size: { name: name('some') } }] } },
    }));
  test('parameters that default to versions', () =>
    expect(first('contract C(of: space = minilm@^2 | 3) = f32[n] where space of')).toMatchObject({
      params: [{ default: { kind: 'VersionedName', versions: [{ text: '^2' }, { text: '3' }] } }],
    }));
  test('compatible spaces and attributes', () => {
    expect(first('space s @ 2.1.0 compatible ^2.0 | 1.4.0')).toMatchObject({ version: { text: '2.1.0' }, compatible: [{ text: '^2.0' }, { text: '1.4.0' }] });
    expect(first('attribute color { rgb, bgr, }')).toMatchObject({ name: name('color'), values: [name('rgb'), name('bgr')] });
  });
});

describe('parts', () => {
  test('a file in place of a body', () => {
    const declaration = first('head H(e: E) -> R source "./h.onnx" from { e: "x" } to { boxes: "b" }');
    expect(declaration).toMatchObject({ source: { path: { value: './h.onnx' }, from: { kind: 'NameMap' }, to: { entries: [{ to: { value: 'b' } }] } } });
    expect(declaration).not.toHaveProperty('body');
    expect(first('head H(e: E) -> R source "./h.onnx" to "y"')).toMatchObject({ source: { to: { kind: 'StringLit', value: 'y' } } });
  });
  test('learned weights, with and without a body', () => {
    const bare = first('adapter A(x: E) -> R weights "./a.safetensors" from { w: "x" } = learned');
    expect(bare).toMatchObject({ weights: { learned: true, map: {} } });
    expect(bare).not.toHaveProperty('body');
    expect(first('adapter A(x: E) -> R weights "./a" = learned { x }')).toMatchObject({ weights: { learned: true }, body: { kind: 'Block' } });
    expect(first('adapter A(x: E) -> R weights "./a" { x }')).toMatchObject({ weights: { learned: false } });
  });
  test('initial values', () =>
    expect(first('part p(x: T) -> T { param w: f32[d] where finite = normal(std: 1) x }')).toMatchObject({
      body: { statements: [{ type: { facts: [{ kind: 'FlagFact' }] }, init: { kind: 'CallExpr' } }] },
    }));
});

test('backbones made of others, taps, replacements and defaults', () =>
  expect(first('backbone B @ 1.0.0 = A { input t: i64[n] = 0 from "t"  tap l: f32[n] from "/l"  replace l = l |> f }')).toMatchObject({
    base: name('A'),
    members: [
      { kind: 'BackboneInput', default: { value: 0 }, from: { value: 't' } },
      { kind: 'TapMember', name: name('l'), from: { value: '/l' } },
      { kind: 'ReplaceMember', name: name('l'), value: { kind: 'PipeExpr' } },
    ],
  }));

test('states and budgets', () =>
  expect(first('model M { state h: f32[n] = 0 next h = h budget { latency.p99 <= 20ms on "cpu" bytes < 5% } }')).toMatchObject({
    members: [
      { kind: 'StateMember', init: { value: 0 } },
      { kind: 'NextMember', name: name('h') },
      {
        kind: 'BudgetClause',
        entries: [
          { limit: { op: '<=', left: { kind: 'FieldExpr' }, right: { kind: 'QuantityLit', value: 20, unit: 'ms' } }, device: { value: 'cpu' } },
          { limit: { op: '<', right: { value: 5, unit: '%' } } },
        ],
      },
    ],
  }));

describe('tools', () => {
  test('fit', () =>
    expect(first('fit F { data d = "./d" let x = F(d.a) loss mse(x, d.b) method adam(lr: 1e-3) seed 7 }')).toMatchObject({
      name: name('F'),
      members: [{ name: name('d') }, { kind: 'Let' }, { kind: 'LossClause' }, { value: { kind: 'CallExpr' } }, { value: { value: 7 } }],
    }));
  test('verify', () =>
    expect(first('verify V { swap A with B in M require acc(y) >= baseline - 2% }')).toMatchObject({
      members: [
        { part: name('A'), replacement: name('B'), model: name('M') },
        { condition: { op: '>=', right: { kind: 'BinaryExpr', right: { unit: '%' } } } },
      ],
    }));
  test('probe and golden', () => {
    expect(first('probe P { data "./p" through A, B taps l }')).toMatchObject({ members: [{}, { parts: [name('A'), name('B')] }, { taps: [name('l')] }] });
    expect(first('golden M { data "./g" tolerance 1e-4 }')).toMatchObject({ members: [{ path: { value: './g' } }, { value: { value: 1e-4 } }] });
  });
  test('rollout', () =>
    expect(first('rollout R of M { slot y { arm A 90% shadow B sticky by user flag "f" -> B rollback to A when e > 1% over 500 } }')).toMatchObject({
      model: name('M'),
      slots: [{
        members: [
          { head: name('A'), share: { value: 90 } }, { head: name('B') }, { by: name('user') }, { flag: { value: 'f' }, head: name('B') },
          { head: name('A'), condition: { op: '>' }, over: { value: 500 } },
        ],
      }],
    }));
});

test('packages are imported by their names', () =>
  expect(read('import { a } from "@scope/name/part.mdl"\nimport { b } from "name"').imports.map((i) => i.from.value)).toEqual(['@scope/name/part.mdl', 'name']));

describe('one slip, one error', () => {
  const codesIn = (text: string) => parse(createSource('t.mdl', text)).diagnostics.map((d) => d.code);
  test.each([
    ['head H(x: T) -> T', ['unexpected-token']],
    ['model M { state h: f32[n]  next h = h }', ['unexpected-token']],
    ['rollout R M { slot y { arm A 1% } }\nspace s @ 1.0.0', ['unexpected-token']],
    ['verify V { require a  }', ['unexpected-token']],
    ['fit F { data d "./d" }', ['unexpected-token']],
    ['backbone B = { }', ['unexpected-token']],
    ['part p(x: T) -> T { constructor { x } }', ['unexpected-token']],
  ])('%s', (text, codes) => expect(codesIn(text).slice(0, codes.length)).toEqual(codes));
});
