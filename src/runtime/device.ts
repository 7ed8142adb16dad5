/** Which device a session runs on. ONNX Runtime throws at an absent provider even when a later one would do: the chain is ours. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { printable } from '../data/json.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { raise } from './errors.ts';
import { ortFinding, type Session } from './ort.ts';
import { didYouMean } from './suggest.ts';
import type { Device } from './types.ts';

/** What a machine offers, as far as it shows without making a session. */
export interface Machine {
  /** Providers that ONNX Runtime has a library for. */
  readonly providers: readonly string[];
  /** A sentence's end: what shows that there is a GPU, or that there is none. */
  readonly gpu: { readonly present: boolean; readonly evidence: string };
}

/** Providers that drive a GPU, the faster first. */
const gpuProviders = ['cuda', 'webgpu', 'dml'];
const otherProviders = ['cpu', 'coreml', 'tensorrt'];
const devices = ['auto', 'gpu', ...gpuProviders, ...otherProviders];

type Attempt = (provider: string) => Promise<Session>;

/** Makes a session on the device asked for. Never falls back silently: `auto` says why in `reason`, all others insist. */
export async function openOnDevice(
  requested: string,
  machine: Machine,
  attempt: Attempt,
): Promise<{ session: Session; device: Device }> {
  if (!devices.includes(requested)) {
    const reason = `MDL knows ${devices.join(', ')}`;
    raise(
      runtimeCodes.finding(
        'device-unavailable',
        { device: printable(requested), reason },
        didYouMean(requested, devices),
      ),
    );
  }
  const opened = (session: Session, used: string, reason: string) => ({ session, device: { requested, used, reason } });
  if (requested === 'cpu') return opened(await attemptCpu(attempt), 'cpu', 'The CPU was asked for.');

  const chosen = requested === 'auto' || requested === 'gpu';
  const candidates = chosen ? gpuProviders.filter((p) => machine.providers.includes(p)) : [requested];
  const failures: string[] = [];
  if (chosen && !machine.gpu.present) failures.push(machine.gpu.evidence);
  else {
    for (const provider of candidates) {
      const session = await tryProvider(provider, machine, attempt, failures);
      if (session) return opened(session, provider, reasonFor(requested, provider, machine, failures));
    }
  }
  const why = failures.join('; ') || 'ONNX Runtime has no provider for a GPU here';
  // A model that the CPU refuses, too, is at fault itself: its own error is the one to see.
  const session = await attemptCpu(attempt);
  if (requested === 'auto') return opened(session, 'cpu', `The CPU, because ${why}.`);
  await session.release();
  raise(runtimeCodes.finding('device-unavailable', { device: requested, reason: why }, adviceFor(requested)));
}

async function attemptCpu(attempt: Attempt): Promise<Session> {
  try {
    return await attempt('cpu');
  } catch (error) {
    raise(ortFinding('loading the model', error), error);
  }
}

async function tryProvider(
  provider: string,
  machine: Machine,
  attempt: Attempt,
  failures: string[],
): Promise<Session | undefined> {
  if (!machine.providers.includes(provider)) {
    failures.push(`ONNX Runtime's library for ${provider} is not installed`);
    return undefined;
  }
  try {
    return await attempt(provider);
  } catch (error) {
    failures.push(`${provider} answers "${shorten(error)}"`);
    return undefined;
  }
}

/** The telling end of an error that begins with ONNX Runtime's own source position. */
function shorten(error: unknown): string {
  const message = error instanceof Error ? error.message.trim() : String(error);
  return printable(message.replace(/^.*was false\. /s, ''), 200);
}

function reasonFor(requested: string, provider: string, machine: Machine, failures: readonly string[]): string {
  const how = requested === provider ? `${provider} was asked for` : `${provider}, because ${machine.gpu.evidence}`;
  const before = failures.length === 0 ? '' : ` (${failures.join('; ')})`;
  const sentence = how.charAt(0).toUpperCase() + how.slice(1);
  return `${sentence}${before}; operators that it does not take run on the CPU.`;
}

function adviceFor(requested: string): readonly string[] {
  const anyway = 'Ask for `cpu`, or for `auto`, which takes the CPU where there is nothing else.';
  if (requested === 'gpu') return [anyway, 'Ask for `webgpu` to try that provider whatever the machine shows.'];
  if (requested !== 'cuda') return [anyway];
  return [
    anyway,
    'The CUDA libraries come with `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`, where its host can be reached.',
  ];
}

/** Looks at this machine; `bundled` are the providers that ONNX Runtime says it brings along. */
export function inspectMachine(bundled: readonly string[]): Machine {
  const cuda = hasCudaLibrary() ? ['cuda', 'tensorrt'] : [];
  return { providers: [...new Set([...bundled, ...cuda])], gpu: findGpu() };
}

/** The install script puts the CUDA libraries beside the native binding. */
function hasCudaLibrary(): boolean {
  try {
    const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
    const folder = join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
    return existsSync(
      join(
        folder,
        process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so',
      ),
    );
  } catch {
    return false;
  }
}

/**
 * On Linux a GPU shows as a device file; asking Vulkan instead would take long, write to stderr, and call a software
 * rasterizer a GPU. The other systems always bring a graphics device.
 */
function findGpu(): Machine['gpu'] {
  if (process.platform !== 'linux') return { present: true, evidence: `${process.platform} has a graphics device` };
  const found = [...list('/dev/dri', /^renderD/), ...list('/dev', /^nvidia\d|^dxg$/)];
  return found.length > 0
    ? { present: true, evidence: `there is ${found[0]}` }
    : { present: false, evidence: 'no GPU shows under /dev/dri or /dev/nvidia*' };
}

function list(folder: string, pattern: RegExp): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
