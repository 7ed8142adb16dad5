/** How a promise is known that rests on what its part's inputs are said to be: by the part itself, and at each call. */
import { expect, test } from 'vitest';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { briefly, checkText } from './world.ts';

const raised = `contract Share = f32[batch, 4] where range [0, 1]
part raised(x: Share) -> f32[batch, 4] where range [1, 2] {
  x + 1
}
`;
/** Of an operator of which nothing is known, so that what is said of its result is somebody's word. */
const opaque = encodeModel(
  { node: [node('Own', ['x'], ['y'], { domain: 'own' })], input: [valueInfo('x', ['batch', 4])], output: [valueInfo('y', ['batch', 4])] },
  { opsetImport: [{ domain: '', version: 14 }, { domain: 'own', version: 1 }] },
);
const backbone = `backbone B @ 1.0.0 {
  source "./own.onnx"
  input x: f32[batch, 4]
  output y: f32[batch, 4] where range [0, 1]
}
`;

/** How the range is known inside of `raised`, and of the output of a model. */
function known(text: string, files: Readonly<Record<string, Uint8Array | string>> = {}): readonly (string | undefined)[] {
  const checked = checkText(text, files);
  expect(briefly(checked)).toEqual([]);
  const { joints, outputs } = checked.models[0]!;
  const { type } = outputs[0]!;
  const inside = joints.find(({ to }) => to === "raised's result")?.requirements.find(({ what }) => what.startsWith('range'))?.evidence;
  return [inside, type.kind === 'tensor' ? type.facts.find((fact) => fact.kind === 'range')?.evidence : undefined];
}

test.each([
  ['proved of the argument', 'model M { input x: f32[batch, 4] output y = raised(onnx.Sigmoid(x)) }', 'proved'],
  ['tested at each run', 'model M { input x: Share output y = raised(x) }', 'enforced'],
  ['somebody’s word', `${backbone}model M { input x: f32[batch, 4] output y = raised(B(x).y) }`, 'declared'],
  ['somebody’s word, through another part', `${backbone}part again(x: Share) -> f32[batch, 4] where range [1, 2] { raised(x) }\nmodel M { input x: f32[batch, 4] output y = again(B(x).y) }`, 'declared'],
])('the body proves it, and at a call it is known as well as what it rests on: %s', (_, model, evidence) => {
  expect(known(`${raised}${model}`, { 'own.onnx': opaque })).toEqual(['proved', evidence]);
});

test('what an input only reports proves nothing', () => {
  const reporting = raised.replace('range [0, 1]', 'range [0, 1] on violation report');
  expect(known(`${reporting}model M { input x: f32[batch, 4] output y = raised(x) }`)).toEqual(['declared', 'declared']);
});

test('of a part of a package only its promise is known, beside the arguments', () => {
  const files = { 'node_modules/up/package.json': JSON.stringify({ name: 'up', version: '1.0.0', mdl: './up.mdl' }), 'node_modules/up/up.mdl': raised, 'own.onnx': opaque };
  // Half of what is promised is what the body shows, which may change.
  const halved = { ...files, 'node_modules/up/up.mdl': raised.replace('x + 1', '1 + x * 0.5') };
  const narrow = 'import { raised } from "up"\ncontract Narrow = f32[batch, 4] where range [1, 1.5]\npart narrow(x: Narrow) -> f32[batch, 4] { x }\nmodel M { input x: f32[batch, 4] output y = narrow(raised(onnx.Sigmoid(x))) }';
  expect(briefly(checkText(narrow, halved))).toEqual([expect.stringContaining('unmet-fact')]);
  const imported = 'import { raised } from "up"\n';
  expect(known(`${imported}model M { input x: f32[batch, 4] output y = raised(onnx.Sigmoid(x)) }`, files)[1]).toBe('proved');
  expect(known(`${imported}${backbone}model M { input x: f32[batch, 4] output y = raised(B(x).y) }`, files)[1]).toBe('declared');
});
