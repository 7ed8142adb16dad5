/** How the order of a head's classes is known: compared with what its weights file says, or somebody's word. */
import { expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { safetensors, uriOf, worldOf } from './world.ts';

const head = `import { linear } from "std/nn"

labels Polarity = ["negative", "positive"]

head Sentiment(e: f32[batch, 8]) -> f32[batch, Polarity] weights "./head.safetensors" {
  e |> linear(out: Polarity)
}

model M {
  input e: f32[batch, 8]
  output sentiment = Sentiment(e)
}
`;

test.each([
  [undefined, 'declared'],
  [{ classes: '["negative","positive"]' }, 'proved'],
  [{ classes: 'negative and positive' }, 'declared'],
])('with the metadata %j it is %s', (metadata, evidence) => {
  const file = safetensors({ 'linear.w': { dims: [8, 2] }, 'linear.b': { dims: [2] } }, metadata);
  const { models, diagnostics } = createCompiler(worldOf({ 'main.mdl': head, 'head.safetensors': file })).check([uriOf('main.mdl')]);
  expect(diagnostics).toEqual([]);
  const joint = models[0]!.joints.find(({ to }) => to === "Sentiment's classes");
  expect(joint).toMatchObject({ from: expect.stringContaining('head.safetensors'), requirements: [{ what: 'the classes of Polarity in their order', evidence }] });
});

test.each([
  [undefined, 'declared'],
  [{ classes: '["negative","positive"]' }, 'proved'],
])('names that a plain number gets behind a head, with the metadata %j: %s', (metadata, evidence) => {
  const source = head.replace('f32[batch, Polarity]', 'f32[batch, 2]').replace('sentiment =', 'sentiment: f32[batch, Polarity] =');
  const file = safetensors({ 'linear.w': { dims: [8, 2] }, 'linear.b': { dims: [2] } }, metadata);
  const { models, diagnostics } = createCompiler(worldOf({ 'main.mdl': source, 'head.safetensors': file })).check([uriOf('main.mdl')]);
  expect(diagnostics).toEqual([]);
  const joint = models[0]!.joints.find(({ to }) => to === 'M.sentiment');
  expect(joint?.requirements.filter(({ what }) => what.includes('in their order'))).toMatchObject([{ what: 'the classes of Polarity in their order', evidence }]);
});
