/** Declarations of an app that only a module beside it uses, where the app alone is checked. */
import { afterEach, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const app = 'part twice(x: f32[batch]) -> f32[batch] {\n  x * 2\n}\n\nmodel M {\n  input x: f32[batch]\n  output y = onnx.Abs(x)\n}\n';
const check = async (more: Readonly<Record<string, string>>, at = 'an app.mdl'): Promise<string> => {
  const folder = createFolder({ 'package.json': '{ "name": "near" }', [at]: app, ...more });
  folders.push(folder);
  const { stdout, stderr } = await mdl(folder.path, ['check', at]);
  return (stdout + stderr).includes('unused-declaration') ? 'told' : 'used';
};
const importing = (specifier: string): string => `import {\r\n  twice\r\n} from "${specifier}"\r\n\r\npart again(x: f32[batch]) -> f32[batch] { twice(x) }\r\n`;

test('nobody imports it: it is told', async () => {
  expect(await check({ 'other.mdl': importing('./else.mdl') })).toBe('told');
});

test.each([['beside it', 'b.mdl', './an app.mdl'], ['in a folder below', 'tools/deep/b.mdl', '../../an app.mdl']])('a module %s imports it: it is used', async (_, name, specifier) => {
  expect(await check({ [name]: importing(specifier) })).toBe('used');
});

test('a module in another folder of the project imports it: it is used', async () => {
  expect(await check({ 'tools/b.mdl': importing('../models/an app.mdl') }, 'models/an app.mdl')).toBe('used');
});

test('what stands in a comment imports nothing, and an import behind another on its line does', async () => {
  expect(await check({ 'b.mdl': `/*\n${importing('./an app.mdl')}*/\n` })).toBe('told');
  expect(await check({ 'b.mdl': `import { relu } from "std/nn" import { twice } from "./an app.mdl"\n\npart again(x: f32[batch]) -> f32[batch] { relu(twice(x)) }\n` })).toBe('used');
});
