/**
 * Every part of the library on WebGPU, 16 rows, against its formula in double arithmetic; by a software device where there is one.
 * What the provider leaves to the CPU is named, part by part.
 */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { optionsFor } from '../../src/runtime/bundle/open.ts';
import { createSession, importOrt } from '../../src/runtime/ort.ts';
import { withProfile } from '../../src/runtime/devices/profile.ts';
import type { RawTensor } from '../../src/runtime/session.ts';
import { noSwiftShader, swiftShader } from '../swift-shader.ts';
import { cases } from './cases.ts';
import { compile, draw } from './draw.ts';
import type { Tensor } from './run-part.ts';

const sizes = { batch: 16, seq: 4, others: 3, d: 8, h: 4, w: 3 };

/** What is computed from sizes: the size that a picture is given. */
const fromSizes = ['Concat', 'Gather', 'Slice'];
/** The provider cannot smooth; what stands beside the node goes with it. */
const smoothed = ['Concat', 'Gather', 'Gather', 'Resize', 'Slice', 'Transpose'];
/**
 * By part: operators that the CPU runs, in the order of the alphabet. What is computed from a mask while it is one of i64, which
 * WebGPU does not have; what is computed from sizes; operators that the provider has no kernel for.
 */
const leftToTheCpu: Readonly<Record<string, readonly string[]>> = {
  log_softmax: ['LogSoftmax'],
  zero_padding: ['Equal'],
  mean_pool: ['Cast', 'Equal'],
  max_pool: ['Equal', 'Equal', 'ReduceMax'],
  last_token_pool: ['CumSum', 'Equal', 'Equal', 'Expand', 'ReduceSum', 'Shape'],
  position_weighted_pool: ['Cast', 'CumSum', 'Equal', 'Mul'],
  among_tokens: ['Equal'],
  attention_pool: ['Cast', 'Equal'],
  resize: fromSizes,
  resize_nearest: fromSizes,
  resize_antialias: smoothed,
  resize_bicubic: smoothed,
};

/** On numbers of the size of these, single operators of WebGPU and of the CPU differ by up to 2e-5; shaders may round exp and erf so. */
const shaders = 2e-5;

function toRaw({ dims, data, dtype = 'f32' }: Tensor): RawTensor {
  if (dtype === 'i64') return { dtype, dims, data: BigInt64Array.from(data.map(BigInt)) };
  return { dtype, dims, data: dtype === 'u8' ? Uint8Array.from(data) : Float32Array.from(data) };
}

if (!existsSync(swiftShader)) console.log(noSwiftShader);

describe.skipIf(!existsSync(swiftShader))('on WebGPU', () => {
  test.each(cases)('$module $part computes its formula', async (one) => {
    process.env['VK_ICD_FILENAMES'] = swiftShader;
    const drawn = draw(one, sizes);
    const { bytes, leftToCpu: told } = compile(one, sizes, drawn, 20);
    const ort = await importOrt();
    const { session, finish } = await withProfile((folder) =>
      createSession(ort, bytes, { provider: 'webgpu', providerOptions: optionsFor('webgpu', { leftToCpu: told }), optimization: 'all', threads: 1, profile: `${folder}/part` }),
    );
    const results = await session.run(new Map(Object.entries(drawn.inputs).map(([name, tensor]) => [name, toRaw(tensor)])), ['answer']);
    const found = Array.from(results.get('answer')!.data as Float32Array, Number);
    expect(found.length).toBe(drawn.expected.length);
    const apart = Math.max(...found.map((value, i) => Math.abs(value - drawn.expected[i]!)));
    const runs = await finish();
    const left = runs.filter(({ provider }) => provider !== 'webgpu').map(({ operator }) => operator).sort();
    expect(apart).toBeLessThanOrEqual(drawn.tolerance + shaders * (one.growth ?? 1));
    expect(left).toEqual(leftToTheCpu[one.part] ?? []);
  });
});
