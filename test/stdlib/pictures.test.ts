/** From a decoder's bytes to what a network takes, the parts of std/vision one behind the other, against the same by hand. */
import { expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { materialize } from '../../src/emit/onnx.ts';
import { createBundle } from '../../src/index.ts';
import { uriOf, worldOf } from '../check/world.ts';
import { valueOf } from '../onnx/helpers.ts';
import { runModel } from '../onnx/oracles.ts';
import * as ort from 'onnxruntime-node';

const source = (steps: string): string => `import { centre_crop, color, imagenet_normalize, nhwc_to_nchw, resize, to_bgr, to_unit } from "std/vision"

contract Raw = u8[N: batch, H: 4, W: 6, C: 3] where color == rgb
contract Net = f32[N: batch, C: 3, H: 2, W: 2] where range [-2.2, 2.7], color == rgb

adapter Prepare(image: Raw) -> Net {
  ${steps}
}

model Pictures {
  input image: Raw
  output pixels = Prepare(image)
}
`;

function compile(text: string) {
  const host = worldOf({ 'main.mdl': text });
  const compiler = createCompiler(host);
  return { host, compiler, ...compiler.check([uriOf('main.mdl')]) };
}

test('ranges, colours and names of axes are proved through all steps', async () => {
  const { host, compiler, models, diagnostics, sources } = compile(source('image |> to_unit |> resize(height: 2, width: 3) |> centre_crop(height: 2, width: 2) |> imagenet_normalize |> nhwc_to_nchw'));
  expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([]);
  const bundle = valueOf(createBundle(models[0]!, { host, version: '0.0.0', sources, fingerprints: new Map(), model: compiler.files.model }));
  const bytes = materialize(bundle.onnx.pieces, (uri) => host.open(uri));
  const image = Uint8Array.from({ length: 2 * 4 * 6 * 3 }, (_, i) => (i * 89) % 256);
  const { pixels } = await runModel(bytes, { image: new ort.Tensor('uint8', image, [2, 4, 6, 3]) });
  expect(pixels!.dims).toEqual([2, 3, 2, 2]);
  // Half the size: each place is the mean of the four that it lies between; of three columns the first two are in the middle.
  const [means, deviations] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];
  const at = (n: number, y: number, x: number, c: number): number => image[((n * 4 + y) * 6 + x) * 3 + c]! / 255;
  const square = (n: number, y: number, x: number, c: number): number => (at(n, 2 * y, 2 * x, c) + at(n, 2 * y, 2 * x + 1, c) + at(n, 2 * y + 1, 2 * x, c) + at(n, 2 * y + 1, 2 * x + 1, c)) / 4;
  const found = Array.from(pixels!.data as Float32Array);
  found.forEach((value, i) => {
    const [n, c, y, x] = [Math.floor(i / 12), Math.floor(i / 4) % 3, Math.floor(i / 2) % 2, i % 2];
    // A few roundings of numbers up to 1, divided by .22.
    expect(Math.abs(value - (square(n, y, x, c) - means[c]!) / deviations[c]!)).toBeLessThanOrEqual((2 ** -24 * 32) / 0.22);
  });
});

test('a step that is left out or out of place is told', () => {
  const codes = (steps: string): string[] => compile(source(steps)).diagnostics.map(({ code }) => code);
  const cut = 'resize(height: 2, width: 3) |> centre_crop(height: 2, width: 2)';
  expect(codes(`image |> to_unit |> ${cut} |> imagenet_normalize`)).toEqual(['label-mismatch']);
  expect(codes(`image |> to_bgr |> to_unit |> ${cut} |> imagenet_normalize |> nhwc_to_nchw`)).toContain('attribute-mismatch');
  expect(codes(`image |> to_unit |> imagenet_normalize |> ${cut} |> nhwc_to_nchw`)).toContain('unmet-fact');
});
