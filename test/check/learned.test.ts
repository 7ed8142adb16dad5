/** Weights that a `fit` is to write: what is known of them before, and what waits for them. */
import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/diagnostics/index.ts';
import { checkText, safetensors } from './world.ts';

const head = `import { linear } from "std/nn"
contract E = f32[batch, 8]
head Mood(e: E) -> f32[batch, 4] weights "./mood.safetensors" from { first.w: "down" transposed } = learned {
  param bias: f32[4] = normal(std: 0.5)
  let first = e |> linear(out: 4, init: orthogonal(gain: 2))
  first + bias
}
`;
const model = `model Moods {
  input e: E
  output mood = Mood(e)
}
model Plain {
  input e: E
  output same = e
}
`;

describe('a missing file that is to be learned', () => {
  test('its tensors are known, with what they begin with', () => {
    const { diagnostics, weights } = checkText(head);
    expect(diagnostics).toEqual([]);
    expect(weights.map(({ owner, uri, learned, present }) => [owner.name, uri, learned, present])).toEqual([['Mood', 'memory:///mood.safetensors', true, false]]);
    expect(weights[0]!.parameters).toEqual([
      { path: 'bias', key: 'bias', transposed: false, dtype: 'f32', dims: [4], init: { kind: 'normal', mean: 0, std: 0.5 } },
      { path: 'first.w', key: 'down', transposed: true, dtype: 'f32', dims: [8, 4], init: { kind: 'orthogonal', gain: 2 } },
      { path: 'first.b', key: 'first.b', transposed: false, dtype: 'f32', dims: [4], init: { kind: 'constant', value: 0 } },
    ]);
  });

  test('the models that need it wait, the others do not', () => {
    const { models, unfitted } = checkText(head + model);
    expect(models.map((m) => m.name)).toEqual(['Plain']);
    expect(unfitted.map((m) => m.name)).toEqual(['Moods']);
  });

  test('what a build says names the fit', () => {
    const { unfitted, sources } = checkText(`${head}${model}fit Mood { data d = "./d.jsonl" loss mse(Mood(d.e), d.target) }`);
    const [moods] = unfitted;
    expect(`\n${renderDiagnostics(moods!.missing, { sources, display: (uri) => uri.replace('memory:///', '') })}`).toMatchInlineSnapshot(`
      "
      error[weight-unfitted]: \`Moods\` cannot be built yet: the weights of \`Mood\` are to be learned, and mood.safetensors is not there
        --> main.mdl:3:42
         |
       3 | …: E) -> f32[batch, 4] weights "./mood.safetensors" from { first.w: "down" transposed } = lear…
         |                                ^^^^^^^^^^^^^^^^^^^^ no such file yet
      ...
      16 | fit Mood { data d = "./d.jsonl" loss mse(Mood(d.e), d.target) }
         |     ---- this fit is to write it
         |
         = Run \`mdl fit main.mdl Mood\`, which writes the file.
      "
    `);
  });

  test('without a fit it says that there is none', () => {
    expect(checkText(head + model).unfitted[0]!.missing[0]!.notes).toEqual(['No module that was read declares `fit Mood { … }`. Declare one, and run `mdl fit` on its file.']);
  });

  test('its mapping is held against the parameters', () => {
    const { diagnostics } = checkText(head.replace('first.w:', 'frist.w:'));
    expect(diagnostics.map((d) => d.message)).toEqual(['`Mood` has no parameter `frist.w`']);
  });
});

describe('a file that is there', () => {
  const files = { 'mood.safetensors': safetensors({ down: { dims: [4, 8] }, bias: { dims: [4] }, 'first.b': { dims: [4] } }) };

  test('the model is built from it', () => {
    const { models, unfitted, weights } = checkText(head + model, files);
    expect(models.map((m) => m.name)).toEqual(['Moods', 'Plain']);
    expect(unfitted).toEqual([]);
    expect(weights[0]!.present).toBe(true);
  });
});

describe('an adapter without a body', () => {
  const text = `space s @ 1.0.0
contract From = f32[batch, 4]
contract To = f32[batch, 3] where norm(-1) == 1 +- 1e-3, space s
adapter Bridge(x: From) -> To weights "./bridge.safetensors" = learned
model M {
  input x: From
  output y = Bridge(x)
}
`;
  test('has a matrix and a bias', () => {
    const { diagnostics, weights } = checkText(text);
    expect(diagnostics).toEqual([]);
    expect(weights[0]!.parameters.map(({ path, dims }) => [path, dims])).toEqual([['w', [4, 3]], ['b', [3]]]);
  });

  test('is lowered to the affine map and the norm', () => {
    const { models } = checkText(text, { 'bridge.safetensors': safetensors({ w: { dims: [4, 3] }, b: { dims: [3] } }) });
    const ops = models[0]!.program.steps.flatMap((step) => (step.kind === 'operation' ? [step.op] : []));
    expect(ops.slice(0, 2)).toEqual(['MatMul', 'Add']);
    expect(ops.at(-1)).toMatch(/LpNormalization|Div/);
  });
});

test('a weights file is one shared instance below its owner, also through templates', () => {
  const { weights } = checkText(`import { linear, relu } from "std/nn"
part two(x: f32[n, 8]) -> f32[n, 8] {
  let a = x |> linear(out: 8)
  a |> relu |> linear(out: 8, init: 0.5)
}
head Outer(x: f32[n, 8]) -> f32[n, 8] weights "./outer.safetensors" = learned {
  let inner = Inner(x)
  two(inner)
}
head Inner(x: f32[n, 8]) -> f32[n, 8] weights "./inner.safetensors" = learned {
  two(x)
}
`);
  const paths = Object.fromEntries(weights.map(({ owner, parameters }) => [owner.name, parameters.map((p) => p.path)]));
  const own = ['two.a.w', 'two.a.b', 'two.linear.w', 'two.linear.b'];
  expect(paths).toEqual({ Outer: own, Inner: own });
});
