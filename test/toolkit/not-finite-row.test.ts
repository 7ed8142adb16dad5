/** One bad row of many is named by `mdl fit` and `mdl probe`, not only the columns that it spoils. */
import { expect, test } from 'vitest';
import { writeNpy } from '../../src/data/npy.ts';
import { createRandom } from '../../src/data/random.ts';
import { createFolder, mdl } from '../cli/harness.ts';

const source = `import { last, linear } from "std/nn"
import { truncate } from "std/text"
contract Both = f32[batch, 8]
adapter First(z: Both) -> f32[batch, 4] { z |> truncate(to: 4) }
adapter Second(z: Both) -> f32[batch, 4] { z |> last(n: 4) }
adapter Back(x: f32[batch, 4]) -> f32[batch, 4] weights "./back.safetensors" = learned { x |> linear(out: 4) }
fit Back { data d = "./d.*.npy" loss mse(Back(First(d.z)), Second(d.z)) method ridge }
probe Spaces { data "./d.*.npy" through First, Second }
`;

test.each([['fit', 'method ridge'], ['fit', 'method adam(holdout: 0%)'], ['probe', 'method ridge']])('by mdl %s, %s', async (command, method) => {
  const random = createRandom(1);
  const numbers = Float32Array.from({ length: 40 * 8 }, () => random.normal());
  numbers[7 * 8 + 2] = NaN;
  const array = writeNpy({ dtype: 'f32', dims: [40, 8], bytes: new Uint8Array(numbers.buffer) }, 'd.z.npy');
  const made = createFolder({ 'package.json': '{ "name": "bad" }', 'a.mdl': source.replace('method ridge', method), 'd.z.npy': array.ok ? array.value : '' });
  const { code, stdout, stderr } = await mdl(made.path, [command, 'a.mdl', '--no-history']);
  made.remove();
  expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining('The first that does is row 8 of `d.*.npy`.')]);
});

const heads = `import { linear, softmax } from "std/nn"
contract Row = f32[batch, 2]
/// Gives NaN for what is below 0.
adapter Roots(x: Row) -> f32[batch, 2] { onnx.Sqrt(x) }
head Tell(e: f32[batch, 2]) -> f32[batch, 2] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned { e |> linear(out: 2) |> softmax }
fit Tell { data d = "./d.csv" loss cross_entropy(Tell(Roots(d.x)), d.label) method logistic }
`;

/** A header, and rows whose texts take two lines each. */
const csv = (...odd: readonly string[]): string => `x,label,words\n${[...Array.from({ length: 40 }, (_, i) => `"[${1 + (i % 3)}, ${i}]",${i % 2}`), ...odd].map((row) => `${row},"two\nlines"\n`).join('')}`;

test.each([
  ['a vector of which an encoder makes NaN', '"[1, -1]",0', 'The first that does is row 41 of `d.csv`, line 82.'],
  ['NaN in a list', '"[1, nan]",0', 'row 41 of `d.csv`, line 82: `x` has to be a number or a list of numbers, found "[1, nan]"'],
  ['NaN in a list, and why', '"[1, NaN]",0', '`NaN` is no number that anything can be learned from: leave the row out, or say what it is.'],
  ['an empty cell', ',0', 'The cell is empty: leave the row out, or say what it is.'],
  ['a list without commas', '"[1 2]",0', 'A list stands in a cell as JSON has it'],
])('of a CSV file with its line: %s', async (_, row, expected) => {
  const made = createFolder({ 'package.json': '{ "name": "bad" }', 'a.mdl': heads, 'd.csv': csv(row) });
  const { code, stderr } = await mdl(made.path, ['fit', 'a.mdl', '--no-history'], { columns: 400 });
  made.remove();
  expect([code, stderr]).toEqual([1, expect.stringContaining(expected)]);
});
