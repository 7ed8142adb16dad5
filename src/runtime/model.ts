import type { Manifest } from '../bundle/manifest.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { describeInput } from './describe.ts';
import { raise } from './errors.ts';
import { guarded } from './guarded.ts';
import { readInputs } from './inputs.ts';
import { checkOptionNames } from './option-names.ts';
import type { Session } from './ort.ts';
import { nameOutputs, selectOutputs, tensorsOf } from './outputs.ts';
import { carriedFrom, readStates, stateFeeds, type Carried } from './state.ts';
import { createStream, type Served, type Turn } from './stream.ts';
import type { TextEncoders } from './text.ts';
import type { Device, Model, ModelTypes, RunOptions, StartOptions } from './types.ts';

/** A model around an open session, which it owns. */
export function createModel<T extends ModelTypes>(
  manifest: Manifest,
  session: Session,
  device: Device,
  texts: TextEncoders,
): Model<T> {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  /** One run from the states that are carried; where `keep` is asked for, with those that it leaves. */
  async function run(inputs: unknown, options: RunOptions, { carried, keep }: Turn): Promise<Served> {
    const { signal } = options;
    signal?.throwIfAborted();
    const ports = selectOutputs(manifest, options.outputs);
    const feeds = await readInputs(manifest.inputs, inputs, texts, manifest.sizes);
    signal?.throwIfAborted();
    const outputs = ports.flatMap(tensorsOf).map((tensor) => tensor.onnx);
    const next = keep ? (manifest.states ?? []).map((state) => state.next) : [];
    const results = await session.run(new Map([...feeds, ...stateFeeds(manifest, feeds, carried)]), [...outputs, ...next]);
    signal?.throwIfAborted();
    return { outputs: nameOutputs(ports, results), carried: keep ? carriedFrom(manifest, results) : carried };
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await session.release();
  }

  async function serve(inputs: unknown, options: RunOptions, turn: Turn): Promise<Served> {
    if (closing) raise(runtimeCodes.finding('model-closed', { model: manifest.model }));
    const running = run(inputs, guarded('options', () => readRunOptions(options)), turn);
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  }

  const model: Model<T> = {
    name: manifest.model,
    manifest,
    device,
    inputs: manifest.inputs,
    outputs: manifest.outputs,
    // The declaration's types are the manifest's, which the session was compared with.
    run: async (inputs, options = {}) => (await serve(inputs, options, { carried: new Map(), keep: false })).outputs as never,
    start: (options = {}) => createStream(manifest, guarded('options', () => readStart(manifest, options)), serve),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => model.close(),
  };
  return model;
}

function readStart(manifest: Manifest, options: StartOptions): Carried {
  checkOptionNames('start', options, ['state']);
  const { state } = options;
  return state === undefined ? new Map() : readStates(manifest, state);
}

/** Checks and copies the options, which are read again when the run is under way. */
function readRunOptions(options: RunOptions): RunOptions {
  const wrong = (option: string, expected: string, found: unknown) =>
    raise(runtimeCodes.finding('runtime-options', { option, expected, found: describeInput(found) }));
  checkOptionNames('run', options, ['outputs', 'signal']);
  const { outputs, signal } = options;
  const names = Array.isArray(outputs) ? Array.from<unknown>(outputs) : undefined;
  const isList = names !== undefined && names.length > 0 && names.every((name) => typeof name === 'string');
  if (outputs !== undefined && !isList) wrong('outputs', 'a list of names of outputs', outputs);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrong('signal', 'an AbortSignal', signal);
  return { ...(isList ? { outputs: names } : {}), ...(signal === undefined ? {} : { signal }) };
}
