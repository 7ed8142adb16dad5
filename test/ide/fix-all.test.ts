/** All changes that need no choice, in one go; what needs one stays. */
import { expect, test } from 'vitest';
import { fixAll } from '../../src/ide/index.ts';
import { uriOf, worldOf } from '../check/world.ts';

const uri = uriOf('main.mdl');
const fixed = (text: string, more: Readonly<Record<string, string>> = {}) => {
  const { texts, applied } = fixAll([uri], worldOf({ 'main.mdl': text, ...more }));
  return { text: texts.get(uri), titles: applied.map(({ title }) => title) };
};

test('mistyped names, other notations and what they bring to light, through several rounds', () => {
  const text = `import { linear, gelu } from "std/nn"

head H(x: float32[batch, 8]) -> f32[batch, 4] weights './w.safetensors' = learned {
  # a comment
  let h = x |> nn.Dropout(0.1) |> F.relu
  lineer(h, 8, 4)
}
`;
  expect(fixed(text).text).toBe(`import { linear, relu } from "std/nn"

head H(x: f32[batch, 8]) -> f32[batch, 4] weights "./w.safetensors" = learned {
  // a comment
  let h = x |> relu
  linear(h, out: 4)
}
`);
});

test('what needs a choice stays: names that are equally near, values that nothing reads, sizes without a name', () => {
  const near = 'model M {\n  input scored: f32[n]\n  input scores: f32[n]\n  output a = scored\n  output b = scores\n  output c = score\n}\n';
  const unused = 'model M {\n  input x: f32[n]\n  let y = x * 2\n  output z = x\n}\n';
  const none = 'contract A = f32[None, 8]\n';
  expect([near, unused, none].map((text) => fixed(text))).toEqual([near, unused, none].map(() => ({ text: undefined, titles: [] })));
});

test('a fix that would change another module is not made', () => {
  const text = 'import { A } from "./a.mdl"\nmodel M {\n  input x: A\n  output y = x\n}\n';
  expect(fixed(text, { 'a.mdl': 'contract A = float32[n]\n' }).text).toBeUndefined();
});

test('an import that a change leaves without use goes with it', () => {
  const text = 'import { relu, gelu } from "std/nn"\nmodel M {\n  input x: f32[n]\n  output y = relu(x)\n}\n';
  expect(fixed(text)).toEqual({ text: text.replace(', gelu', ''), titles: ['no longer import `gelu`'] });
});
