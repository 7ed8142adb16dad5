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

test.each(['fit', 'probe'])('by mdl %s', async (command) => {
  const random = createRandom(1);
  const numbers = Float32Array.from({ length: 40 * 8 }, () => random.normal());
  numbers[7 * 8 + 2] = NaN;
  const array = writeNpy({ dtype: 'f32', dims: [40, 8], bytes: new Uint8Array(numbers.buffer) }, 'd.z.npy');
  const made = createFolder({ 'package.json': '{ "name": "bad" }', 'a.mdl': source, 'd.z.npy': array.ok ? array.value : '' });
  const { code, stdout, stderr } = await mdl(made.path, [command, 'a.mdl', '--no-history']);
  made.remove();
  expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining('Row 8 is the first that does.')]);
});
