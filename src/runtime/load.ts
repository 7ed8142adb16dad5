/** From a bundle's folder to a model that runs. */
import { fileURLToPath } from 'node:url';
import type { Manifest, ManifestPort } from '../bundle/manifest.ts';
import { isRecord } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { isCarried } from '../types/dtype.ts';
import { readBundleManifest, readTokenizers, verifyFile, verifyRecord, verifySeal } from './bundle/bundle-files.ts';
import { describeInput } from './inputs/describe.ts';
import { openOnDevice, type Choice } from './devices/device.ts';
import { rowOf } from './inputs/elements.ts';
import { createInputReader } from './inputs/inputs.ts';
import { refuseUncarried } from './inputs/target.ts';
import { raise } from './errors.ts';
import { guarded } from './serving/guarded.ts';
import { createGuards } from './serving/guards.ts';
import { defaultRows, defaultStall, defaultStallOfDevice, readLoadOptions } from './bundle/load-options.ts';
import { inspectMachine } from './devices/machine.ts';
import { createModel } from './model.ts';
import { openNewHead } from './serving/new-head.ts';
import { withOrigin } from './bundle/origin.ts';
import { openHead, openSessions, type Makers, type OpenBundle } from './bundle/open.ts';
import { createSession, importOrt } from './ort.ts';
import { observeByOpenTelemetry } from './serving/open-telemetry.ts';
import type { Observer } from './serving/records.ts';
import type { Session, SessionPort } from './session.ts';
import { createStatistics } from './serving/statistics.ts';
import { tensorsOf } from './bundle/outputs.ts';
import { createAsidePool, createPool, onCpuOnly, type CreateSession } from './pool.ts';
import { withProfile } from './devices/profile.ts';
import { folderStore, memoryStore, type BundleStore } from './bundle/store.ts';
import { createTextEncoders } from './inputs/text.ts';
import type { AnyModel, BundleLocation, LoadOptions, Model, ModelTypes } from './types.ts';

/**
 * Loads the bundle that `mdl build` wrote. The type parameter is the interface of the bundle's declaration:
 * `load<Glosses>('./dist/glosses')`. Rejects with an `MdlRuntimeError`.
 */
export async function load<T extends ModelTypes = AnyModel>(
  bundle: BundleLocation,
  options: LoadOptions = {},
): Promise<Model<T>> {
  const { devices, verify, onViolation, onRun, telemetry, workers, waiting, stall, ...settings } = guarded('options', () => readLoadOptions(options));
  const bundleAt = (location: BundleLocation) => readBundle(location, verify);
  const opened = await bundleAt(bundle);
  const { store, manifest } = opened;
  if (settings.cache !== undefined && manifest.heads === undefined) {
    const found = `one for ${manifest.model}, which is one file`;
    const notes = ['Features are kept between an encoder and its heads: `mdl build --split` writes them apart.'];
    raise(runtimeCodes.finding('runtime-options', { option: 'cache', expected: 'left out', found }, notes));
  }
  if (settings.batch !== undefined && manifest.rows?.independent !== true) {
    const notes = [manifest.rows?.why === undefined ? 'The bundle is of an older compiler: build it again.' : `It is not proved that rows are computed apart: ${manifest.rows.why}.`];
    raise(runtimeCodes.finding('runtime-options', { option: 'batch', expected: 'left out', found: `one for ${manifest.model}, whose requests cannot be put together` }, notes));
  }
  const texts = createTextEncoders(await readTokenizers(store, manifest, verify));
  const readInputs = createInputReader(manifest.inputs, texts, manifest.sizes);
  refuseUncarried([...manifest.outputs, ...(manifest.states ?? [])]);
  const ort = await importOrt();
  const bundled = ort
    .listSupportedBackends()
    .filter((backend) => backend.bundled)
    .map((backend) => backend.name);
  const statistics = createStatistics((manifest.heads ?? []).map(({ name }) => name));
  const told = onRun === undefined ? undefined : { begin: () => onRun };
  const observers: readonly Observer[] = [statistics, told, telemetry ? observeByOpenTelemetry(manifest.model) : undefined].filter((observer) => observer !== undefined);
  const ran = (head: string | undefined): void => {
    for (const observer of observers) observer.ran?.(head);
  };
  const on = (candidate: Choice) => ({ ...settings, ran, provider: candidate.name, providerOptions: candidate.options });
  const direct: CreateSession = (model, given) => createSession(ort, model, given);
  const pool = workers === 0 ? undefined : createPool(workers, waiting);
  const create = pool === undefined ? direct : onCpuOnly(pool.createSession);
  const beside = createAsidePool();
  const aside: CreateSession = (model, given) => (given.provider === 'cpu' ? beside.createSession : direct)(model, given);
  const makers: Makers = { create, thread: pool === undefined ? 'serving' : 'workers', aside };
  const attempt = (candidate: Choice) => openSessions(makers, opened, on(candidate));
  const { session, device, choice } = await openChecked(manifest, () => openOnDevice(devices, inspectMachine(bundled), attempt)).catch(async (error: unknown) => {
    await pool?.close();
    throw withOrigin(error, manifest.backbones);
  });
  return createModel<T>({
    opened,
    session,
    device,
    readInputs,
    guards: createGuards(manifest, onViolation),
    statistics,
    observers,
    profiled: () => withProfile((profile) => openSessions({ ...makers, create: direct }, opened, { ...on(choice), cache: undefined, batch: undefined, ran: undefined, profile })),
    read: bundleAt,
    location: bundle,
    openHead: (other, head, isAside) =>
      openNewHead(head.name, (made, provider) => openHead({ ...makers, ...made }, other, head, on(provider === undefined ? choice : { name: provider, options: {} })), {
        isAside,
        makers,
        stall: stall ?? (choice.name === 'cpu' ? defaultStall : defaultStallOfDevice),
        provider: choice.name,
      }),
    together: { rows: settings.batch?.rows ?? defaultRows, lanes: Math.max(1, workers) },
    closed: async () => {
      await pool?.close();
      await beside.close();
    },
  });
}

/** Sessions that have what the manifest promises. */
async function openChecked<O extends { readonly session: Session }>(manifest: Manifest, open: () => Promise<O>): Promise<O> {
  const opened = await open();
  try {
    compareWithSession(manifest, opened.session);
  } catch (error) {
    await opened.session.release();
    throw error;
  }
  return opened;
}

async function readBundle(location: BundleLocation, verify: boolean): Promise<OpenBundle> {
  const store = guarded('bundle', () => storeOf(location));
  const manifest = await readBundleManifest(store);
  if (verify) await verifyModel(store, manifest);
  return { store, manifest };
}

/** Holds the files that sessions are made from to the manifest, and then the manifest to their records. */
async function verifyModel(store: BundleStore, manifest: Manifest): Promise<void> {
  const { onnx, heads = [], data = [], golden = [], rollouts = [] } = manifest;
  const arms = rollouts.flatMap(({ slots }) => slots).flatMap((slot) => [...slot.arms, ...slot.shadows]).flatMap(({ head }) => head ?? []);
  const composed = [...new Map([onnx, ...heads, ...arms].map((file) => [file.path, file])).values()];
  for (const file of [...composed, ...data, ...golden]) await verifyFile(store, file);
  for (const { path } of composed) verifyRecord(store, manifest, path);
  await verifySeal(store);
}

function storeOf(bundle: unknown): BundleStore {
  const url =
    bundle instanceof URL
      ? bundle
      : typeof bundle === 'string' && bundle.startsWith('file:') && URL.canParse(bundle)
        ? new URL(bundle)
        : undefined;
  if (url?.protocol === 'file:') return folderStore(fileURLToPath(url));
  if (typeof bundle === 'string' && bundle !== '' && !bundle.includes('\0')) return folderStore(bundle);
  const files = url === undefined ? filesOf(bundle) : undefined;
  if (files !== undefined) return memoryStore(files);
  raise(
    runtimeCodes.finding('runtime-options', {
      option: 'bundle',
      expected: 'the path or file URL of a folder, or its files by their names',
      found: url ? `"${url.href}"` : describeInput(bundle),
    }),
  );
}

/** The bytes of `{ 'manifest.json': …, 'model.onnx': … }`; undefined for anything else. */
function filesOf(bundle: unknown): ReadonlyMap<string, Uint8Array> | undefined {
  if (!isRecord(bundle) || ArrayBuffer.isView(bundle)) return undefined;
  const files = Object.entries(bundle);
  const areBytes = files.length > 0 && files.every(([, bytes]) => bytes instanceof Uint8Array);
  return areBytes ? new Map(files as [string, Uint8Array][]) : undefined;
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
  for (const { tensor } of manifest.guards ?? []) {
    const type = tensor === undefined ? undefined : session.outputs.find(({ name }) => name === tensor)?.type;
    if (tensor !== undefined && type !== 'int32') differ(`the guard's tensor \`${tensor}\``, 'int32', type ?? 'not there');
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
  raise(runtimeCodes.finding('bundle-mismatch', { what, expected, found }, ['Build the bundle again, or copy it again: all its files belong together.']));
}
