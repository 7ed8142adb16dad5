/** No text makes the compiler throw or hang: mutations of real sources, and random expressions. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compilerFor, foreignFiles, library, uriOf, worldOf } from '../check/world.ts';
import { runs } from '../runs.ts';

const cases = new URL('../cases/check/', import.meta.url);
const example = new URL('../../examples/glosses/', import.meta.url);
const read = (name: string, folder: URL): string => readFileSync(new URL(name, folder), 'utf8');

const base = read('modules/base.mdl', cases);
/** Sources that use much of the language, each with the modules that it imports. */
const sources: readonly string[] = [
  ...['weights.mdl', 'space-laundered.mdl', 'arguments.mdl', 'operator-type.mdl', 'file-type.mdl', 'unowned-parameters.mdl'].map((name) => read(name, cases)),
  ...['encoder.mdl', 'heads.mdl', 'glosses.mdl', 'wrong.mdl'].map((name) => read(name, example)),
  ...Object.values(library),
  base,
];
const neighbours = { 'base.mdl': base, 'encoder.mdl': read('encoder.mdl', example), 'heads.mdl': read('heads.mdl', example), ...foreignFiles };
const words = [...new Set(sources.flatMap((text) => text.match(/[A-Za-z_]\w*|"[^"\n]*"|\d+(?:\.\d+)*|[^\s\w]/g) ?? []))];

/** That each step is bounded shows in that the tests end: the runner's own limit is generous. */
function checkQuietly(text: string): void {
  const { diagnostics, models } = compilerFor(worldOf({ ...neighbours, 'main.mdl': text })).check([uriOf('main.mdl')]);
  if (diagnostics.some((d) => d.severity === 'error')) expect(models).toEqual([]);
  for (const { code, message, location, related, fixes } of diagnostics) {
    expect(code).toMatch(/^[a-z0-9-]+$/);
    // Comments of the library speak of NaN: such a word may be quoted.
    expect(message).not.toMatch(/undefined|(?<!`)\bNaN\b|\[object|(?<!`)``(?!`)/);
    for (const place of [location, ...related.map((r) => r.location), ...fixes.flatMap((f) => f.edits.map((e) => e.location))]) {
      expect(place.span.start).toBeLessThanOrEqual(place.span.end);
    }
  }
}

type Token = { readonly text: string; readonly start: number; readonly end: number };
const tokensOf = (text: string): Token[] => [...text.matchAll(/[A-Za-z_]\w*|"[^"\n]*"|\d+(?:\.\d+)*|[^\s\w]/g)].map((m) => ({ text: m[0], start: m.index, end: m.index + m[0].length }));

/** Some tokens of a source left out, doubled, exchanged for one another or for a word from elsewhere. */
const mutated: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...sources), fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'swap', 'word'), fc.constantFrom(...words)), { minLength: 1, maxLength: 4 }))
  .map(([source, changes]) =>
    changes.reduce((text, [a, b, how, word]) => {
      const tokens = tokensOf(text);
      if (tokens.length === 0) return text;
      const [one, other] = [tokens[a % tokens.length]!, tokens[b % tokens.length]!];
      const by = { drop: '', double: `${one.text} ${one.text}`, swap: other.text, word }[how]!;
      return text.slice(0, one.start) + by + text.slice(one.end);
    }, source),
  );

const atoms = ['x', 'y', 'p', 'p.a', 'p.b', '1', '0.5', '-1', 'true', '"a"', 'Polarity', 'meaning', 'n', '[1, 2]', 'Encode', 'missing', 'onnx', 'twice', 'H'];
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'value' },
    fc.constantFrom(...atoms),
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '|>'), tie('value')).map((all) => all.join(' ')),
    fc.tuple(fc.constantFrom('onnx.Add', 'onnx.Softmax', 'onnx.MatMul', 'onnx.Slice', 'onnx.Concat', 'softmax', 'linear', 'twice', 'pair', 'H', 'x', 'Encode'), fc.array(fc.tuple(fc.constantFrom('', 'x: ', 'axis: ', 'out: ', 'k: ', 'end: ', 'start: '), tie('value')).map((all) => all.join('')), { maxLength: 3 })).map(([callee, args]) => `${callee}(${args.join(', ')})`),
    fc.tuple(tie('value'), fc.constantFrom('a', 'b', 'mask')).map(([object, field]) => `(${object}).${field}`),
    tie('value').map((inner) => `-(${inner})`),
  ),
}));

const around = (one: string, two: string): string => `import { linear, softmax } from "std/nn"
import { Encode, Polarity, meaning } from "./base.mdl"
contract Pair { a: f32[n, 8] b: f32[n, 8] }
part twice(x: float[..., d], k: int = 2) -> float[..., d] { let y = ${one}  x + x }
part pair(x: f32[n, 8]) -> f32[n, 8] { ${two} }
head H(x: f32[n, 8]) -> f32[n, Polarity] weights "./two.safetensors" from { linear.w: "w", linear.b: "b" } { ${one} |> linear(out: Polarity) }
model M {
  input x: f32[n, 8]
  input y: i64[n, 8] where range [0, 3]
  input p: Pair
  let z = ${two}
  output a = ${one}
  output b = z
}`;

describe('random programs', () => {
  test('real sources with some tokens changed', () => {
    fc.assert(fc.property(mutated, (text) => checkQuietly(text)), { numRuns: runs(240) });
  });

  test('random expressions in a part, a head and a model', () => {
    fc.assert(fc.property(value, value, (one, two) => checkQuietly(around(one, two))), { numRuns: runs(240) });
  });

  test('random characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => checkQuietly(text)), { numRuns: runs(60) });
  });
});

describe('random foreign files', () => {
  const text = `${base}
head H(e: Embedding) -> f32[batch, Polarity] weights "./two.safetensors" from { w: "w", b: "b" } { param w: f32[8, 2]  param b: f32[2]  onnx.MatMul(e, w) + b }
model M { input tokens: Sentences output y = H(Encode(tokens)) }`;

  test.each(['encoder.onnx', 'two.safetensors', 'a.tokenizer.json'])('%s with some bytes changed', (file) => {
    const original = foreignFiles[file]!;
    const sound = typeof original === 'string' ? new TextEncoder().encode(original) : original;
    const change = fc.array(fc.tuple(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(change, fc.option(fc.nat({ max: sound.length })), (changes, length) => {
        const bytes = Uint8Array.from(sound);
        for (const [at, byte] of changes) bytes[at] = byte;
        const host = worldOf({ 'main.mdl': text, [file]: bytes.slice(0, length ?? sound.length) });
        const { diagnostics } = compilerFor(host).check([uriOf('main.mdl')]);
        for (const d of diagnostics) expect(d.message).not.toMatch(/undefined|\[object/);
      }),
      { numRuns: runs(60) },
    );
  });
});
