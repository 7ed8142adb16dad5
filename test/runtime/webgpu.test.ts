import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { load } from '../../src/runtime/index.ts';
import { useLiteManifest, writeBundle } from './bundles.ts';

/** A software Vulkan device: Debian's `chromium-common` has it, and `libvulkan1` the loader. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const reason = `no ${swiftShader}: the GPU path is not tested (apt-get install --no-install-recommends chromium-common libvulkan1)`;
if (!existsSync(swiftShader)) console.log(`skipped: ${reason}`);

describe.skipIf(!existsSync(swiftShader))('on WebGPU', () => {
  test('the encoder answers as on the CPU', async () => {
    process.env.VK_ICD_FILENAMES = swiftShader;
    const folder = writeBundle(useLiteManifest());
    const texts = { tokens: ['booth for using a telephone', 'a cat'] };
    const results: Float32Array[] = [];
    for (const device of ['cpu', 'webgpu']) {
      const model = await load(folder, { device });
      expect(model.device).toMatchObject({ requested: device, used: device });
      results.push((await model.run(texts)).embedding!.data as Float32Array);
      await model.close();
    }
    const [cpu, gpu] = results;
    expect(gpu).toHaveLength(2 * 512);
    // Single operators of the two providers agree within 2e-5; the encoder puts dozens of them in a row, and its
    // vectors have length 1. Two different texts differ by 100 times this.
    const farthest = cpu!.reduce((most, value, i) => Math.max(most, Math.abs(value - gpu![i]!)), 0);
    expect(farthest).toBeLessThan(5e-4);
    expect(farthest).toBeGreaterThan(0);
  });
});
