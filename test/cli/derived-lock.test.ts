/** A space of a backbone made of another one is bound to all that its vectors are made of: the base, the weights inside, and what stands in the place of its tensors. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { safetensors } from '../check/world.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { createFolder, mdl } from './harness.ts';

const network = encodeModel({
  node: [node('Tanh', ['x'], ['l1']), node('Exp', ['l1'], ['l2']), node('MatMul', ['l2', 'w'], ['y'])],
  input: [valueInfo('x', ['batch', 2])],
  output: [valueInfo('y', ['batch', 2])],
  initializer: [{ name: 'w', dims: [2, 2], dataType: dataTypes.FLOAT, floatData: [1, 2, 3, 4] }],
});
const base = `
space s @ 1.0.0
space s2 @ 1.0.0
backbone Net @ 1.0.0 {
  source "./net.onnx"
  input x: f32[batch, 2]
  output y: f32[batch, 2] where space s
  tap l1: f32[batch, 2]
  tap l2: f32[batch, 2]
}
part scaled(x: f32[batch, 2]) -> f32[batch, 2] { x |> Shift }
adapter Shift(x: f32[batch, 2]) -> f32[batch, 2] weights "./shift.safetensors" {
  param b: f32[2]
  let twice = x * 2
  twice + b
}
`;
const shifted = `
backbone A @ 1.0.0 = Net {
  replace l1 = l1 |> scaled
  output y: f32[batch, 2] where space s2
}
`;
const other = `
backbone B @ 1.0.0 = Net {
  replace l2 = l2 + l1 - x
  output y: f32[batch, 2] where space s2
}
`;
const model = (of: string): string => `
model M {
  input x: f32[batch, 2]
  output y = ${of}(x).y
}
`;
const weights = (...numbers: readonly number[]): Uint8Array => safetensors({ b: { dims: [2], values: numbers } });

let folder: ReturnType<typeof createFolder>;
beforeEach(() => (folder = createFolder({ 'package.json': '{ "name": "app" }', 'net.onnx': network, 'shift.safetensors': weights(1, 2), 'main.mdl': base + shifted + model('A') })));
afterEach(() => folder.remove());

const write = (name: string, content: string | Uint8Array): void => writeFileSync(path.join(folder.path, name), content);
const check = async (...flags: readonly string[]) => {
  const { code, stdout, stderr } = await mdl(folder.path, ['check', 'main.mdl', ...flags]);
  return { code, said: `${stdout}${stderr}` };
};
const lock = (): { spaces: Record<string, Record<string, string>> } => JSON.parse(readFileSync(path.join(folder.path, 'mdl.lock'), 'utf8')) as ReturnType<typeof lock>;

test('the first check binds it, and the base by its file', async () => {
  expect((await check()).code).toBe(0);
  expect([Object.keys(lock().spaces['app#s2@1.0.0']!), Object.keys(lock().spaces['app#s@1.0.0']!)]).toEqual([['main.mdl#A'], ['net.onnx']]);
  expect((await check('--locked')).code).toBe(0);
});

describe('under the same version it is an error to', () => {
  test.each<[string, () => void, string | RegExp]>([
    ['exchange weights of a part that a called part calls', () => write('shift.safetensors', weights(1, 3)), /shift\.safetensors, which it is made of, was [0-9a-f]{12} and is now [0-9a-f]{12}\./],
    ['exchange the base', () => write('net.onnx', encodeModel({ node: [node('Sin', ['x'], ['l1']), node('Exp', ['l1'], ['l2']), node('Sqrt', ['l2'], ['y'])], input: [valueInfo('x', ['batch', 2])], output: [valueInfo('y', ['batch', 2])] })), 'net.onnx, which it is made of, was'],
    ['write another replacement', () => write('main.mdl', base + shifted.replace('|> scaled', '* 3 |> scaled') + model('A')), /What `A` of main\.mdl puts into its base was [0-9a-f]{12} and is now [0-9a-f]{12}\./],
    ['change a number in a called body', () => write('main.mdl', base.replace('x * 2', 'x * 2.5') + shifted + model('A')), 'What `A` of main.mdl puts into its base was'],
    ['replace another tensor', () => write('main.mdl', base + shifted.replace('replace l1 = l1', 'replace l2 = l2') + model('A')), 'What `A` of main.mdl puts into its base was'],
    ['put another backbone in its place', () => write('main.mdl', base + other + model('B')), /mdl\.lock binds main\.mdl#A \(/],
  ])('%s', async (_, change, message) => {
    await check();
    change();
    const { code, said } = await check();
    expect([code, said.replace(/\n\s+(?:= )?/g, ' ')]).toEqual([1, expect.stringMatching(message)]);
    expect(said).toContain('error[space-changed]: the encoder of the space `s2` changed');
    expect((await check('--accept')).code).toBe(0);
    expect((await check('--locked')).code).toBe(0);
  });
});

describe('it stays what it is with', () => {
  test.each<[string, () => void]>([
    ['comments, another layout and other names of lets and sizes', () => write('main.mdl', `${base.replace('let twice = x * 2\n  twice + b', '// Twice.\n  let double = x*2\n  double    + b')}${shifted}${model('A').replace('x:', '\n x:')}`.replaceAll('batch', 'rows'))],
    ['other names of taps and parts', () => write('main.mdl', `${base.replace('tap l1: f32[batch, 2]', 'tap first: f32[batch, 2] from "l1"')}${shifted.replace('replace l1 = l1', 'replace first = first')}`.replaceAll('scaled', 'moved').replaceAll('Shift', 'Bias') + model('A'))],
    ['the body where it is called', () => write('main.mdl', base + shifted.replace('l1 |> scaled', 'Shift(l1)') + model('A'))],
    ['another name of its own', () => write('main.mdl', base + shifted.replace('backbone A', 'backbone Law') + model('Law'))],
    ['weights in another place', () => {
      renameSync(path.join(folder.path, 'shift.safetensors'), path.join(folder.path, 'moved.safetensors'));
      write('main.mdl', base.replace('./shift', './moved') + shifted + model('A'));
    }],
    ['a lock that was written before, with the base alone', () => {
      const before = lock();
      before.spaces['app#s2@1.0.0'] = before.spaces['app#s@1.0.0']!;
      write('mdl.lock', JSON.stringify(before));
    }],
  ])('%s', async (_, change) => {
    await check();
    const digest = lock().spaces['app#s2@1.0.0']!['main.mdl#A'];
    change();
    expect(await check()).toMatchObject({ code: 0 });
    expect(Object.values(lock().spaces['app#s2@1.0.0']!)).toContain(digest);
  });
});

test('another one beside it is told, at its own name', async () => {
  await check();
  write('main.mdl', base + shifted + other + model('A') + model('B').replace('M', 'N'));
  const { code, said } = await check();
  expect([code, said]).toEqual([1, expect.stringContaining('error[space-joined]: another encoder joins the space `s2` under its version 1.0.0')]);
  expect(said).toMatch(/backbone B @ 1\.0\.0 = Net \{\s+\|\s+\^ another encoder/);
  expect((await check('--accept')).code).toBe(0);
  expect(Object.keys(lock().spaces['app#s2@1.0.0']!)).toEqual(['main.mdl#A', 'main.mdl#B']);
});

test('what is yet to be learned is bound when it is there', async () => {
  rmSync(path.join(folder.path, 'shift.safetensors'));
  write('main.mdl', base.replace('weights "./shift.safetensors"', 'weights "./shift.safetensors" = learned') + shifted + model('A'));
  await check();
  expect(lock().spaces['app#s2@1.0.0']).toBeUndefined();
  write('shift.safetensors', weights(1, 2));
  expect((await check()).code).toBe(0);
  expect(Object.keys(lock().spaces['app#s2@1.0.0']!)).toEqual(['main.mdl#A']);
});
