import type { Manifest } from '../bundle/manifest.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { describeInput } from './describe.ts';
import { raise } from './errors.ts';
import { guarded } from './guarded.ts';
import { readInputs } from './inputs.ts';
import { checkOptionNames } from './option-names.ts';
import type { Session } from './ort.ts';
import { nameOutputs, selectOutputs, tensorsOf } from './outputs.ts';
import type { TextEncoders } from './text.ts';
import type { Device, Model, ModelTypes, RunOptions } from './types.ts';

/** A model around an open session, which it owns. */
export function createModel<T extends ModelTypes>(
  manifest: Manifest,
  session: Session,
  device: Device,
  texts: TextEncoders,
): Model<T> {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function run(inputs: unknown, options: RunOptions): Promise<Record<string, unknown>> {
    const { signal } = options;
    signal?.throwIfAborted();
    const ports = selectOutputs(manifest, options.outputs);
    const feeds = await readInputs(manifest.inputs, inputs, texts, manifest.sizes);
    signal?.throwIfAborted();
    const results = await session.run(
      feeds,
      ports.flatMap(tensorsOf).map((tensor) => tensor.onnx),
    );
    signal?.throwIfAborted();
    return nameOutputs(ports, results);
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await session.release();
  }

  async function serve(inputs: unknown, options: RunOptions): Promise<Record<string, unknown>> {
    if (closing) raise(runtimeCodes.finding('model-closed', { model: manifest.model }));
    const running = run(inputs, guarded('options', () => readRunOptions(options)));
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
    run: (inputs, options = {}) => serve(inputs, options) as Promise<never>,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => model.close(),
  };
  return model;
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
