/** What this machine offers, as far as it shows without making a session. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

export interface Machine {
  /** Providers that ONNX Runtime has a library for. */
  readonly providers: readonly string[];
  /** A sentence's end: what shows that there is a GPU, or that there is none. */
  readonly gpu: { readonly present: boolean; readonly evidence: string };
}

/** Looks at this machine; `bundled` are the providers that ONNX Runtime says it brings along. */
export function inspectMachine(bundled: readonly string[]): Machine {
  const cuda = cudaProvider() === undefined ? [] : ['cuda', 'tensorrt'];
  return { providers: [...new Set([...bundled, ...cuda])], gpu: findGpu() };
}

/** ONNX Runtime's CUDA library, which its install script puts beside the native binding; undefined where it is not there. */
export function cudaProvider(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
    const folder = join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
    const file = join(folder, process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so');
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
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

/** The version of NVIDIA's kernel driver on Linux; undefined where there is none. */
export function nvidiaDriver(): string | undefined {
  try {
    return driverVersion(readFileSync('/proc/driver/nvidia/version', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Of `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.159.04  Release Build …`. */
export const driverVersion = (text: string): string => /\b\d+(?:\.\d+)+\b/.exec(text)?.[0] ?? 'of unknown version';

/** Where Linux distributions and CUDA's own installers put libraries. */
const libraryFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/lib/x86_64-linux-gnu',
  '/usr/local/lib',
  '/usr/local/cuda/lib64',
];

/** Where a shared library of Linux lies whose file begins with `name`; undefined where no usual folder has it. */
export function findLibrary(name: string): string | undefined {
  const own = (process.env['LD_LIBRARY_PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [...own, ...libraryFolders]) {
    const file = readdirOrNothing(folder).find((entry) => entry.startsWith(name));
    if (file !== undefined) return join(folder, file);
  }
  return undefined;
}

/** The descriptions of Vulkan drivers of Linux: those that the environment names, else those of the system. */
export function vulkanDrivers(): readonly string[] {
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  if (named !== undefined && named !== '') return named.split(delimiter).filter((file) => existsSync(file));
  return ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'].flatMap((folder) => list(folder, /\.json$/));
}

const list = (folder: string, pattern: RegExp): readonly string[] =>
  readdirOrNothing(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

function readdirOrNothing(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
