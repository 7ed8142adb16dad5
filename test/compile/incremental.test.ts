/** A compiler that has checked before answers as a new one does, whatever was edited between. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { compilerFor, library, safetensors, uriOf } from '../check/world.ts';
import { runs } from '../runs.ts';
import { seen } from './seen.ts';

/** Each module in several states; what another one imports may be gone, of another type, or wrong. */
const states: Readonly<Record<string, readonly (string | Uint8Array | undefined)[]>> = {
  'base.mdl': [
    'space meaning @ 1.0.0\ncontract E = f32[batch, 8] where space meaning\npart half(e: E) -> f32[batch, 8] { e * 0.5 }\n',
    '// a comment\nspace meaning @ 1.0.0\ncontract E = f32[batch, 8] where space meaning\npart half(e: E) -> f32[batch, 8] { e * 0.5 }\n',
    'space meaning @ 2.0.0\ncontract E = f32[batch, 4] where space meaning\npart half(e: E) -> f32[batch, 4] { e / 2 }\n',
    'contract E = f32[batch, 8] where space meaning\npart half(e: E) -> f32[batch, 8] { e * 0.5 + }\n',
    undefined,
  ],
  'head.mdl': [
    'import { linear } from "std/nn"\nimport { E } from "./base.mdl"\nhead H(e: E) -> f32[batch, 2] weights "./h.safetensors" = learned { e |> linear(out: 2) }\n',
    'import { linear, relu } from "std/nn"\nimport { E } from "./base.mdl"\nhead H(e: E) -> f32[batch, 3] weights "./h.safetensors" = learned { e |> linear(out: 3) }\n',
    'import { E } from "./base.mdl"\nimport { M } from "./main.mdl"\nhead H(e: E) -> f32[batch, 8] { e }\n',
    'import { E } from "./none.mdl"\nhead H(e: E) -> f32[batch, 8] { missing(e) }\n',
  ],
  'main.mdl': [
    'import { E, half } from "./base.mdl"\nimport { H } from "./head.mdl"\nmodel M { input e: E output y = H(e) output z = half(e) }\nfit H { data d = "./d.jsonl" loss mse(H(d.e), d.y) }\n',
    'import { E, half } from "./base.mdl"\nmodel M { input e: E output z = half(e) }\nmodel N { input e: E output z = half(e) + e }\n',
    'import { E } from "./base.mdl"\nimport { H } from "./head.mdl"\nimport { twice } from "tools"\nspace meaning @ 1.0.0\nmodel M { input e: E output y = twice(H(e)) }\n',
    'model M { input e: f32[n] let unused = e output y = e }\n',
  ],
  'node_modules/tools/package.json': ['{ "name": "tools", "mdl": "./t.mdl" }', undefined, '{ "name": "tools" }'],
  'node_modules/tools/t.mdl': ['part twice(x: float[..., n]) -> float[..., n] { x * 2 }\n', 'part thrice(x: float[..., n]) -> float[..., n] { x * 3 }\n'],
  'h.safetensors': [
    undefined,
    safetensors({ 'linear.w': { dims: [8, 2] }, 'linear.b': { dims: [2] } }),
    safetensors({ 'linear.w': { dims: [8, 3] }, 'linear.b': { dims: [3] } }),
    'no weights',
  ],
};

const names = Object.keys(states);
const edit = fc.constantFrom(...names).chain((name) => fc.tuple(fc.constant(name), fc.nat({ max: states[name]!.length - 1 })));
const entries = fc.constantFrom(['main.mdl'], ['main.mdl', 'head.mdl'], ['base.mdl']);

describe('after any edits', () => {
  test.each([false, true])('a compiler answers as a new one (values: %s)', (values) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(edit, entries), { minLength: 1, maxLength: 12 }), (edits) => {
        const files: Record<string, string | Uint8Array> = {};
        const put = (name: string, state: number): void => {
          const content = states[name]![state];
          if (content === undefined) delete files[name];
          else files[name] = content;
        };
        for (const name of names) put(name, 0);
        const host = createMemoryHost(files, library);
        const compiler = createCompiler(host, { values });
        for (const [[name, state], of] of edits) {
          put(name, state);
          const uris = of.map(uriOf);
          expect(seen(compiler.check(uris))).toEqual(seen(compilerFor(host, values).check(uris)));
        }
      }),
      { numRuns: runs(60) },
    );
  });
});

describe('what is kept', () => {
  const files: Record<string, string | Uint8Array> = Object.fromEntries(names.flatMap((name) => (states[name]![0] === undefined ? [] : [[name, states[name]![0]!]])));
  const compiler = createCompiler(createMemoryHost(files, library));
  const scopes = () => compiler.check([uriOf('main.mdl')]).scopes;
  const first = scopes();
  const same = (after: typeof first): string[] => ['base.mdl', 'head.mdl', 'main.mdl'].filter((name) => after.get(uriOf(name)) === first.get(uriOf(name)));

  test('all, while nothing changes', () => expect(same(scopes())).toEqual(['base.mdl', 'head.mdl', 'main.mdl']));

  test('what does not import the module that was edited', () => {
    files['head.mdl'] += '// edited\n';
    expect(same(scopes())).toEqual(['base.mdl']);
  });

  test('nothing that names a foreign file which is there now', () => {
    files['head.mdl'] = states['head.mdl']![0]!;
    const before = scopes();
    files['h.safetensors'] = states['h.safetensors']![1]!;
    const after = scopes();
    expect(['base.mdl', 'head.mdl', 'main.mdl'].map((name) => before.get(uriOf(name)) === after.get(uriOf(name)))).toEqual([true, false, false]);
  });
});
