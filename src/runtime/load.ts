/** From a bundle's folder to a model that runs. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest, ManifestFile, ManifestPort } from '../bundle/manifest.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { readBundleManifest, readTokenizers, verifyFile } from './bundle-files.ts';
import { chainSessions, type HeadSession } from './chain.ts';
import { describeInput } from './describe.ts';
import { inspectMachine, openOnDevice } from './device.ts';
import { isCarried, rowOf } from './elements.ts';
import { raise } from './errors.ts';
import { guarded } from './guarded.ts';
import { createModel } from './model.ts';
import { checkOptionNames } from './option-names.ts';
import { createSession, importOrt, type Ort, type Session, type SessionPort, type SessionSettings } from './ort.ts';
import { tensorsOf } from './outputs.ts';
import { createTextEncoders } from './text.ts';
import type { AnyModel, LoadOptions, Model, ModelTypes } from './types.ts';

/**
 * Loads the bundle that `mdl build` wrote. The type parameter is the interface of the bundle's declaration:
 * `load<Glosses>('./dist/glosses')`. Rejects with an `MdlRuntimeError`.
 */
export async function load<T extends ModelTypes = AnyModel>(
  bundle: string | URL,
  options: LoadOptions = {},
): Promise<Model<T>> {
  const { device, verify, optimization, threads } = guarded('options', () => readOptions(options));
  const folder = folderOf(bundle);
  const manifest = await readBundleManifest(folder);
  if (verify) for (const file of modelFiles(manifest)) await verifyFile(folder, file);
  const texts = createTextEncoders(await readTokenizers(folder, manifest, verify));
  const ort = await importOrt();
  const bundled = ort
    .listSupportedBackends()
    .filter((backend) => backend.bundled)
    .map((backend) => backend.name);
  const attempt = (provider: string) => openSessions(ort, folder, manifest, { provider, optimization, threads });
  const opened = await openOnDevice(device, inspectMachine(bundled), attempt);
  try {
    compareWithSession(manifest, opened.session);
  } catch (error) {
    await opened.session.release();
    throw error;
  }
  return createModel<T>(manifest, opened.session, opened.device, texts);
}

/** All files that sessions are made from. */
const modelFiles = ({ onnx, heads = [], data = [] }: Manifest): readonly ManifestFile[] => [onnx, ...heads, ...data];

/** One session, or those of a split model as one. Throws what ONNX Runtime throws, with nothing left open. */
async function openSessions(ort: Ort, folder: string, manifest: Manifest, settings: SessionSettings): Promise<Session> {
  const main = await createSession(ort, join(folder, manifest.onnx.path), settings);
  const heads: HeadSession[] = [];
  try {
    for (const { path, inputs, outputs } of manifest.heads ?? [])
      heads.push({ session: await createSession(ort, join(folder, path), settings), inputs, outputs });
  } catch (error) {
    for (const { session } of [{ session: main }, ...heads]) await session.release();
    throw error;
  }
  return heads.length === 0 ? main : chainSessions(main, heads);
}

const optimizations = ['disabled', 'basic', 'extended', 'all'] as const;

interface Settings {
  readonly device: string;
  readonly verify: boolean;
  readonly optimization: (typeof optimizations)[number];
  readonly threads: number | undefined;
}

const optionNames: readonly (keyof LoadOptions)[] = ['device', 'verify', 'optimization', 'threads'];

/** Checks what JavaScript callers may get wrong, too. */
function readOptions(options: LoadOptions): Settings {
  const wrong = (option: string, expected: string, found: unknown) =>
    raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
  checkOptionNames('load', options, optionNames);
  const { device = 'auto', verify = true, optimization = 'all', threads } = options;
  if (typeof device !== 'string') wrong('device', 'the name of a device', device);
  if (typeof verify !== 'boolean') wrong('verify', 'true or false', verify);
  if (!optimizations.includes(optimization))
    wrong('optimization', optimizations.map((o) => `"${o}"`).join(' or '), optimization);
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024))
    wrong('threads', 'a whole number from 1 to 1024', threads);
  return { device, verify, optimization, threads };
}

function folderOf(bundle: unknown): string {
  const url =
    bundle instanceof URL
      ? bundle
      : typeof bundle === 'string' && bundle.startsWith('file:') && URL.canParse(bundle)
        ? new URL(bundle)
        : undefined;
  if (url?.protocol === 'file:') return fileURLToPath(url);
  if (typeof bundle === 'string' && bundle !== '' && !bundle.includes('\0')) return bundle;
  raise(
    runtimeCodes.finding('runtime-options', {
      option: 'bundle',
      expected: 'the path or file URL of a folder',
      found: url ? `"${url.href}"` : describeInput(bundle),
    }),
  );
}

/** The manifest promises tensors by name, dtype and rank: the session must have them. */
function compareWithSession(manifest: Manifest, session: Session): void {
  for (const [ports, found] of [
    [manifest.inputs, session.inputs],
    [manifest.outputs, session.outputs],
  ] as const)
    comparePorts(ports, found);
  for (const { name, tensor, next } of manifest.states ?? []) {
    comparePorts([{ name, tensor }], session.inputs);
    comparePorts([{ name, tensor: { ...tensor, onnx: next } }], session.outputs);
  }
  const carried = (manifest.states ?? []).map((state) => state.tensor.onnx);
  const declared = new Set([...manifest.inputs.flatMap(tensorsOf).map((tensor) => tensor.onnx), ...carried]);
  const extra = session.inputs.find((input) => !declared.has(input.name));
  if (extra) differ('the inputs', [...declared].join(', '), `\`${extra.name}\`, too`);
}

function comparePorts(ports: readonly ManifestPort[], found: readonly SessionPort[]): void {
  for (const { onnx, dtype, dims } of ports.flatMap(tensorsOf)) {
    const port = found.find((candidate) => candidate.name === onnx);
    if (!port) differ(`the tensor \`${onnx}\``, 'there', `only ${found.map((f) => `\`${f.name}\``).join(', ')}`);
    const type = isCarried(dtype) ? rowOf(dtype).ort : dtype;
    if (port.type !== type) differ(`the element type of \`${onnx}\``, type, String(port.type));
    if (port.rank !== dims.length) differ(`the rank of \`${onnx}\``, String(dims.length), String(port.rank));
  }
}

function differ(what: string, expected: string, found: string): never {
  raise(runtimeCodes.finding('bundle-mismatch', { what, expected, found }));
}
