/** What of `mdl doctor` is about GPUs: what this machine has, and the steps to what it lacks. */
import { cudaProvider, findLibrary, inspectMachine, nvidiaDriver, vulkanDrivers } from '../../runtime/devices/machine.ts';
import { librariesNeededBy } from './elf.ts';
import { fine, missing, type Examined } from './examined.ts';

/** Libraries that the CUDA provider of ONNX Runtime's install script loads, as their files are called on Linux. */
const cudaLibraries = ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcurand.so.10', 'libcufft.so.11', 'libcudnn.so.9'];
/** Of what a provider asks for, the libraries that come with CUDA; the rest comes with the system and the driver. */
const fromCuda = /^libcu(dart|blas|blasLt|rand|fft|dnn|sparse|solver|pti)\.so/;

/** Of NVIDIA's repository for Debian and Ubuntu, by the version of CUDA. */
const packages: Readonly<Record<string, string>> = { 12: 'cuda-libraries-12-8 libcudnn9-cuda-12', 13: 'cuda-libraries-13-0 libcudnn9-cuda-13' };

/** The parts that a GPU needs on this machine, in the order in which one would install them. */
export function examineGpu(platform = process.platform): readonly Examined[] {
  const { gpu } = inspectMachine([]);
  const device = gpu.present
    ? fine('gpu device', gpu.evidence)
    : missing('gpu device', gpu.evidence, 'Models run on the CPU. In a container, the device has to be passed in: `--gpus all`, or `--device /dev/dri`.');
  if (platform !== 'linux') return [device];
  const driver = nvidiaDriver();
  return [device, examineVulkan(), ...(driver === undefined ? [] : [fine('nvidia driver', driver), examineCuda()])];
}

/** What WebGPU runs on. */
function examineVulkan(): Examined {
  const loader = findLibrary('libvulkan.so.1');
  const drivers = vulkanDrivers();
  const steps = [
    ...(loader === undefined ? ['The loader: apt-get install libvulkan1'] : []),
    ...(drivers.length === 0
      ? [
          'A driver for the GPU: apt-get install mesa-vulkan-drivers, or NVIDIA\'s own.',
          'Without a GPU, WebGPU can be tried slowly in software: apt-get install --no-install-recommends chromium-common, and VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json',
        ]
      : []),
  ];
  const found = `${loader ?? 'no loader'}; ${drivers.length === 0 ? 'no driver' : drivers.join(', ')}`;
  return steps.length === 0 ? fine('vulkan', found) : missing('vulkan', found, ...steps);
}

function examineCuda(): Examined {
  const provider = cudaProvider();
  // A provider of another build wants another CUDA; cuDNN is loaded when a convolution needs it.
  const asked = provider === undefined ? [] : librariesNeededBy(provider).filter((name) => fromCuda.test(name));
  const wanted = asked.length === 0 ? cudaLibraries : [...new Set([...asked, 'libcudnn.so.9'])];
  const absent = wanted.filter((name) => findLibrary(name) === undefined);
  const major = /libcudart\.so\.(\d+)/.exec(wanted.join(' '))?.[1] ?? '12';
  const steps = [
    ...(provider === undefined
      ? ['The provider comes with `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`, from nuget.org.']
      : []),
    ...(absent.length === 0
      ? []
      : [`CUDA ${major} and cuDNN 9, from NVIDIA's repository: apt-get install ${packages[major] ?? `the libraries of CUDA ${major}`}; LD_LIBRARY_PATH names other folders.`]),
  ];
  const found = `${provider === undefined ? 'no provider' : 'the provider is there'}; ${absent.length === 0 ? 'all libraries are there' : `not found: ${absent.join(', ')}`}`;
  return steps.length === 0 ? fine('cuda libraries', found) : missing('cuda libraries', found, ...steps);
}

/** Providers that are worth a try here beside `cpu`. */
export function gpuCandidates(bundled: readonly string[]): readonly string[] {
  const { providers } = inspectMachine(bundled);
  const hasVulkan = process.platform !== 'linux' || vulkanDrivers().length > 0;
  return [
    ...(providers.includes('webgpu') && hasVulkan ? ['webgpu'] : []),
    ...(providers.includes('cuda') && nvidiaDriver() !== undefined ? ['cuda'] : []),
    ...['dml', 'coreml'].filter((name) => providers.includes(name)),
  ];
}
