/** What a clumsy or hostile user writes: every error is coded, at its place, and told once. */
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import type { Host } from '../../src/host/host.ts';
import { fail } from '../../src/diagnostics/diagnostic.ts';
import { fileCodes } from '../../src/diagnostics/codes/files.ts';
import { briefly, checkFiles, checkText, foreignFiles, safetensors, uriOf, worldOf } from './world.ts';

const expectFound = (text: string, found: readonly string[], more: Readonly<Record<string, string | Uint8Array>> = {}): void => {
  expect(briefly(checkText(text, more))).toEqual(found);
};
const model = (body: string): string => `model M {\n${body}\n}`;

describe('circles', () => {
  test('two modules that import each other: only the import and the calls that have no end are told', () => {
    expectFound('import { B } from "./b.mdl"\npart A(x: f32[n]) -> f32[n] { B(x) }\nmodel M { input x: f32[3] output y = A(x) }', ['2:31 declaration-cycle', 'b.mdl:1:19 import-cycle'], {
      'b.mdl': 'import { A } from "./main.mdl"\npart B(x: f32[n]) -> f32[n] { A(x) }',
    });
  });

  test('a circle of parts behind a model that is fine', () => {
    expectFound('part f(x: f32[n]) -> f32[n] { f(x) }\nmodel M { input x: f32[3] output y = f(x) }', ['1:31 declaration-cycle']);
  });

  test('a contract of itself, through a field and through an argument', () => {
    expectFound('contract A { x: B }\ncontract B = A\ncontract C = C(n: 3)', ['2:14 declaration-cycle', '3:14 declaration-cycle']);
  });

  test('a backbone is no part of a circle', () => {
    expectFound('import { M } from "./main.mdl"\nmodel M { input x: f32[3] output y = M(x) }', ['1:19 import-cycle', '2:38 not-callable']);
  });
});

describe('order and names', () => {
  test('declarations in any order', () => {
    expectFound('model M { input x: C output y = x |> f }\npart f(x: C) -> C { x |> g }\npart g(x: C) -> C { x }\ncontract C = f32[L, L]\nlabels L = ["a"]', []);
  });

  test('a let is known only below its line', () => {
    expectFound(model('  input x: f32[n]\n  let b = a + x\n  let a = x + 1\n  output y = a + b'), ['3:11 unknown-name']);
  });

  test('names of the language may be names', () => {
    expectFound('part range(from: f32[inf], source: f32[inf]) -> f32[inf] { from + source }\nmodel M { input input: f32[n] output output = range(input, source: input) }', []);
  });

  test('what keeps a space may name itself, or what comes below it, and its lines may double', () => {
    const keeps = 'part f(x: f32[n]) -> f32[n] keeps space';
    expectFound(`${keeps} { let a = a + x  a }`, ['1:51 unknown-name']);
    expectFound(`${keeps} { let x = x + 1  x }`, ['1:47 duplicate-name']);
    const doubled = Array.from({ length: 200 }, (_, i) => `let a${i + 1} = a${i} + a${i}`).join('\n');
    expectFound(`${keeps} { let a0 = x\n${doubled}\na200 }`, []);
  });

  test('a local hides a declaration, and onnx may be a name', () => {
    expectFound('part f(x: f32[n], f: f32[n], onnx: f32[n]) -> f32[n] { let y = x + f  y + onnx }\nmodel M { input x: f32[3] output y = f(x, x, x) }', ['1:19 shadowed-name']);
  });

  test('an input and an output of one name', () => {
    expectFound(model('  input x: f32[n]\n  output x = x'), ['3:10 duplicate-name']);
  });

  test('a name of a contract is captured by who uses it, whatever else has the name there', () => {
    const text = 'import { Pair } from "./pair.mdl"\nspace n @ 1.0.0\npart m(x: f32[k]) -> f32[k] { x }\nmodel M { input p: Pair output y = m(p.a) + p.b }';
    expectFound(text, ['2:7 unused-declaration'], { 'pair.mdl': 'contract Pair { a: f32[n] b: f32[n] }' });
  });

  test('a captured name is one size with that of the user, through two contracts', () => {
    const contracts = 'contract A = f32[n]\ncontract B = A(n: m)\n';
    expectFound(`${contracts}part f(x: B, y: f32[m]) -> f32[m] { x + y }`, []);
    expectFound(`${contracts}part f(x: B, y: f32[n]) -> f32[n] { x + y }`, ['3:37 operator-type']);
    expectFound(`${contracts}part f(x: B(m: k), y: f32[k]) -> f32[k] { x + y }`, []);
  });

  test('a renamed size is another one', () => {
    expectFound('contract A = f32[n]\npart f(x: A, y: A(n: m)) -> f32[n] { x + y }', ['2:38 operator-type']);
  });

  test('the same names in two signatures are two sizes', () => {
    expectFound('part f(x: f32[n], y: f32[m]) -> f32[m] { g(y, x) }\npart g(a: f32[n], b: f32[m]) -> f32[m] { b }', ['1:42 shape-mismatch']);
  });
});

describe('labels', () => {
  const heads = 'labels L = ["a", "b"]\nlabels R = ["b", "a"]\n';
  test('as sizes, in another order', () => {
    expectFound(`${heads}part f(x: f32[batch, L]) -> f32[batch, R] { x }`, ['3:45 classes-mismatch']);
  });

  test('as an int parameter: the answer counts them', () => {
    const text = `${heads}import { linear } from "std/nn"
head H(e: f32[batch, 8]) -> f32[batch, L] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } { e |> linear(out: R) }`;
    // The import stands below a declaration.
    expect(briefly(checkText(text))).toContain('4:111 classes-mismatch');
  });

  test('numbers have no classes', () => {
    expectFound(`${heads}part f(x: f32[batch, 2]) -> f32[batch, L] { x }\npart g(x: f32[batch, L]) -> f32[batch, 2] { x }`, []);
  });
});

describe('parts and their parameters', () => {
  const head = (name: string, file = 'two'): string =>
    `import { linear } from "std/nn"\nhead ${name}(e: f32[batch, 8]) -> f32[batch, 2] weights "./${file}.safetensors" from { linear.w: "w", linear.b: "b" } { e |> linear(out: 2) }`;

  test('two heads of one name, from two modules, with one file', () => {
    const text = 'import { H } from "./g.mdl"\nimport { H as K } from "./h.mdl"\nmodel M { input e: f32[batch, 8] output a = H(e) output b = K(e) }';
    const compilation = checkText(text, { 'g.mdl': head('H'), 'h.mdl': head('H') });
    expect(briefly(compilation)).toEqual([]);
    expect(compilation.models[0]!.program.initializers.map((t) => t.name)).toEqual(['H/linear.w', 'H/linear.b', 'H/linear.w#2', 'H/linear.b#2']);
  });

  test('one head called twice has its weights once, and equal calls are one', () => {
    const text = 'import { H } from "./g.mdl"\nmodel M { input e: f32[batch, 8] output a = H(e) output b = H(onnx.Abs(e)) output c = H(e) }';
    const { models } = checkText(text, { 'g.mdl': head('H') });
    const { program } = models[0]!;
    expect(program.initializers).toHaveLength(2);
    expect(program.steps.filter((s) => s.kind === 'operation' && s.op === 'MatMul')).toHaveLength(2);
    expect(program.outputs[0]!.value).toBe(program.outputs[2]!.value);
  });

  test('what one head leaves of a file is read by the other', () => {
    const text = `head W(e: f32[batch, 8]) -> f32[batch, 2] weights "./two.safetensors" { param w: f32[8, 2]  onnx.MatMul(e, w) }
head B() -> f32[2] weights "./two.safetensors" { param b: f32[2]  b }
model M { input e: f32[batch, 8] output y = W(e) + B() }`;
    expectFound(text, []);
  });

  test('paths are of lets and callees', () => {
    const file = safetensors({ 'first.linear.w': { dims: [8, 4] }, 'first.linear.b': { dims: [4] }, 'block.linear.w': { dims: [4, 2] }, 'block.linear.b': { dims: [2] } });
    const text = `import { linear, relu } from "std/nn"
part block(x: f32[..., d], out: int) -> f32[..., out] { x |> linear(out: out) |> relu }
head H(e: f32[batch, 8]) -> f32[batch, 2] weights "./deep.safetensors" { let first = e |> block(out: 4)  first |> block(out: 2) }
model M { input e: f32[batch, 8] output y = H(e) }`;
    expectFound(text, [], { 'deep.safetensors': file });
  });

  test('parts without an owner, deep below', () => {
    const text = `import { linear } from "std/nn"
part inner(x: f32[..., d]) -> f32[..., 2] { x |> linear(out: 2) }
part outer(x: f32[..., d]) -> f32[..., 2] { let y = inner(x)  y }
model M { input e: f32[batch, 8] output y = e |> outer }`;
    expectFound(text, ['4:50 unowned-parameters']);
  });

  test('the nearest weights own what is below them', () => {
    const text = `import { linear } from "std/nn"
part inner(x: f32[batch, 8]) -> f32[batch, 2] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } { x |> linear(out: 2) }
head H(e: f32[batch, 8]) -> f32[batch, 2] weights "./scale.safetensors" { param s: f32[2]  inner(e) * s }
model M { input e: f32[batch, 8] output y = H(e) }`;
    expectFound(text, [], { 'scale.safetensors': safetensors({ s: { dims: [2] } }) });
  });
});

describe('models', () => {
  const encoder = `backbone E @ 1.0.0 {
  source "./encoder.onnx"
  input ids: i64[batch, seq] from "input_ids"
  input mask: i64[batch, seq] from "attention_mask"
  output embedding: f32[batch, 8]
}
`;

  test('a backbone called twice with other inputs is linked twice, with the same ones once', () => {
    const { models, diagnostics } = checkText(`${encoder}${model('  input a: i64[batch, seq]\n  input b: i64[batch, seq]\n  output x = E(a, b).embedding\n  output y = E(b, a).embedding\n  output z = E(a, mask: b).embedding')}`);
    expect(diagnostics).toEqual([]);
    expect(models[0]!.program.steps.map((s) => s.name)).toEqual(['E', 'E#2']);
  });

  test('of nothing but constants', () => {
    expectFound('head B() -> f32[2] weights "./b.safetensors" { param b: f32[2]  b }\nmodel M { output y = B() }', [], { 'b.safetensors': safetensors({ b: { dims: [2] } }) });
  });

  test('whose output is an input, a record, and a whole backbone', () => {
    const { models, diagnostics } = checkText(`contract P { a: i64[n, m] b: i64[n, m] }\n${encoder}${model('  input p: P\n  output a = p.a\n  output q = p\n  output e = E(p.a, p.b)')}`);
    expect(diagnostics).toEqual([]);
    expect(models[0]!.program.outputs.map((o) => o.name)).toEqual(['a', 'q.a', 'q.b', 'e.embedding']);
  });

  test('records with fields that are too few and too many', () => {
    const text = 'contract A { a: f32[n] }\ncontract B { a: f32[n] b: f32[n] }\npart f(x: A) -> f32[n] { x.a }\npart g(x: B) -> f32[n] { x.b }\nmodel M { input a: A input b: B output p = f(b) output q = g(a) }';
    expectFound(text, ['5:62 missing-field']);
  });

  test('without anything', () => expectFound('model M { }', ['1:7 no-output']));
  test('an empty module', () => expectFound('', []));
  test('all errors of a file in one run', () => {
    expectFound(model('  input x: f32[n]\n  output a = y\n  output b = x.z\n  output c = f(x)\n  output d = x + "a"\n  output e = onnx.Sofmax(x)'), [
      '3:14 unknown-name', '4:16 unknown-field', '5:14 unknown-name', '6:18 tensor-needed', '7:19 unknown-operator',
    ]);
  });
});

describe('texts', () => {
  const text = 'import { relu } from "std/nn"\nmodel M {\n  input x: f32[n]\n  output y = relu(z)\n}\n';

  test.each([
    ['CRLF', text.replaceAll('\n', '\r\n')],
    ['CR', text.replaceAll('\n', '\r')],
    ['a byte order mark', `\ufeff${text}`],
  ])('%s', (_, variant) => {
    const { diagnostics, sources } = checkText(variant);
    const [found] = diagnostics;
    expect(diagnostics).toHaveLength(1);
    const source = sources.get(uriOf('main.mdl'))!.text;
    expect(source.slice(found!.location.span.start, found!.location.span.end)).toBe('z');
  });

  test('files of any name', () => {
    const host = worldOf({
      'größe/main #1.mdl': 'import { f } from "./fünf 100%.mdl"\nbackbone R @ 1.0.0 { source "../modèle?.onnx" input x: f32[batch, 8] output y: f32[batch, 8] }\nmodel M { input x: f32[batch, 8] output y = f(R(x).y) }',
      'größe/fünf 100%.mdl': 'part f(x: f32[..., n]) -> f32[..., n] { x }',
      'modèle?.onnx': foreignFiles['relay.onnx']!,
    });
    const entry = `memory:///${['größe', 'main #1.mdl'].map(encodeURIComponent).join('/')}`;
    const { diagnostics, models } = createCompiler(host).check([entry]);
    expect(diagnostics).toEqual([]);
    expect(models).toHaveLength(1);
  });
});

describe('files', () => {
  const head = 'import { linear } from "std/nn"\nhead H(e: f32[batch, 8]) -> f32[batch, 2] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } { e |> linear(out: 2) }\nmodel M { input e: f32[batch, 8] output y = H(e) }';

  test('an entry that is not there', () => {
    expect(briefly(checkFiles({}, ['nothing.mdl']))).toEqual(['nothing.mdl:1:1 file-not-found']);
  });

  test('one module as two entries', () => {
    expect(checkFiles({ 'main.mdl': 'space s' }, ['main.mdl', 'main.mdl']).diagnostics).toHaveLength(1);
  });

  test('weights that have become a text', () => {
    expectFound(head, ['2:51 safetensors-header'], { 'two.safetensors': 'git lfs pointer\n' });
  });

  test('a weights file for a model, and a model for a tokenizer', () => {
    const text = 'tokenizer t @ 1.0.0 from "./relay.onnx"\nbackbone R @ 1.0.0 { source "./two.safetensors" input x: f32[n] output y: f32[n] }';
    const codes = checkText(text).diagnostics.map((d) => d.code);
    expect(codes).toEqual(['tokenizer-invalid', 'onnx-not-a-model']);
  });

  /** A world in which one file's bytes cannot be had. */
  const broken = (path: string, breakage: Partial<Host>): Host => {
    const host = worldOf({ 'main.mdl': head });
    const only = <A extends unknown[], R>(faulty: ((...args: A) => R) | undefined, sound: (...args: A) => R) => (...args: A): R => (faulty && args[0] === uriOf(path) ? faulty(...args) : sound(...args));
    return { ...host, open: only(breakage.open, host.open), readText: only(breakage.readText, host.readText) };
  };

  test('weights that cannot be opened', () => {
    const host = broken('two.safetensors', { open: () => fail(fileCodes.finding('file-unreadable', { path: 'two.safetensors', reason: 'permission denied' })) });
    expect(briefly(createCompiler(host).check([uriOf('main.mdl')]))).toEqual(['2:51 file-unreadable']);
  });

  test('weights that break off while they are read', () => {
    const source = { uri: uriOf('two.safetensors'), size: 1000, close: () => undefined, read: (): Uint8Array => { throw new Error('input/output error'); } };
    const host = broken('two.safetensors', { open: () => ({ ok: true, value: source }) });
    expect(createCompiler(host).check([uriOf('main.mdl')]).diagnostics.map((d) => d.message)).toEqual([expect.stringContaining('input/output error')]);
  });

  test('a module that cannot be read', () => {
    const host = broken('main.mdl', { readText: () => fail(fileCodes.finding('file-unreadable', { path: 'main.mdl', reason: 'permission denied' })) });
    expect(briefly(createCompiler(host).check([uriOf('main.mdl')]))).toEqual(['1:1 file-unreadable']);
  });
});
