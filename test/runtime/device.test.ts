import { describe, expect, test } from 'vitest';
import { openOnDevice, type Choice } from '../../src/runtime/devices/device.ts';
import { MdlRuntimeError } from '../../src/runtime/errors.ts';
import type { Machine } from '../../src/runtime/devices/machine.ts';
import type { Session } from '../../src/runtime/session.ts';

const none = { present: false, evidence: 'no GPU shows' };
const some = { present: true, evidence: 'there is /dev/nvidia0' };
const machine = (providers: readonly string[], gpu = some): Machine => ({ providers, gpu });

const named = (names: string): readonly Choice[] => names.split(', ').map((name) => ({ name, options: {} }));

/** Sessions that some providers give; what was tried and released is noted. */
function factory(working: readonly string[]) {
  const log: string[] = [];
  const attempt = async ({ name: provider }: Choice): Promise<Session> => {
    log.push(provider);
    if (!working.includes(provider)) throw new Error(`${provider} is out of order`);
    return {
      inputs: [],
      outputs: [],
      loadedIn: 0,
      run: async () => new Map(),
      release: async () => void log.push(`${provider} released`),
    };
  };
  return { log, attempt };
}

describe('the device that is got', () => {
  test.each<[string, Machine, readonly string[], string, string, readonly string[]]>([
    ['cpu', machine(['cpu', 'webgpu']), ['cpu', 'webgpu'], 'cpu', 'The CPU was asked for.', ['cpu']],
    ['auto', machine(['cpu', 'webgpu'], none), ['cpu', 'webgpu'], 'cpu', 'The CPU, because no GPU shows.', ['cpu']],
    [
      'auto',
      machine(['cpu', 'webgpu']),
      ['cpu', 'webgpu'],
      'webgpu',
      'Webgpu, because there is /dev/nvidia0; operators that it does not take run on the CPU.',
      ['webgpu'],
    ],
    ['auto', machine(['cpu', 'webgpu', 'cuda']), ['cpu', 'webgpu', 'cuda'], 'cuda', 'Cuda, because', ['cuda']],
    [
      'auto',
      machine(['cpu', 'webgpu', 'cuda']),
      ['cpu', 'webgpu'],
      'webgpu',
      '(cuda answers "cuda is out of order")',
      ['cuda', 'webgpu'],
    ],
    [
      'auto',
      machine(['cpu', 'webgpu']),
      ['cpu'],
      'cpu',
      'The CPU, because webgpu answers "webgpu is out of order".',
      ['webgpu', 'cpu'],
    ],
    [
      'auto',
      machine(['cpu']),
      ['cpu'],
      'cpu',
      'The CPU, because ONNX Runtime has no provider for a GPU here.',
      ['cpu'],
    ],
    ['gpu', machine(['cpu', 'webgpu']), ['cpu', 'webgpu'], 'webgpu', 'Webgpu, because', ['webgpu']],
    [
      'webgpu',
      machine(['cpu', 'webgpu'], none),
      ['cpu', 'webgpu'],
      'webgpu',
      'Webgpu was asked for; operators',
      ['webgpu'],
    ],
    [
      'cuda, webgpu, cpu',
      machine(['cpu', 'webgpu'], none),
      ['cpu'],
      'cpu',
      "The CPU, because ONNX Runtime's library for cuda is not installed; webgpu answers",
      ['webgpu', 'cpu'],
    ],
    ['xnnpack', machine(['cpu']), ['xnnpack'], 'xnnpack', 'Xnnpack was asked for; operators', ['xnnpack']],
  ])('for %s', async (requested, has, working, used, reason, tried) => {
    const { log, attempt } = factory(working);
    const { device } = await openOnDevice(named(requested), has, attempt);
    expect(device).toEqual({ requested, used, reason: expect.stringContaining(reason) });
    expect(log).toEqual(tried);
  });
});

test('a device is told its options', async () => {
  const told: Choice[] = [];
  const attempt = async (choice: Choice): Promise<Session> => {
    told.push(choice);
    return { inputs: [], outputs: [], loadedIn: 0, run: async () => new Map(), release: async () => undefined };
  };
  await openOnDevice([{ name: 'gpu', options: { deviceId: 1 } }], machine(['cpu', 'cuda']), attempt);
  expect(told).toEqual([{ name: 'cuda', options: { deviceId: 1 } }]);
});

describe('no silent fallback', () => {
  test.each<[string, Machine, string]>([
    ['gpu', machine(['cpu', 'webgpu'], none), 'There is no device `gpu` here: no GPU shows.'],
    ['gpu', machine(['cpu', 'webgpu']), 'There is no device `gpu` here: webgpu answers "webgpu is out of order".'],
    ['webgpu', machine(['cpu', 'webgpu'], none), 'There is no device `webgpu` here: webgpu answers'],
    [
      'cuda',
      machine(['cpu', 'webgpu']),
      "There is no device `cuda` here: ONNX Runtime's library for cuda is not installed.",
    ],
    ['coreml', machine(['cpu', 'webgpu']), "ONNX Runtime's library for coreml is not installed."],
  ])('for %s', async (requested, has, expected) => {
    const { log, attempt } = factory(['cpu']);
    const error = await openOnDevice(named(requested), has, attempt).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(MdlRuntimeError);
    expect(error).toMatchObject({ code: 'device-unavailable', message: expect.stringContaining(expected) });
    // The CPU was only asked whether the model is at fault.
    expect(log.slice(-2)).toEqual(['cpu', 'cpu released']);
  });

  test('a model that the CPU refuses, too, is at fault itself', async () => {
    const { attempt } = factory([]);
    await expect(openOnDevice(named('webgpu'), machine(['cpu', 'webgpu']), attempt)).rejects.toMatchObject({
      code: 'runtime-failed',
      message: expect.stringContaining('cpu is out of order'),
    });
  });
});
