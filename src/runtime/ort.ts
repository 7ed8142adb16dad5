/** The only file that knows ONNX Runtime: an optional peer of the package, imported when a model is loaded. */
import { createRequire } from 'node:module';
import { printable } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { CarriedDType } from '../types/dtype.ts';
import { elements, type TensorData } from './inputs/elements.ts';
import { MdlRuntimeError, raise } from './errors.ts';
import { namedNode } from './bundle/origin.ts';
import { identityOf } from './devices/identity-model.ts';
import type { RawTensor, ResidentTensor, Session, SessionPort, SessionSettings } from './session.ts';
import { claimWebgpu } from './devices/webgpu-claim.ts';

export type Ort = typeof import('onnxruntime-node');

const install = [
  'Install it beside your app: `npm install onnxruntime-node`.',
  'Where its install script cannot reach its host, set `ONNXRUNTIME_NODE_INSTALL=skip` for that command: the package itself holds the CPU and WebGPU providers.',
];

/**
 * From 1.30 on, ONNX Runtime reports home, and on Linux it reads the process's own command line for that, by a
 * recursion that ends the process where `--text` is long. Who wants the reports sets the variable to 0.
 */
function requireOrt(): Ort {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
  // Not by `import()`: Node 20 cannot follow one out of code whose compilation was cached, as the command's is.
  return createRequire(import.meta.url)('onnxruntime-node') as Ort;
}

/** Loads ONNX Runtime; raises `runtime-missing` where it is not installed or does not load. */
export async function importOrt(importer: () => Ort | Promise<Ort> = requireOrt): Promise<Ort> {
  try {
    return await importer();
  } catch (error) {
    raise(runtimeCodes.finding('runtime-missing', { reason: whyMissing(error) }, install), error);
  }
}

function whyMissing(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const itself = code === 'MODULE_NOT_FOUND' && messageOf(error).includes("'onnxruntime-node'");
  if (code === 'ERR_MODULE_NOT_FOUND' || itself) return 'it is not installed';
  if (code === 'MODULE_NOT_FOUND') return `it has no native library for ${process.platform} on ${process.arch}`;
  return `its native library does not load (${messageOf(error)})`;
}

const messageOf = (error: unknown): string =>
  printable(error instanceof Error ? error.message.trim() : String(error), 600);

/** Of a node that runs, of one that no kernel is there for, and of one whose types do not go together. */
const ofOperator = /(?:while running |implementation for (?:\w+\.)*|Op \()(\w+)(?: node|\(|\))/;

/** An error of ONNX Runtime as a finding; the `.mdl` position that it names a node by is quoted. */
export function ortFinding(doing: string, error: unknown): Finding {
  const reason = messageOf(error);
  const operator = ofOperator.exec(reason)?.[1];
  const at = /^.+?\.mdl:\d+:\d+/.exec(namedNode(reason) ?? '')?.[0];
  const notes =
    at === undefined ? [] : [`It happened at ${at}${operator === undefined ? '' : `, in the operator ${operator}`}.`];
  return runtimeCodes.finding('runtime-failed', { doing, reason }, notes);
}

/** Makes a session from a file, or from a model's bytes. Throws what ONNX Runtime throws: whether that is an error depends on who asks. */
export async function createSession(ort: Ort, model: string | Uint8Array, settings: SessionSettings): Promise<Session> {
  const { provider, providerOptions, strict = false, optimization, threads, spinning = true, resident = [], data = [], profile } = settings;
  if (provider === 'webgpu') {
    const refusal = claimWebgpu();
    if (refusal !== undefined) throw new Error(refusal);
  }
  const options = {
    // The types know the providers of browsers, too, each with options of its own.
    executionProviders: [{ ...providerOptions, name: provider }] as ExecutionProviders,
    graphOptimizationLevel: optimization,
    // All that it has to say comes back as an error; on stderr it would come twice.
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(data.length === 0 ? {} : { externalData: data }),
    ...(resident.length === 0 ? {} : { preferredOutputLocation: Object.fromEntries(resident.map((name) => [name, 'gpu-buffer' as const])) }),
    ...extraOf(strict && provider !== 'cpu', spinning),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  } as const;
  const { InferenceSession } = ort;
  const started = performance.now();
  const session = await (typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options));
  const loadedIn = performance.now() - started;
  const takesAll = hasInherited(session);
  return {
    inputs: session.inputMetadata.map(describePort),
    outputs: session.outputMetadata.map(describePort),
    loadedIn,
    run: (feeds, outputs) => runSession(ort, session, feeds, outputs, takesAll, fromOrt),
    ...(resident.length === 0
      ? {}
      : {
          runResident: (feeds, outputs) => runSession(ort, session, feeds, outputs, takesAll, (value) => (value.location === 'gpu-buffer' ? residentOf(ort, value) : fromOrt(value))),
        }),
    release: () => {
      if (profile !== undefined) session.endProfiling();
      return session.release();
    },
  };
}

/** Entries of the session's configuration that are not as usual. */
function extraOf(strict: boolean, spinning: boolean): { readonly extra?: { readonly session: object } } {
  const session = { ...(strict ? { disable_cpu_ep_fallback: '1' } : {}), ...(spinning ? {} : { intra_op: { allow_spinning: '0' } }) };
  return Object.keys(session).length === 0 ? {} : { extra: { session } };
}

type ExecutionProviders = NonNullable<NonNullable<Parameters<Ort['InferenceSession']['create']>[1]>['executionProviders']>;
type OrtSession = Awaited<ReturnType<Ort['InferenceSession']['create']>>;

const describePort = (port: OrtSession['inputMetadata'][number]): SessionPort => ({
  name: port.name,
  type: port.isTensor ? port.type : undefined,
  rank: port.isTensor ? port.shape.length : undefined,
});

/** A run, of which each output is read. */
async function runSession<T>(
  ort: Ort,
  session: OrtSession,
  feeds: ReadonlyMap<string, RawTensor | ResidentTensor>,
  outputs: readonly string[],
  takesAll: boolean,
  read: (value: OrtTensor) => T,
): Promise<ReadonlyMap<string, T>> {
  try {
    // Without a prototype, as a file may call a tensor `__proto__`.
    const tensors = Object.create(null) as Record<string, OrtTensor>;
    for (const [name, tensor] of feeds) tensors[name] = 'resident' in tensor ? (tensor.resident as OrtTensor) : toOrt(ort, tensor);
    const results = await session.run(tensors, takesAll ? session.outputNames : outputs, runOptions);
    const answers = new Map<string, T>();
    for (const name of outputs) answers.set(name, read(results[name]!));
    return answers;
  } catch (error) {
    if (error instanceof MdlRuntimeError) throw error;
    raise(ortFinding('running the model', error), error);
  }
}

/** ONNX Runtime takes an output called `constructor` for one that every object of wanted outputs has: then all are wanted. */
const hasInherited = ({ outputNames }: OrtSession): boolean => outputNames.some((name) => name in Object.prototype);

const runOptions = { logSeverityLevel: 4 } as const;

const residentOf = (ort: Ort, value: OrtTensor): ResidentTensor => ({
  resident: value,
  read: () => readBack(ort, value),
  release: () => value.dispose(),
});

/** By a session that copies: `getData` on a tensor of the device ends the process in onnxruntime-node 1.30. */
async function readBack(ort: Ort, value: OrtTensor): Promise<RawTensor> {
  const session = await ort.InferenceSession.create(identityOf(value.type), { executionProviders: ['webgpu'], logSeverityLevel: 4 });
  try {
    const { y } = await session.run({ x: value });
    return fromOrt(y!);
  } finally {
    await session.release();
  }
}

type OrtTensor = InstanceType<Ort['Tensor']>;

function toOrt(ort: Ort, raw: RawTensor): OrtTensor {
  // The constructor's overloads pair each type with its array; the pairs are in the table of elements.
  const create = ort.Tensor as new (type: string, data: TensorData, dims: readonly number[]) => OrtTensor;
  const tensor = new create(elements[raw.dtype].ort, raw.data, raw.dims);
  // From Node 24 on there is a Float16Array, which the tensor makes of the bits, and whose bytes onnxruntime-node 1.30 does not find.
  if (raw.dtype === 'f16' && tensor.data !== raw.data) Object.defineProperty(tensor, 'data', { value: raw.data });
  return tensor;
}

const dtypeOf = new Map(
  (Object.keys(elements) as CarriedDType[]).map((dtype) => [elements[dtype].ort as string, dtype]),
);

function fromOrt(value: OrtTensor): RawTensor {
  const dtype = dtypeOf.get(value.type);
  if (dtype === undefined)
    raise(ortFinding('reading an output', new Error(`it holds ${value.type}, which cannot be read here.`)));
  return { dtype, data: dtype === 'f16' ? bitsOf(value.data as ArrayBufferView) : (value.data as TensorData), dims: value.dims };
}

/** The bits of float16, in whatever array they come. */
const bitsOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint16Array => new Uint16Array(buffer, byteOffset, byteLength / Uint16Array.BYTES_PER_ELEMENT);
