/** What is declared of a file's outputs and taps, and what follows from its graph. */
import { describe, expect, test } from 'vitest';
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
  test('stay declared where nothing is known of an operator', () => expect(evidence('opaque.onnx', 'f32[batch, 8]', 'f32[batch, 8]')).toBe('declared'));
});
