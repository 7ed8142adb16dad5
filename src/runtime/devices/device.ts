/** Which device a session runs on. ONNX Runtime throws at an absent provider even when a later one would do: the chain is ours. */
import { printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import type { Machine } from './machine.ts';
import { ortFinding } from '../ort.ts';
import type { Session } from '../session.ts';
import { didYouMean } from '../suggest.ts';
import type { Device } from '../types.ts';

/** One of the devices that would do, the first of them the most. */
export interface Choice {
  readonly name: string;
  /** What ONNX Runtime's provider of that name is told. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Providers that drive a GPU, the faster first. */
const gpuProviders = ['cuda', 'webgpu', 'dml'];
/** Names that MDL knows; any other is passed on to ONNX Runtime. */
const known = ['auto', 'gpu', 'cpu', ...gpuProviders, 'coreml', 'tensorrt', 'qnn'];

type Attempt = (provider: Choice) => Promise<Session>;

/**
 * Makes a session on the first of the devices asked for that can be had. Never falls back silently: `auto` says why in
 * `reason`, and so does a list, whose later members are the fallback that its author has stated.
 */
export async function openOnDevice(
  choices: readonly Choice[],
  machine: Machine,
  attempt: Attempt,
): Promise<{ session: Session; device: Device; choice: Choice }> {
  const requested = choices.map(({ name }) => name).join(', ');
  const failures: string[] = [];
  for (const choice of choices) {
    for (const candidate of candidatesOf(choice, machine, failures)) {
      const session = await tryProvider(candidate, machine, attempt, failures);
      if (session === undefined) continue;
      const reason = reasonFor(choice, candidate.name, machine, failures);
      return { session, choice: candidate, device: { requested, used: candidate.name, reason } };
    }
  }
  // A model that the CPU refuses, too, is at fault itself: its own error is the one to see.
  await (await attemptCpu(attempt)).release();
  const reason = failures.join('; ') || 'ONNX Runtime has no provider for a GPU here';
  raise(runtimeCodes.finding('device-unavailable', { device: printable(requested), reason }, adviceFor(choices, failures)));
}

/** The providers that a name stands for. What is not worth a try is noted. */
function candidatesOf(choice: Choice, { providers, gpu }: Machine, failures: string[]): readonly Choice[] {
  const { name, options } = choice;
  if (name !== 'auto' && name !== 'gpu') return [choice];
  const cpu = name === 'auto' ? [{ name: 'cpu', options: {} }] : [];
  if (!gpu.present) {
    failures.push(gpu.evidence);
    return cpu;
  }
  const found = gpuProviders.filter((provider) => providers.includes(provider)).map((provider) => ({ name: provider, options }));
  if (found.length === 0) failures.push('ONNX Runtime has no provider for a GPU here');
  return [...found, ...cpu];
}

async function attemptCpu(attempt: Attempt): Promise<Session> {
  try {
    return await attempt({ name: 'cpu', options: {} });
  } catch (error) {
    raise(ortFinding('loading the model', error), error);
  }
}

async function tryProvider(candidate: Choice, machine: Machine, attempt: Attempt, failures: string[]): Promise<Session | undefined> {
  const { name } = candidate;
  if (name === 'cpu') return attemptCpu(attempt);
  if (known.includes(name) && !machine.providers.includes(name)) {
    failures.push(`ONNX Runtime's library for ${name} is not installed`);
    return undefined;
  }
  try {
    return await attempt(candidate);
  } catch (error) {
    if (isUnknown.test(messageOf(error))) failures.push('no provider of ONNX Runtime is called so');
    else failures.push(leavesNodes.test(messageOf(error)) ? `${printable(name, 40)} does not take every node of the model, which \`strict\` demands` : `${printable(name, 40)} answers "${shorten(error)}"`);
    return undefined;
  }
}

/** What ONNX Runtime says of a name that its build has no provider of; what a provider of its own answers is told as it is. */
const isUnknown = /\] backend not found/;

/** What ONNX Runtime says where nodes would run on the CPU that must not. */
const leavesNodes = /fallback to CPU EP has been explicitly disabled/;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.trim() : String(error));

/** The telling end of an error that begins with ONNX Runtime's own source position. */
const shorten = (error: unknown): string => printable(messageOf(error).replace(/^.*was false\. /s, ''), 200);

function reasonFor(choice: Choice, used: string, machine: Machine, failures: readonly string[]): string {
  if (used === 'cpu') {
    return failures.length === 0 ? 'The CPU was asked for.' : `The CPU, because ${failures.join('; ')}.`;
  }
  const how = choice.name === used ? `${used} was asked for` : `${used}, because ${machine.gpu.evidence}`;
  const before = failures.length === 0 ? '' : ` (${failures.join('; ')})`;
  const sentence = how.charAt(0).toUpperCase() + how.slice(1);
  return `${sentence}${before}; operators that it does not take run on the CPU.`;
}

function adviceFor(choices: readonly Choice[], failures: readonly string[]): readonly string[] {
  const names = choices.map(({ name }) => name);
  return [
    ...names.flatMap((name) => (known.includes(name) ? [] : didYouMean(name, known))),
    ...(failures.some((failure) => failure.includes('`strict`')) ? ['Without `strict`, those nodes run on the CPU; `mdl run --placement` lists them.'] : []),
    'Ask for `cpu`, or for `auto`, which takes the CPU where there is nothing else; a list such as `webgpu, cpu` states a fallback.',
    ...(names.includes('gpu') ? ['Ask for `webgpu` to try that provider whatever the machine shows.'] : []),
    ...(names.includes('cuda')
      ? ['The CUDA libraries come with `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`, where its host can be reached.']
      : []),
    '`mdl doctor` says what this machine has.',
  ];
}
