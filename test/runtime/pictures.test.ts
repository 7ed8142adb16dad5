/** Pictures as inputs: bytes and paths of files become the pixels that the contract asks for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import type { Model } from '../../src/runtime/index.ts';
import { loadText } from './built.ts';
import { temporaryFolder } from './bundles.ts';

const open: Model[] = [];
afterAll(() => Promise.all(open.map((model) => model.close())));
async function loaded(contract: string): Promise<Model> {
  const model = await loadText(`${contract.includes('color') ? 'attribute color { rgb, bgr, gray }\n' : ''}model M { input image: ${contract} output y = image }`);
  open.push(model);
  return model;
}
const pixels = async (model: Model, image: unknown) => {
  const { data, dims } = (await model.run({ image }))['y']!;
  return { data: [...(data as Uint8Array)], dims };
};

/** Two by three pixels, each of a colour of its own. */
const raw = Uint8Array.from({ length: 18 }, (_, i) => 14 * i);
const png = await sharp(raw, { raw: { width: 3, height: 2, channels: 3 } }).png().toBuffer();
const file = join(temporaryFolder(), 'six.png');
writeFileSync(file, png);

test('bytes and paths, one or several', async () => {
  const model = await loaded('u8[N: batch, H: h, W: w, C: 3]');
  expect(await pixels(model, png)).toEqual({ data: [...raw], dims: [1, 2, 3, 3] });
  expect(await pixels(model, [file, png])).toEqual({ data: [...raw, ...raw], dims: [2, 2, 3, 3] });
});

test('channels before the pixels, and blue before red', async () => {
  const [red, green, blue] = [0, 1, 2].map((c) => [...raw].filter((_, i) => i % 3 === c));
  expect(await pixels(await loaded('u8[N: batch, C: 3, H: h, W: w]'), png)).toEqual({ data: [...red!, ...green!, ...blue!], dims: [1, 3, 2, 3] });
  const { data } = await pixels(await loaded('u8[N: batch, H: h, W: w, C: 3] where color == bgr'), png);
  expect(data.slice(0, 3)).toEqual([raw[2], raw[1], raw[0]]);
});

test('grey pixels without an axis of channels', async () => {
  const grey = await sharp(Uint8Array.from([10, 20, 30, 40]), { raw: { width: 2, height: 2, channels: 1 } }).png().toBuffer();
  expect(await pixels(await loaded('u8[N: batch, H: 2, W: 2]'), grey)).toEqual({ data: [10, 20, 30, 40], dims: [1, 2, 2] });
});

test('colours become the grey that networks were trained on', async () => {
  // By hand after ITU-R BT.601, as Pillow rounds it: 0.299 red + 0.587 green + 0.114 blue.
  const colours = [[255, 0, 0, 76], [0, 255, 0, 150], [0, 0, 255, 29], [200, 100, 50, 124]] as const;
  for (const [red, green, blue, grey] of colours) {
    const image = await sharp(Uint8Array.of(red, green, blue), { raw: { width: 1, height: 1, channels: 3 } }).png().toBuffer();
    expect(await pixels(await loaded('u8[N: batch, H: 1, W: 1]'), image)).toEqual({ data: [grey], dims: [1, 1, 1] });
  }
});

test.each<[string, (model: Model) => Promise<unknown>, string]>([
  ['of another size than the contract', (model) => model.run({ image: png }), 'input-shape'],
  ['that is not there', (model) => model.run({ image: './nothing.png' }), 'input-kind'],
  ['that is none', (model) => model.run({ image: Uint8Array.of(1, 2, 3) }), 'image-invalid'],
])('a picture %s is refused', async (_, run, code) => {
  await expect(run(await loaded('u8[N: batch, H: 2, W: 2, C: 3]'))).rejects.toMatchObject({ code });
});
