/**
 * Versions at joints and operators of random programs, against a reading of ranges as sets of versions: by a new compiler, and by one that has
 * checked all the programs before.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryHost } from '../../src/host/memory.ts';
import { seen } from '../compile/seen.ts';
import { acceptable, within } from '../types/versions-model.ts';
import { checkText, compilerFor, errorsOf, foreignFiles, library, safetensors, uriOf } from './world.ts';

const number = fc.nat({ max: 3 });
const version = fc.tuple(number, number, number).map((all) => all.join('.'));
const range = fc.tuple(fc.constantFrom('', '^'), fc.array(number, { minLength: 1, maxLength: 3 })).map(([caret, all]) => caret + all.join('.'));
const ranges = fc.array(range, { maxLength: 3 });

interface Case {
  readonly own: string;
  readonly compatible: readonly string[];
  /** Of two inputs, of a part that takes the first, and of one that is called in its body. */
  readonly first: readonly string[];
  readonly second: readonly string[];
  readonly taken: readonly string[];
  readonly inner: readonly string[];
}

const cases = fc.record({ own: version, compatible: fc.array(range, { maxLength: 2 }), first: ranges, second: ranges, taken: ranges, inner: ranges });
const of = (said: readonly string[]): string => `f32[batch, 8] where space v${said.length === 0 ? '' : `@${said.join(' | ')}`}`;

const program = ({ own, compatible, first, second, taken, inner }: Case): string => `space v @ ${own}${compatible.length === 0 ? '' : ` compatible ${compatible.join(' | ')}`}
contract Inner = ${of(inner)}
contract Taken = ${of(taken)}
contract Vec(of: space) = f32[batch, 8] where space of
backbone B @ 1.0.0 { source "./relay.onnx" input x: f32[batch, 8] output y: f32[batch, 8] where space v }
part made(x: f32[batch, 8]) -> ${of([...taken, own])} { B(x).y }
adapter fitted(x: f32[batch, 8]) -> ${of([...taken, own])} weights "./y.safetensors" { param y: f32[8] x * y }
part near(e: Inner) -> f32[batch, 8] { e * 0.5 }
part outer(e: Taken) -> f32[batch, 8] { near(e) }
part kept(e: Taken) -> Taken { e }
part sum(a: f32[batch, 8], b: f32[batch, 8]) -> f32[batch, 8] { a + b }
part same(e: Vec(of: s), s: space) -> Vec(of: s) keeps space { e * 2 }
part both(a: Vec(of: s), b: Vec(of: s), s: space) -> f32[batch, 2] { onnx.Slice(onnx.Concat(a, b, axis: -1), axis: -1, start: 0, end: 2) }
model M {
  input x: f32[batch, 8]
  input m: ${of(first)}
  input n: ${of(second)}
  output near_m = near(m)
  output outer_m = outer(m)
  output same_m = near(same(m))
  output kept_m = near(kept(m))
  output plus = m + n
  output sum_mn = sum(m, n)
  output square = m * m
  output own_sum = sum(m, m)
  output both_m = both(m, m)
  output both_mn = both(m, n)
  output made_x = near(made(x))
  output fitted_x = near(fitted(x))
  output file_x = near(B(x).y)
  output made_sum = made(x) + m
}
`;

/** The lines of a program about which something is to be said. */
function wrongLines(each: Case): readonly string[] {
  const known = [{ version: each.own, compatible: each.compatible }];
  const meant = (said: readonly string[]): readonly string[] => (said.length === 0 ? [each.own] : said);
  const goes = (a: readonly string[], b: readonly string[]): boolean => within(meant(a)).every((v) => acceptable(meant(b), known).has(v));
  const beside = (a: string, b: string): boolean => within([a]).some((v) => within([b]).includes(v)) || goes([a], [b]) || goes([b], [a]);
  const mixes = (as: readonly string[], bs: readonly string[]): boolean => meant(as).every((a) => meant(bs).every((b) => beside(a, b)));
  const { first, second, taken, inner } = each;
  const right: Readonly<Record<string, boolean>> = {
    'part outer': goes(taken, inner),
    near_m: goes(first, inner),
    outer_m: goes(first, taken),
    same_m: goes(first, inner),
    kept_m: goes(first, taken) && goes(taken, inner),
    plus: mixes(first, second),
    sum_mn: mixes(first, second),
    both_mn: mixes(first, second),
    made_x: goes([], inner),
    fitted_x: goes([], inner),
    file_x: goes([], inner),
    made_sum: mixes([], first),
  };
  return Object.keys(right).filter((line) => !right[line]);
}

/** The first words of the lines at which something of versions is said. */
function toldLines(text: string, compilation: ReturnType<typeof checkText>): readonly string[] {
  const told = compilation.diagnostics.filter(({ severity }) => severity === 'error').filter(({ code }) => code !== 'compatible-newer');
  expect(told.map(({ code, message }) => `${code}: ${message}`).filter((each) => !/^space(s-mixed|-mismatch)/.test(each))).toEqual([]);
  const lineAt = (offset: number): string => text.slice(text.lastIndexOf('\n', offset - 1) + 1, text.indexOf('\n', offset)).trim();
  return [...new Set(told.map(({ location }) => /^(?:output (\w+)|(part \w+))/.exec(lineAt(location.span.start))!).map((found) => found[1] ?? found[2]!))];
}

const more = { 'y.safetensors': safetensors({ y: { dims: [8] } }) };

test('versions are refused where some of them is not served', () => {
  const files: Record<string, string | Uint8Array> = { ...foreignFiles, ...more };
  const used = compilerFor(createMemoryHost(files, library));
  fc.assert(
    fc.property(cases, (each) => {
      const text = program(each);
      const anew = checkText(text, more);
      expect([...toldLines(text, anew)].sort()).toEqual([...wrongLines(each)].sort());
      files['main.mdl'] = text;
      const again = used.check([uriOf('main.mdl')]);
      expect(again.diagnostics).toEqual(anew.diagnostics);
      expect(used.check([uriOf('main.mdl')]).diagnostics).toEqual(anew.diagnostics);
      if (errorsOf(anew).length === 0) expect(seen(again)).toEqual(seen(anew));
    }),
    { numRuns: 150 },
  );
});
