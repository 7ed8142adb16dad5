/** What was inferred of files is kept between compilers: the same is said with it as without, and no constants are read again. */
import { describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { library, uriOf } from '../check/world.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';
import { seen } from './seen.ts';

const network = (scale: number): Uint8Array => {
  const rawData = new Uint8Array(Float32Array.from({ length: 64 * 256 }, (_, i) => scale * Math.sin(i)).buffer);
  return encodeModel({
    input: [valueInfo('x', ['n', 64])],
    output: [{ name: 'y' }],
    initializer: [{ name: 'w', dims: [64, 256], dataType: dataTypes.FLOAT, rawData }],
    node: [node('Tanh', ['x'], ['t']), node('MatMul', ['t', 'w'], ['y'])],
  });
};

const source = (high: number): string => `backbone Net @ 1.0.0 {
  source "./net.onnx"
  input x: f32[batch, 64]
  output y: f32[batch, 256] where range [-${high}, ${high}]
}
part small(x: f32[batch, 256]) -> f32[batch, 256] where range [-${high / 2}, ${high / 2}] { x / 2 }
model M { input x: f32[batch, 64] output y = small(Net(x).y) }
`;

/** How often a new compiler opens the network for a check, and what it says. */
function check(files: Record<string, string | Uint8Array>, kept?: Host['kept']) {
  const memory = createMemoryHost(files, library);
  let opened = 0;
  const host: Host = { ...memory, ...(kept && { kept }), open: (uri) => ((opened += uri.endsWith('.onnx') ? 1 : 0), memory.open(uri)) };
  const compilation = createCompiler(host).check([uriOf('a.mdl')]);
  const forCheck = opened;
  // Explanations, which are asked for here, look into the file again.
  return { says: seen(compilation), opened: forCheck };
}

function keptInMemory() {
  const texts = new Map<string, string>();
  // Whether all weights are numbers is kept beside, under a name of its own.
  const inferred = (): number => [...texts.keys()].filter((name) => !name.endsWith(' finite')).length;
  return { texts, inferred, kept: { read: (name: string) => texts.get(name), write: (name: string, text: string) => void texts.set(name, text) } };
}

describe('what is kept of a file', () => {
  test.each([50, 1, 1e-6])('says the same, and is not looked for again: a range up to %d', (high) => {
    const files = { 'a.mdl': source(high), 'net.onnx': network(1) };
    const { kept, inferred } = keptInMemory();
    const without = check(files);
    const first = check(files, kept);
    const again = check(files, kept);
    expect(inferred()).toBe(1);
    expect(first).toEqual(without);
    expect(again.says).toEqual(without.says);
    // Its header alone.
    expect(again.opened).toBe(1);
    expect(without.opened).toBeGreaterThan(1);
  });

  test('is another one of another file, and another source', () => {
    const { kept, inferred } = keptInMemory();
    for (const [high, scale] of [[50, 1], [50, 2], [20, 2], [50, 1]] as const) {
      const files = { 'a.mdl': source(high), 'net.onnx': network(scale) };
      expect(check(files, kept).says).toEqual(check(files).says);
    }
    expect(inferred()).toBe(2);
  });
});
