/** Programs as users write them, on foreign models made here: all are checked, and some are run, against sums done by hand. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/index.ts';
import { compilerFor, uriOf, worldOf } from '../check/world.ts';
import { f32, numbersOf, runModel } from '../onnx/oracles.ts';
import { buildText } from './build.ts';
import { foreignFiles } from './program-files.ts';

const folder = new URL('../cases/programs/', import.meta.url);
const texts = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const files = { ...texts, ...foreignFiles };

describe('programs', () => {
  test.each(Object.keys(texts))('%s is without fault', (name) => {
    const host = worldOf(files);
    const { diagnostics, sources } = compilerFor(host).check([uriOf(name)]);
    expect(renderDiagnostics(diagnostics, { sources, display: host.display })).toBe('');
  });

  test('a recurrent network takes the end of one chunk and its state into the next run', async () => {
    const { bytes, manifest } = buildText(texts['vad.mdl']!, files);
    const chunk = Array.from({ length: 512 }, (_, i) => Math.sin(i));
    const tail = Array.from({ length: 64 }, (_, i) => Math.cos(i));
    const state = Array.from({ length: 256 }, (_, i) => i);
    const found = await runModel(bytes, { chunk: f32([1, 512], chunk), tail: f32([1, 64], tail), h: f32([2, 1, 128], state) });
    const mean = [...tail, ...chunk].reduce((sum, v) => sum + v, 0) / 576;
    // A mean of 576 numbers below 1 in f32 is off by far less than 1e-5.
    expect(numbersOf(found['speech'])[0]).toBeCloseTo(1 / (1 + Math.exp(-mean)), 5);
    const nextOf = (name: string): string => manifest.states!.find((s) => s.name === name)!.next;
    expect(numbersOf(found[nextOf('h')])).toEqual(state.map((v) => v + 1));
    expect(numbersOf(found[nextOf('tail')])).toEqual([...Float32Array.from(chunk.slice(-64))]);
  });

  test('a detector says how many things it found', async () => {
    const { bytes } = buildText(texts['detections.mdl']!, files);
    const image = Array.from({ length: 3 * 64 * 64 }, (_, i) => (i % 4096 === 7 ? 0.75 : 0.25));
    const found = await runModel(bytes, { image: f32([1, 3, 64, 64], image) });
    expect(numbersOf(found['found.score'])).toEqual([0.75, 0.75, 0.75]);
    expect(found['found.boxes']!.dims).toEqual([3, 4]);
  });

  test('pixels become what the network takes: blue first, channels first, each with its own mean and deviation', async () => {
    const { bytes } = buildText(texts['pixels.mdl']!, files);
    const [red, green, blue] = [255, 51, 0];
    const ort = await import('onnxruntime-node');
    const image = new ort.Tensor('uint8', Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => [red, green, blue][i % 3]!), [1, 32, 32, 3]);
    const pixels = (await runModel(bytes, { image }))['pixels']!;
    expect(pixels.dims).toEqual([1, 3, 224, 224]);
    const numbers = numbersOf(pixels);
    const expected = [(0 - 0.406) / 0.225, (0.2 - 0.456) / 0.224, (1 - 0.485) / 0.229];
    expected.forEach((value, channel) => expect(numbers[channel * 224 * 224 + 5000]).toBeCloseTo(value, 5));
  });
});
