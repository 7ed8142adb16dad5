/** The sessions of a bundle. */
import { join } from 'node:path';
import type { Manifest, ManifestHead, ManifestRows } from '../../bundle/manifest.ts';
import { batchSession, type SharedOutputs } from '../serving/batching.ts';
import { chainSessions, type Chain, type Encoder, type HeadSession } from '../serving/chain.ts';
import { computationDigest } from './computation.ts';
import type { Kept } from '../serving/feature-cache.ts';
import { findsFault } from '../serving/guards.ts';
import { tensorsOf } from './outputs.ts';
import { createGate } from '../serving/gate.ts';
import type { BatchSettings, Session, SessionSettings } from '../session.ts';
import type { CreateSession } from '../pool.ts';
import type { HeadThread } from '../rollout/types.ts';
import type { BundleStore } from './store.ts';

/** A bundle that was read and verified. */
export interface OpenBundle {
  readonly store: BundleStore;
  readonly manifest: Manifest;
}

export interface Opening extends Omit<SessionSettings, 'data'> {
  readonly cache?: Kept | undefined;
  readonly batch?: BatchSettings | undefined;
  /** Is told of each run of a session: of a head, or of the model's file or its encoder. */
  readonly ran?: ((head: string | undefined) => void) | undefined;
}

/** What makes sessions. */
export interface Makers {
  readonly create: CreateSession;
  /** Where its sessions run. */
  readonly thread: HeadThread;
  /** Makes those that must not hold up the others. */
  readonly aside: CreateSession;
}

/** One session, or those of a split model as one. Throws what ONNX Runtime throws, with nothing left open. */
export async function openSessions({ create, thread, aside }: Makers, bundle: OpenBundle, settings: Opening): Promise<Session | Chain> {
  const { onnx, inputs, heads: described = [] } = bundle.manifest;
  const resident = staysOnDevice(bundle.manifest, settings) ? featuresOf(bundle.manifest) : [];
  const main = await openFile(create, bundle, { path: onnx.path, rows: bundle.manifest.rows }, { ...settings, resident });
  const heads = new Map<string, HeadSession>();
  let kept: Encoder['kept'];
  try {
    // What an encoder makes of an input depends on what its file computes, whatever that says of its making, and on the contract of its inputs.
    if (settings.cache !== undefined && described.length > 0) kept = { cache: settings.cache, identity: `${await computationDigest(bundle, onnx.path)} ${JSON.stringify(inputs)}` };
    for (const head of described) heads.set(head.name, await openHead({ create, thread, aside }, bundle, head, settings));
  } catch (error) {
    for (const { session } of [{ session: main }, ...heads.values()]) await session.release();
    throw error;
  }
  if (heads.size === 0) return main;
  return chainSessions({ session: main, sha256: onnx.sha256, kept }, heads);
}

/** Whether features go from the encoder to the heads in the device's memory. They are kept, and requests put together, in that of the process. */
const staysOnDevice = ({ heads = [] }: Manifest, { provider, cache, batch }: Opening): boolean => provider === 'webgpu' && heads.length > 0 && cache === undefined && batch === undefined;

/** What an encoder makes for its heads alone. */
function featuresOf({ heads = [], inputs, outputs, states = [], guards = [] }: Manifest): readonly string[] {
  const others = [...[...inputs, ...outputs].flatMap(tensorsOf).map(({ onnx }) => onnx), ...states.flatMap(({ tensor, next }) => [tensor.onnx, next]), ...guards.map(({ tensor }) => tensor)];
  return [...new Set(heads.flatMap((head) => head.inputs))].filter((name) => !others.includes(name));
}

export async function openHead({ create, thread, aside }: Makers, bundle: OpenBundle, head: ManifestHead, settings: Opening): Promise<HeadSession> {
  const open = async (by: CreateSession, where: HeadThread): Promise<HeadSession> => ({
    name: head.name,
    sha256: head.sha256,
    session: await openFile(by, bundle, head, settings),
    thread: where,
    gate: createGate(),
    inputs: head.inputs,
    outputs: head.outputs,
    openAside: () => open(aside, 'own'),
    computation: () => computationDigest(bundle, head.path),
  });
  return open(create, thread);
}

/** @param file a head, or the model's own file, which has no name */
async function openFile(create: CreateSession, { store, manifest }: OpenBundle, { path, rows, name }: { readonly path: string; readonly rows?: ManifestRows | undefined; readonly name?: string }, opening: Opening): Promise<Session> {
  // What is for sessions goes to other threads, which take no functions.
  const { batch, cache: _, ran, ...settings } = opening;
  const { profile, provider } = settings;
  // A profile's file begins with the name of what it is about.
  const own = profile === undefined ? {} : { profile: join(profile, path.replaceAll('/', '-')) };
  const providerOptions = { ...optionsFor(provider, manifest), ...settings.providerOptions };
  const made = await create(store.locate(path), { ...settings, providerOptions, data: externalData(store, manifest), ...own });
  const session = ran === undefined ? made : counted(made, () => ran(name));
  if (rows?.independent !== true || staysOnDevice(manifest, opening)) return session;
  const shared: SharedOutputs = { names: rows.shared ?? [], findFault: (found) => findsFault(manifest, found) };
  const together: Session['together'] = (of, how) => batchSession(of, how, shared);
  return { ...(batch === undefined ? session : together(session, batch)), together };
}

/** The session, of whose runs somebody is told. */
function counted(session: Session, ran: () => void): Session {
  const { run, runResident } = session;
  const telling = <A extends unknown[], R>(work: (...given: A) => R) => (...given: A): R => {
    ran();
    return work(...given);
  };
  return { ...session, run: telling(run), ...(runResident === undefined ? {} : { runResident: telling(runResident) }) };
}

/** What a provider is told of a bundle, whoever asks for it. */
export function optionsFor(provider: string, { leftToCpu = {} }: Pick<Manifest, 'leftToCpu'>): Readonly<Record<string, unknown>> {
  const names = provider === 'webgpu' ? (leftToCpu[provider] ?? []) : [];
  return names.length === 0 ? {} : { forceCpuNodeNames: names };
}

/** Weights beside the graph: from a folder ONNX Runtime finds them by itself. */
function externalData(store: BundleStore, { data = [] }: Manifest): readonly { readonly path: string; readonly data: Uint8Array }[] {
  return data.flatMap(({ path }) => {
    const located = store.locate(path);
    return typeof located === 'string' ? [] : [{ path, data: located }];
  });
}
