/** `mdl run --image`: files of pictures, held to the answers to the same bytes as an array. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/data/npy.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { expectGolden } from '../diagnostics/golden.ts';
import { plain, writeSmallBundle } from '../runtime/bundles.ts';
import { writeTwoTokenizers } from '../runtime/two-tokenizers.ts';
import { createFolder, mdl } from './harness.ts';
import { expectShown } from './shown-calls.ts';

const rows = 3;
const fashion = path.resolve(import.meta.dirname, '../../examples/fashion');
const folder = createFolder({ 'broken.png': 'none', 'notes.txt': 'no picture' });
afterAll(() => folder.remove());
const call = (args: readonly string[]) => mdl(folder.path, ['run', ...args], { columns: 400 });
const bundle = path.join(folder.path, 'dist/Fashion');

beforeAll(async () => {
  const built = await mdl(folder.path, ['build', path.join(fashion, 'fashion.mdl')]);
  if (built.code !== 0) throw new Error(built.stderr);
  const all = readNpy(readFileSync(path.join(fashion, 'data/test.images.npy')), 'test.npy');
  if (!all.ok) throw new Error(all.finding.message);
  const bytes = all.value.bytes.slice(0, rows * 784);
  const few = writeNpy({ dtype: 'u8', dims: [rows, 28, 28], bytes }, 'few.npy');
  if (!few.ok) throw new Error(few.finding.message);
  writeFileSync(path.join(folder.path, 'few.npy'), few.value);
  mkdirSync(path.join(folder.path, 'shots'));
  const picture = (at: number) => sharp(bytes.subarray(784 * at, 784 * at + 784), { raw: { width: 28, height: 28, channels: 1 } });
  for (let at = 0; at < rows; at++) await picture(at).png().toFile(path.join(folder.path, 'shots', `${at}.PNG`));
  await picture(0).png().toFile(path.join(folder.path, 'a=b.png'));
  await picture(0).resize(30, 40).png().toFile(path.join(folder.path, 'large.png'));
  writeFileSync(path.join(folder.path, 'shots', 'list.txt'), 'no picture');
}, 300_000);

/** Bytes of a grey picture of any size, and a second input of the same kind where `names` has two. */
const open = (...names: readonly string[]): string =>
  writeSmallBundle(
    encodeModel({
      node: names.map((name) => node('Cast', [name], [`${name}s`], { attribute: [{ name: 'to', type: 2, i: dataTypes.FLOAT }] })),
      input: names.map((name) => valueInfo(name, ['n', 'h', 'w'], dataTypes.UINT8)),
      output: names.map((name) => valueInfo(`${name}s`, ['n', 'h', 'w'])),
    }),
    {
      inputs: names.map((name) => ({ name, tensor: { ...plain(name, 'u8', ['n', 'h', 'w']), dims: ['N', 'H', 'W'].map((label) => ({ size: label.toLowerCase(), label })) } })),
      outputs: names.map((name) => ({ name: `${name}s`, tensor: plain(`${name}s`, 'f32', ['n', 'h', 'w']) })),
    },
  ).folder;

interface Answers {
  readonly rows: readonly { readonly image?: string; readonly outputs: Readonly<Record<string, { readonly dims: number[]; readonly data: number[] }>> }[];
}
const answers = async (args: readonly string[]): Promise<Answers['rows']> => (JSON.parse((await call([...args, '--json'])).stdout) as Answers).rows;

test('without sharp, what to install is said', () => {
  // In a process of its own, in which nothing has loaded it before.
  const hook = path.join(folder.path, 'without-sharp.cjs');
  writeFileSync(hook, `const Module = require('node:module');
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  if (request === 'sharp') throw new Error("Cannot find module 'sharp'");
  return resolve(request, ...rest);
};\n`);
  const { status, stderr } = spawnSync(process.execPath, ['--require', hook, path.resolve('dist/js/cli.cjs'), 'run', bundle, '--image', path.join(folder.path, 'a=b.png')], { encoding: 'utf8' });
  expectGolden(stderr, new URL('golden/errors/no-sharp.txt', import.meta.url));
  expect(status).toBe(1);
});

test('a picture is answered as its bytes are; a folder stands for its pictures', async () => {
  const expected = await answers([bundle, '--input', 'pictures=few.npy']);
  const names = Array.from({ length: rows }, (_, at) => path.join('shots', `${at}.PNG`));
  const told = expected.map((row, at) => ({ image: names[at], ...row }));
  expect(await answers([bundle, '--image', 'shots'])).toEqual(told);
  expect(await answers([bundle, '--image', `pictures=${names[0]}`, '--image', names[1]!, '--image', names[2]!, '--batch', '2'])).toEqual(told);
  expect(await answers([bundle, '--image', 'a=b.png'])).toEqual([{ ...told[0], image: 'a=b.png' }]);
  const { stdout } = await call([bundle, '--image', names[0]!]);
  expect(stdout).toMatch(/^shots.0\.PNG\n {2}cnn +Ankle boot 95\.9%\n/);
});

test('what is said of a file that is no picture', () => expectShown(folder.path, 'image-broken', { args: ['run', 'dist/Fashion', '--image', 'broken.png'], code: 2 }));

test('pictures of an open size go through one by one; two inputs are told apart', async () => {
  const sizes = (await answers([open('x'), '--image', 'a=b.png', '--image', 'large.png'])).map(({ outputs }) => outputs['xs']!.dims);
  expect(sizes).toEqual([[28, 28], [40, 30]]);
  const lone = async (file: string) => (await answers([open('x'), '--image', file]))[0]!.outputs['xs'];
  const [both] = await answers([open('left', 'right'), '--image', `right=${path.join('shots', '1.PNG')}`, '--image', 'a=b.png']);
  expect(both!.outputs).toEqual({ lefts: await lone('a=b.png'), rights: await lone(path.join('shots', '1.PNG')) });
});

test.each<[string, () => string[], string]>([
  ['a picture of another size', () => [bundle, '--image', 'large.png'], 'error[input-shape]: `pictures` (Pictures) takes the shape [N: batch, H: 28, W: 28], found [1, 40, 30]'],
  ['a file that is no picture', () => [bundle, '--image', 'broken.png'], 'error[image-invalid]: The picture `broken.png` cannot be decoded'],
  ['a file that is not there', () => [bundle, '--image', 'none.png'], 'error[cli-no-file]'],
  ['a folder without pictures', () => [bundle, '--image', 'dist'], 'error[cli-input-file]: dist cannot be used as input: no file in it ends in .png,'],
  ['a name that nobody has', () => [bundle, '--image', 'pictrues=a=b.png'], 'error[input-unknown]: Fashion has no `pictrues`; it has `pictures`.\n  = Did you mean `pictures`?'],
  ['a picture as a tensor', () => [bundle, '--input', 'pictures=large.png'], '= A picture is given by --image large.png'],
  ['an input that is given twice', () => [bundle, '--input', 'pictures=few.npy', '--image', 'a=b.png'], 'error[cli-input-twice]: `pictures` of Fashion is given by --input already, and --image has no other input to go to'],
  ['no picture', () => [bundle], 'Give pictures by --image FILE'],
  ['a model that takes none', () => [writeTwoTokenizers(), '--image', 'a=b.png'], 'error[cli-not-picture]: Small takes no picture: none of its inputs is bytes with axes for height and width'],
  ['two inputs that could be meant', () => [open('left', 'right'), '--image', 'a=b.png'], 'error[cli-not-picture]: Small takes pictures at `left`, `right`: which are meant?\n  = Say for which: --image left=FILE.'],
])('%s is a call at fault', async (_, args, expected) => {
  const { code, stdout, stderr } = await call(args());
  expect(stderr).toContain(expected);
  expect([code, stdout]).toEqual([2, '']);
});
