/** What is declared of a file's outputs and taps, and what follows from its graph. */
import { describe, expect, test } from 'vitest';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { briefly, checkText } from './world.ts';

/** How dtype and shape of `y` are known where it becomes the model's output. */
const evidence = (file: string, input: string, output: string, members = ''): unknown => {
  const checked = checkText(`backbone B @ 1.0.0 {
  source "./${file}"
  input x: ${input}
  output y: ${output}
${members}}
model M {
  input x: ${input}
  output y: ${output} = B(x).y
}`);
  return checked.models[0]?.joints.find((joint) => joint.to === 'M.y')?.requirements[0]?.evidence ?? briefly(checked);
};

describe('the types of a backbone’s outputs', () => {
  test('are proved where they follow from the inputs', () => {
    expect(evidence('nameless.onnx', 'f32[batch, 8]', 'f32[batch, 8]')).toBe('proved');
    expect(evidence('halves.onnx', 'f32[batch, 3, 64, 64]', 'f32[batch, 3, 32, 32]')).toBe('proved');
  });
  test('are tested at each run where nothing is known of an operator', () => expect(evidence('opaque.onnx', 'f32[batch, 8]', 'f32[batch, 8]')).toBe('enforced'));
});

/** How each requirement of the joint into `y` is known. */
const known = (text: string, files: Readonly<Record<string, Uint8Array>> = {}): readonly (readonly [string, string])[] => {
  const checked = checkText(text, files);
  expect(briefly(checked)).toEqual([]);
  const joint = checked.models[0]!.joints.find(({ to }) => to === 'M.y')!;
  return joint.requirements.map((one) => [one.what, one.evidence] as const);
};

test('what a guarded result is at one call is proved there, where no guard stands', () => {
  const checked = checkText(`contract P = f32[batch, 4] where range [0, 1] on violation clamp
contract Q = f32[batch, 4] where range [0, 1]
part g(x: Q) -> P {
  x * 0.5
}
model M {
  input x: f32[batch, 4]
  output y = g(onnx.Sigmoid(x))
}`);
  expect(briefly(checked)).toEqual([]);
  const { type } = checked.models[0]!.outputs[0]!;
  expect(type.kind === 'tensor' ? type.facts.map((fact) => [fact.kind, fact.evidence]) : []).toEqual([['range', 'proved'], ['range', 'proved']]);
});

test('what holds of a file’s output whatever comes in is proved, also where its input is on somebody’s word', () => {
  const relu = encodeModel({ node: [node('Relu', ['x'], ['y'])], input: [valueInfo('x', ['batch', 4])], output: [valueInfo('y', ['batch', 4])] });
  const requirements = known(
    `backbone B @ 1.0.0 {
  source "./relu.onnx"
  input x: f32[batch, 4] where range [-2, 3]
  output y: f32[batch, 4] where range [0, inf]
}
model M {
  input x: f32[batch, 4] where range [-2, 3]
  output y: f32[batch, 4] where range [0, inf] = B(x).y
}`,
    { 'relu.onnx': relu },
  );
  expect(requirements).toContainEqual(['range [0, inf]', 'proved']);
});

describe('which class stands where', () => {
  const labels = 'labels Mood = ["glad", "sad"]\n';
  /** Where the order of classes is somebody's word, and how it is known. */
  const orders = (text: string, files: Readonly<Record<string, Uint8Array>> = {}): readonly (readonly [string, string])[] => {
    const checked = checkText(labels + text, files);
    expect(briefly(checked)).toEqual([]);
    return checked.models[0]!.joints.flatMap(({ to, requirements }) => requirements.flatMap(({ what, evidence: word }) => (what === 'the classes of Mood in their order' ? [[to, word] as const] : [])));
  };
  test('is the word of who names the places of a plain number', () => {
    const judge = 'part judge(x: f32[batch, Mood]) -> f32[batch, Mood] { x }\n';
    expect(orders(`${judge}model M { input x: f32[batch, 2] output y = judge(x) }`)).toEqual([['judge.x', 'declared']]);
    expect(orders(`${judge}model M { input x: f32[batch, Mood] output y = judge(onnx.Softmax(x, axis: -1)) }`)).toEqual([]);
    expect(orders('model M { input x: f32[batch, 2] output y: f32[batch, Mood] = x }')).toEqual([['M.y', 'declared']]);
  });
  test('is the word of who declares what a file gives', () => {
    const file = { 'moods.onnx': encodeModel({ node: [node('Relu', ['x'], ['y'])], input: [valueInfo('x', ['n', 2])], output: [valueInfo('y', ['n', 2])] }) };
    expect(orders('head H(x: f32[batch, 2]) -> f32[batch, Mood] source "./moods.onnx"\nmodel M { input x: f32[batch, 2] output y = H(x) }', file)).toEqual([['H\'s classes', 'declared']]);
    const backbone = 'backbone B @ 1.0.0 { source "./moods.onnx" input x: f32[batch, 2] output y: f32[batch, Mood] }\n';
    expect(orders(`${backbone}model M { input x: f32[batch, 2] output y = B(x).y }`, file)).toEqual([['B.y\'s classes', 'declared']]);
  });
});
