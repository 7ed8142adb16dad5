/** Edits of modules that build on each other, as somebody types them: a compiler that has checked before answers as a new one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCompiler, type Compilation } from '../../src/compile.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { compilerFor, library, safetensors, uriOf } from '../check/world.ts';
import { runs } from '../runs.ts';
import { seen } from './seen.ts';

/** A module is a list of blocks; each block has texts that may take each other's place. */
type Blocks = readonly (readonly string[])[];

const modules: Readonly<Record<string, Blocks>> = {
  'base.mdl': [
    ['space meaning @ 1.0.0', 'space meaning @ 1.1.0', 'space sense @ 1.0.0'],
    ['labels Kind = ["a", "b"]', 'labels Kind = ["a", "b", "c"]', ''],
    ['contract E = f32[batch, 8] where space meaning', 'contract E = f32[rows, 8] where space meaning', 'contract E = f32[batch, 8] where range [0, 1], space meaning'],
    ['part half(x: float[..., d]) -> float[..., d] { x * 0.5 }', 'part half(x: float[..., d]) -> float[..., d] { x * 0.25 }', 'part half(x: float[..., d]) -> float[..., d] { onnx.Sigmoid(x) }', 'part half(x: float[..., d]) -> float[..., d] { y }'],
    ['part unit(x: float[..., d]) -> float[..., d] where range [0, 1] { half(x) |> sigmoid }', 'part unit(x: float[..., d]) -> float[..., d] where range [0, 1] { half(x) }', 'part unit(x: float[..., d], k: int = 1) -> float[..., d] { half(x) }'],
    ['import { sigmoid } from "std/nn"', 'import { sigmoid, relu } from "std/nn"', ''],
  ],
  'middle.mdl': [
    ['import { E, half, unit } from "./base.mdl"', 'import { E, unit, half } from "./base.mdl"', 'import { E, half as unit } from "./base.mdl"'],
    ['import { linear } from "std/nn"', 'import { linear, relu } from "std/nn"'],
    ['adapter Step(e: E) -> E weights "./square.safetensors" { e |> linear(out: 8) |> unit }', 'adapter Step(e: E) -> E weights "./square.safetensors" { let z = e |> linear(out: 8)  half(z) }', 'adapter Step(e: E) -> f32[batch, 8] weights "./square.safetensors" = learned'],
    ['part twice(e: E) -> f32[batch, 8] { half(Step(e)) }', 'part twice(e: E) -> f32[batch, 8] { Step(Step(e)) }', 'part twice(e: E) -> f32[batch, 8] where range [0, 1] { unit(Step(e)) }'],
    ['model Lower { input e: E output y = twice(e) }', 'model Lower { input e: E output y = twice(e) output z = Step(e) }', ''],
  ],
  'main.mdl': [
    ['import { E, Kind } from "./base.mdl"', 'import { E, Kind, half } from "./base.mdl"'],
    ['import { twice } from "./middle.mdl"', 'import { twice, Step } from "./middle.mdl"', 'import { Step as twice } from "./middle.mdl"'],
    ['import { linear, softmax } from "std/nn"'],
    ['head H(x: f32[batch, 8]) -> f32[batch, Kind] weights "./two.safetensors" { x |> linear(out: Kind) |> softmax }', 'head H(x: f32[batch, 8] where range [0, 1]) -> f32[batch, Kind] weights "./two.safetensors" { x |> linear(out: Kind) |> softmax }'],
    ['model Upper { input e: E output y = H(twice(e)) }', 'model Upper { input e: E let t = twice(e) output y = H(t) output z = t }'],
    ['', 'verify Same { swap twice with twice in Upper data d = "./d.jsonl" let y = Upper(d.e) require accuracy(y.y, d.label) >= 0.5 }', 'fit H { data d = "./d.jsonl" loss mse(H(d.e), d.y) }'],
  ],
};

/** One module whose declarations need others above and below them, in which warnings and mistakes come and go. */
const alone: Readonly<Record<string, Blocks>> = {
  'main.mdl': [
    ['import { linear, sigmoid } from "std/nn"', 'import { linear, sigmoid, relu, softmax } from "std/nn"'],
    ['space meaning @ 1.0.0', 'space meaning @ 2.0.0', 'space meaning'],
    ['contract E = f32[batch, 8] where space meaning', 'contract E = f32[batch, 8] where space meaning, range [-1, 1] on violation clamp', 'contract E(k: int = 8) = f32[batch, 8] where space meaning'],
    ['part first(x: f32[batch, 8]) -> f32[batch, 8] { second(x) * 0.5 }', 'part first(x: f32[batch, 8]) -> f32[batch, 8] { fourth(x) }', 'part first(x: f32[batch, 8]) -> f32[batch, 8] where range [0, 1] { second(x) * 0.5 }'],
    ['part third(x: f32[batch, 8]) -> f32[batch, 8] { first(fourth(x)) }', 'part third(x: f32[batch, 8]) -> f32[batch, 8] { fourh(x) }', 'part third(x: f32[batch, 8]) -> f32[batch, 8] { let idle = second(x)  fourth(x) }'],
    ['part second(x: f32[batch, 8]) -> f32[batch, 8] where range [0, 1] { sigmoid(x) }', 'part second(x: f32[batch, 8]) -> f32[batch, 8] { relu(x) }', 'part second(x: f32[batch, 8]) -> f32[batch, 8] { first(x) }'],
    ['adapter Step(e: E) -> f32[batch, 8] weights "./square.safetensors" { e |> linear(out: 8) }', 'adapter Step(e: E) -> f32[batch, 4] weights "./square.safetensors" { e |> linear(out: 4) }', 'adapter Step(e: E) -> f32[batch, 8] weights "./squar.safetensors" = learned'],
    ['model One { input e: E output y = third(Step(e)) }', 'model One { input e: E let s = Step(e) output y = third(s) output z = first(s) budget { parameters <= 40 } }', 'model One { input e: E input idle: E output y = second(Step(e)) }'],
    ['part fourth(x: f32[batch, 8]) -> f32[batch, 8] { x + 1 }', 'part fourth(x: f32[batch, 8]) -> f32[batch, 8] { x - 1 }', ''],
    ['', 'labels Kind = ["a", "b"]', 'labels Kind = ["a", "a"]'],
    ['model Two { input x: f32[batch, 8] output y = first(x) }', 'model Two { input x: f32[batch, 8] output y = third(x) |> linear(out: 8) }', 'fit Step { data d = "./d.jsonl" loss mse(Step(d.e), d.y) }', 'verify Same { swap first with third in One data d = "./d.jsonl" let y = One(d.e) require accuracy(y.y, d.label) >= 0.5 }'],
  ],
};

/** What stands between two blocks besides. */
const gaps = ['\n', '\n\n', '\n// a comment\n', '\n/// A doc comment.\n', '\n) broken\n'];

interface Edit {
  readonly file: string;
  readonly block: number;
  readonly how: 'text' | 'gap' | 'swap' | 'cut';
  readonly which: number;
}
const editOf = (names: readonly string[]): fc.Arbitrary<Edit> => fc.record({
  file: fc.constantFrom(...names),
  block: fc.nat(11),
  how: fc.oneof({ weight: 5, arbitrary: fc.constant('text' as const) }, { weight: 4, arbitrary: fc.constant('gap' as const) }, { weight: 1, arbitrary: fc.constantFrom('swap' as const, 'cut' as const) }),
  which: fc.nat(59),
});

interface State {
  blocks: string[];
  gaps: string[];
  /** How many characters of the end are missing. */
  cut: number;
}

function apply({ file, block, how, which }: Edit, states: Readonly<Record<string, State>>, world: Readonly<Record<string, Blocks>>): void {
  const state = states[file]!;
  const at = block % state.blocks.length;
  if (how === 'text') state.blocks[at] = world[file]![at]![which % world[file]![at]!.length]!;
  else if (how === 'gap') state.gaps[at] = gaps[which % gaps.length]!;
  else if (how === 'cut') state.cut = which % 3 === 0 ? which : 0;
  else [state.blocks[at], state.blocks[which % state.blocks.length]] = [state.blocks[which % state.blocks.length]!, state.blocks[at]!];
}

const textOf = ({ blocks, gaps: between, cut }: State): string => {
  const text = blocks.map((block, i) => `${between[i]!}${block}`).join('').trimStart();
  return `${text.slice(0, text.length - cut)}\n`;
};

const weights = {
  'square.safetensors': safetensors({ 'linear.w': { dims: [8, 8] }, 'linear.b': { dims: [8] } }),
  'two.safetensors': safetensors({ 'linear.w': { dims: [8, 2] }, 'linear.b': { dims: [2] } }),
};

const same = <T>(before: readonly T[], after: readonly T[]): number => after.filter((one) => before.includes(one)).length;
const symbolsOf = ({ scopes }: Compilation, uris: readonly string[]) => uris.flatMap((uri) => [...(scopes.get(uri)?.names.values() ?? [])].filter(({ module }) => module === scopes.get(uri)));

describe.each([
  { of: 'a chain of modules', modules, entries: [['main.mdl'], ['main.mdl', 'middle.mdl'], ['middle.mdl', 'base.mdl', 'main.mdl']] },
  { of: 'one module', modules: alone, entries: [['main.mdl']] },
])('after edits in $of', ({ modules: world, entries }) => {
  const names = Object.keys(world);

  test.each([false, true])('a compiler answers as a new one (values: %s)', (values) => {
    const reused = { modules: 0, declarations: 0 };
    fc.assert(
      fc.property(fc.array(editOf(names), { minLength: 1, maxLength: 8 }), fc.constantFrom(...entries), (edits, of) => {
        const states = Object.fromEntries(names.map((name) => [name, { blocks: world[name]!.map(([text]) => text!), gaps: world[name]!.map(() => '\n\n'), cut: 0 }]));
        const files: Record<string, string | Uint8Array> = { ...weights };
        const write = (): void => names.forEach((name) => void (files[name] = textOf(states[name]!)));
        const host = createMemoryHost(files, library);
        const compiler = createCompiler(host, { values });
        const uris = of.map(uriOf);
        write();
        let last = compiler.check(uris);
        for (const each of edits) {
          const before = symbolsOf(last, [uriOf(each.file)]);
          apply(each, states, world);
          write();
          const now = compiler.check(uris);
          expect(seen(now)).toEqual(seen(compilerFor(host, values).check(uris)));
          reused.modules += same([...last.scopes.values()], names.filter((name) => name !== each.file).flatMap((name) => now.scopes.get(uriOf(name)) ?? []));
          reused.declarations += same(before, symbolsOf(now, [uriOf(each.file)]));
          last = now;
        }
      }),
      { numRuns: runs(30) },
    );
    // Otherwise nothing would be compared but two new compilers.
    if (names.length > 1) expect(reused.modules).toBeGreaterThan(0);
    expect(reused.declarations).toBeGreaterThan(0);
  });
});
