/** Sources of the codes that are too long for a fixture, not found by a check, or found in another file. */
import type { Compilation } from '../../src/compile.ts';
import { checkFiles, checkText } from './world.ts';

type Found = Pick<Compilation, 'diagnostics' | 'sources'>;

const parts = (count: number, body: (i: number) => string): string =>
  ['part p0(x: f32[n]) -> f32[n] { onnx.Abs(x) }', ...Array.from({ length: count }, (_, i) => `part p${i + 1}(x: f32[n]) -> f32[n] { ${body(i)} }`)].join('\n');
const modelOf = (part: string): string => `model M {\n  input x: f32[8]\n  output y = ${part}(x)\n}`;

const unfitted = `head Mood(e: f32[batch, 8]) -> f32[batch, 2] weights "./mood.safetensors" = learned {
  param w: f32[8, 2]
  onnx.MatMul(e, w)
}
model Moods {
  input e: f32[batch, 8]
  output mood = Mood(e)
}
fit Mood {
  data d = "./d.jsonl"
  loss mse(Mood(d.e), d.target)
}`;

export const madeSources: Readonly<Record<string, () => Found>> = {
  'too-deep': () => checkText(`${parts(600, (i) => `p${i}(x)`)}\n${modelOf('p600')}`),
  'too-large': () => checkText(`${parts(200, (i) => `p${i}(p${i}(x))`)}\n${modelOf('p200')}`),
  'weight-unfitted': () => {
    const { sources, unfitted: models } = checkText(unfitted);
    return { sources, diagnostics: models.flatMap(({ missing }) => missing) };
  },
  'package-twice': () => checkFiles({ 'main.mdl': 'import { First } from "first-user"\nimport { Second } from "second-user"\npart f(a: First, b: Second) -> f32[batch, 8] { a + b }' }),
};
