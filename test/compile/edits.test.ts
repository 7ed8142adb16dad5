/** Edits of modules that build on each other, as somebody types them: a compiler that has checked before answers as a new one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { compilerFor, library, safetensors, uriOf } from '../check/world.ts';
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
const names = Object.keys(modules);

/** What stands between two blocks besides. */
const gaps = ['\n', '\n\n', '\n// a comment\n', '\n/// A doc comment.\n', '\n) broken\n'];

interface Edit {
  readonly file: string;
  readonly block: number;
  readonly how: 'text' | 'gap' | 'swap' | 'cut';
  readonly which: number;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  file: fc.constantFrom(...names),
  block: fc.nat(5),
  how: fc.oneof({ weight: 5, arbitrary: fc.constant('text' as const) }, { weight: 4, arbitrary: fc.constant('gap' as const) }, { weight: 1, arbitrary: fc.constantFrom('swap' as const, 'cut' as const) }),
  which: fc.nat(59),
});

interface State {
  blocks: string[];
  gaps: string[];
  /** How many characters of the end are missing. */
  cut: number;
}

function apply({ file, block, how, which }: Edit, states: Readonly<Record<string, State>>): void {
  const state = states[file]!;
  const at = block % state.blocks.length;
  if (how === 'text') state.blocks[at] = modules[file]![at]![which % modules[file]![at]!.length]!;
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

describe('after edits in a chain of modules', () => {
  const entries = [['main.mdl'], ['main.mdl', 'middle.mdl'], ['middle.mdl', 'base.mdl', 'main.mdl']];

  test.each([false, true])('a compiler answers as a new one (values: %s)', (values) => {
    const reused = { modules: 0 };
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), fc.constantFrom(...entries), (edits, of) => {
        const states = Object.fromEntries(names.map((name) => [name, { blocks: modules[name]!.map(([text]) => text!), gaps: modules[name]!.map(() => '\n\n'), cut: 0 }]));
        const files: Record<string, string | Uint8Array> = { ...weights };
        const write = (): void => names.forEach((name) => void (files[name] = textOf(states[name]!)));
        const host = createMemoryHost(files, library);
        const compiler = createCompiler(host, { values });
        const uris = of.map(uriOf);
        write();
        let last = compiler.check(uris);
        for (const each of edits) {
          apply(each, states);
          write();
          const now = compiler.check(uris);
          expect(seen(now)).toEqual(seen(values ? createCompiler(host, { values }).check(uris) : compilerFor(host).check(uris)));
          reused.modules += names.filter((name) => name !== each.file && now.scopes.get(uriOf(name)) !== undefined && now.scopes.get(uriOf(name)) === last.scopes.get(uriOf(name))).length;
          last = now;
        }
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 40) },
    );
    // Otherwise nothing would be compared but two new compilers.
    expect(reused.modules).toBeGreaterThan(0);
  });
});
