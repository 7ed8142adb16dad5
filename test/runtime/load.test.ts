import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/bundle/manifest.ts';
import { load, MdlRuntimeError, type LoadOptions } from '../../src/runtime/index.ts';
import { importOrt, ortFinding } from '../../src/runtime/ort.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { encodeModel, node, valueInfo } from '../onnx/models.ts';
import { fileOf, plain, temporaryFolder, useLiteManifest, writeBundle, writeIndexing, writeSmallBundle } from './bundles.ts';

async function refusal(bundle: string | URL, options: LoadOptions = { device: 'cpu' }): Promise<string> {
  const error: unknown = await load(bundle, options).then(
    () => 'loaded without a finding',
    (reason: unknown) => reason,
  );
  if (!(error instanceof MdlRuntimeError)) throw new Error(`no error of the runtime: ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

const identity = encodeModel({
  node: [node('Identity', ['x'], ['y'])],
  input: [valueInfo('x', ['n'])],
  output: [valueInfo('y', ['n'])],
});
const ports = (dtype = 'f32', sizes: readonly (number | string)[] = ['n'], x = 'x', y = 'y') => ({
  inputs: [{ name: 'a', tensor: plain(x, dtype, sizes) }],
  outputs: [{ name: 'b', tensor: plain(y, dtype, sizes) }],
});

/** The small bundle with its manifest changed. */
function changed(change: (manifest: Manifest) => unknown): string {
  const { folder, manifest } = writeSmallBundle(identity, ports());
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(change(manifest)));
  return folder;
}

describe('a bundle', () => {
  test('loads from a path, a file URL and its text', async () => {
    const { folder } = writeSmallBundle(identity, ports());
    for (const bundle of [folder, pathToFileURL(folder), pathToFileURL(folder).href]) {
      const model = await load(bundle, { device: 'cpu', threads: 1, optimization: 'disabled' });
      expect(model).toMatchObject({
        name: 'Small',
        device: { requested: 'cpu', used: 'cpu' },
        inputs: [{ name: 'a' }],
        outputs: [{ name: 'b' }],
      });
      expect((await model.run({ a: [1, 2] })).b).toEqual({ data: Float32Array.of(1, 2), dims: [2] });
      await model.close();
    }
  });

  test.each<[string, (folder: string) => void, string]>([
    [
      'that is not there',
      (folder) => rmSync(folder, { recursive: true }),
      'bundle-unreadable: `manifest.json` of the bundle cannot be read: there is no such file',
    ],
    [
      'without a manifest',
      (folder) => rmSync(join(folder, 'manifest.json')),
      'A bundle is the folder that `mdl build` writes',
    ],
    [
      'with a folder for a manifest',
      (folder) => {
        rmSync(join(folder, 'manifest.json'));
        mkdirSync(join(folder, 'manifest.json'));
      },
      'bundle-unreadable: `manifest.json` of the bundle cannot be read: it is not a file',
    ],
    ['with half a manifest', (folder) => writeFileSync(join(folder, 'manifest.json'), '{"format":'), 'it is not JSON'],
    [
      'with a manifest that is not UTF-8',
      (folder) => writeFileSync(join(folder, 'manifest.json'), Buffer.from([0x7b, 0xff])),
      'it is not UTF-8',
    ],
    ['without its ONNX file', (folder) => rmSync(join(folder, 'model.onnx')), 'bundle-unreadable: `model.onnx`'],
    [
      'with a longer ONNX file',
      (folder) => appendFileSync(join(folder, 'model.onnx'), 'x'),
      'bundle-changed: `model.onnx` is not the file that was built: its size should be',
    ],
    [
      'with another ONNX file of the same size',
      (folder) => flipByte(join(folder, 'model.onnx')),
      'bundle-changed: `model.onnx` is not the file that was built: its SHA-256 should be',
    ],
  ])('%s', async (_, spoil, expected) => {
    const { folder } = writeSmallBundle(identity, ports());
    spoil(folder);
    expect(await refusal(folder)).toContain(expected);
  });

  test('without a tokenizer, or with another', async () => {
    const folder = writeBundle(useLiteManifest());
    flipByte(join(folder, 'tokenizer.json'));
    expect(await refusal(folder)).toContain('bundle-changed: `tokenizer.json`');
    rmSync(join(folder, 'tokenizer.json'));
    expect(await refusal(folder)).toContain('bundle-unreadable: `tokenizer.json`');
  });

  test('is not compared where nobody asks, but ONNX Runtime must read it', async () => {
    const { folder } = writeSmallBundle(identity, ports());
    appendFileSync(join(folder, 'model.onnx'), Buffer.from([0x52, 0x00])); // an empty producer_version field
    const model = await load(folder, { device: 'cpu', verify: false });
    await model.close();
    writeFileSync(join(folder, 'model.onnx'), 'no model');
    expect(await refusal(folder, { device: 'cpu', verify: false })).toContain(
      'runtime-failed: ONNX Runtime failed while loading the model',
    );
  });

  test.each<[string, ReturnType<typeof ports>, string]>([
    [
      'an input of another name',
      ports('f32', ['n'], 'z'),
      "bundle-mismatch: The bundle's ONNX file is not the one of its manifest: the tensor `z` should be there, found only `x`",
    ],
    ['another dtype', ports('f64'), 'the element type of `x` should be float64, found float32'],
    ['another rank', ports('f32', ['n', 2]), 'the rank of `x` should be 2, found 1'],
    ['an output of another name', ports('f32', ['n'], 'x', 'z'), 'the tensor `z`'],
    ['no inputs', { ...ports(), inputs: [] }, '`x`, too'],
  ])('whose manifest names %s', async (_, named, expected) => {
    expect(await refusal(writeSmallBundle(identity, named).folder)).toContain(expected);
  });

  test('whose manifest leads out of it', async () => {
    const folder = changed((m) => ({ ...m, onnx: { ...m.onnx, path: '../model.onnx' } }));
    expect(await refusal(folder)).toContain(
      'manifest-invalid: The manifest is wrong: `onnx.path` should be a relative path inside the bundle, found "../model.onnx"',
    );
  });
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}

describe('options', () => {
  let folder: string;
  beforeAll(() => {
    folder = writeSmallBundle(identity, ports()).folder;
  });
  // As JavaScript callers may write them.
  test.each<[unknown, string]>([
    [null, 'runtime-options: The option `options` should be an object, found null'],
    [{ device: 7 }, 'The option `device` should be the name of a device, `{ name, options }`, or a list of these, found 7'],
    [{ device: 'qpu' }, 'device-unavailable: There is no device `qpu` here: no provider of ONNX Runtime is called so'],
    [{ device: [] }, 'The option `device` should be the name of a device, or a list of them, found a list of 0'],
    [{ device: { name: '' } }, 'The option `device.name` should be the name of a device, found ""'],
    [{ device: { name: 'cpu', options: 1 } }, "The option `device.options` should be an object of the provider's own options, found 1"],
    [{ device: { name: 'cpu', deviceId: 1 } }, 'The option `device` should be an object of name, options, found "deviceId"'],
    [{ cache: {} }, 'The option `cache` should be what `createFeatureCache` gives, found an object'],
    [{ workers: -1 }, 'The option `workers` should be a whole number from 0 to 256, found -1'],
    [{ waiting: 0 }, 'The option `waiting` should be a whole number from 1, found 0'],
    [{ strict: 1 }, 'The option `strict` should be true or false, found 1'],
    [{ device: 'webgup' }, 'Did you mean `webgpu`?'],
    [{ verify: 'no' }, 'The option `verify` should be true or false, found "no"'],
    [{ optimization: 'most' }, 'The option `optimization` should be "disabled" or "basic"'],
    [{ threads: 0 }, 'The option `threads` should be a whole number from 1 to 1024, found 0'],
    [{ threads: NaN }, 'found NaN'],
    [{ nope: 1 }, 'an object of device, strict, verify, optimization, threads, workers, waiting, batch, cache, onViolation, onRun, telemetry, stall, found `nope`, which `load` does not know'],
    [{ devise: 'cpu' }, 'Did you mean `device`?'],
    [Object.defineProperty({}, 'device', { get: () => { throw new Error('no'); } }), 'input-kind: `options`'],
  ])('%j', async (options, expected) => {
    expect(await refusal(folder, options as LoadOptions)).toContain(expected);
  });

  test.each<[unknown]>([[7], [''], ['a\0b'], [null], [new URL('https://example.org/')]])(
    'the bundle %j',
    async (bundle) => {
      expect(await refusal(bundle as string)).toContain(
        'runtime-options: The option `bundle` should be the path or file URL of a folder',
      );
    },
  );
});

describe('ONNX Runtime', () => {
  /** The message where importing it fails so. */
  async function failing(error: Error): Promise<string> {
    try {
      await importOrt(async () => {
        throw error;
      });
    } catch (raised) {
      return (raised as Error).message;
    }
    return 'imported';
  }

  test('is missed with words that say what to install', async () => {
    const message = await failing(
      Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: 'ERR_MODULE_NOT_FOUND' }),
    );
    expect(message).toContain('Models are run by the package `onnxruntime-node`, and it is not installed.');
    expect(message).toContain('`npm install onnxruntime-node`');
    expect(message).toContain('ONNXRUNTIME_NODE_INSTALL=skip');
  });

  test('has no library for this machine, or one that does not load', async () => {
    expect(await failing(Object.assign(new Error('x'), { code: 'MODULE_NOT_FOUND' }))).toContain(
      `it has no native library for ${process.platform}`,
    );
    expect(await failing(new Error('libonnxruntime.so.1: cannot open shared object file'))).toContain(
      'its native library does not load (libonnxruntime.so.1',
    );
  });

  test('names nodes by their position in the source, which the error quotes', async () => {
    const model = await load(writeIndexing(), { device: 'cpu' });
    await expect(model.run({ table: [1, 2, 3], i: [9] })).rejects.toMatchObject({
      code: 'runtime-failed',
      notes: ['It happened at reviews.mdl:31:5, in the operator Gather.'],
    });
    await model.close();
  });

  test('names the node for which the device has no kernel', async () => {
    const project = createFolder({
      'package.json': '{ "name": "half" }',
      'm.mdl': 'model M {\n  input x: f32[batch, 8]\n  let z = onnx.Cast(x, to: bf16)\n  output y = onnx.Cast(onnx.Add(z, z), to: f32)\n}\n',
    });
    const { code } = await mdl(project.path, ['build', 'm.mdl', '--out', 'out']);
    expect(code).toBe(0);
    // ONNX Runtime 1.30 adds no bf16 on the CPU.
    await expect(load(join(project.path, 'out/M'), { device: 'cpu' })).rejects.toMatchObject({
      code: 'runtime-failed',
      notes: ['It happened at m.mdl:4:24, in the operator Add.'],
    });
    project.remove();
  });

  test('of whatever error', () => {
    // As ONNX Runtime prints what it finds of shapes, and of other domains.
    const told = [
      'Node (m.mdl:4:24/Add) Op (Add) [ShapeInferenceError] Incompatible dimensions',
      "Could not find an implementation for com.microsoft.Gelu(1) node with name 'a b/m.mdl:4:24/Gelu'",
    ];
    expect(told.map((text) => ortFinding('loading the model', new Error(text)).notes)).toEqual([['It happened at m.mdl:4:24, in the operator Add.'], ['It happened at a b/m.mdl:4:24, in the operator Gelu.']]);
  });

  test('names foreign nodes as they are', () => {
    const finding = ortFinding(
      'running the model',
      new Error("Non-zero status code returned while running Gather node. Name:'/emb/Gather' Status Message: x"),
    );
    expect(finding.notes).toEqual([]);
  });
});

test('a bundle copied elsewhere is the same bundle', async () => {
  const { folder, manifest } = writeSmallBundle(identity, ports());
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  expect(fileOf(copy, 'model.onnx')).toEqual(manifest.onnx);
  const model = await load(copy, { device: 'cpu' });
  await model.close();
});
