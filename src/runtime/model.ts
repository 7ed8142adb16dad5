import type { Manifest, ManifestHead, ManifestPort } from '../bundle/manifest.ts';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import type { Chain, HeadSession, Routing } from './serving/chain.ts';
import { describeInput } from './inputs/describe.ts';
import { MdlRuntimeError, raise } from './errors.ts';
import { guarded, guardedly } from './serving/guarded.ts';
import { createGate } from './serving/gate.ts';
import type { Guards, GuardViolation } from './serving/guards.ts';
import type { InputReader } from './inputs/inputs.ts';
import { abandonable, runEach, streamEach, type Source } from './serving/many.ts';
import { checkOptionNames } from './bundle/option-names.ts';
import type { NewHead } from './serving/new-head.ts';
import type { OpenBundle } from './bundle/open.ts';
import { readManyOptions, readRunOptions, readStreamOptions } from './bundle/run-options.ts';
import { withNote, withOrigin } from './bundle/origin.ts';
import { emptyAxis, shapesOf } from './inputs/sizes.ts';
import type { HeadRun, Observer } from './serving/records.ts';
import type { RawTensor, Session } from './session.ts';
import { createNaming, selectOutputs, tensorsOf, type Answers } from './bundle/outputs.ts';
import { carriedFrom, readStates, stateFeeds, type Carried } from './inputs/state.ts';
import { begunAtOnce, putTogether, type Togetherness } from './serving/together.ts';
import { createStream, type Served, type Turn, type UntypedStream } from './serving/stream.ts';
import { launch } from './rollout/launch.ts';
import { current } from './rollout/plan.ts';
import { createRollouts, type Passage } from './rollout/rollouts.ts';
import { createSwaps } from './serving/swap.ts';
import type { ProfiledSession } from './devices/profile.ts';
import type { Statistics } from './serving/statistics.ts';
import { stamp, versionsOf } from './bundle/versions.ts';
import type { BundleLocation, Device, Model, ManyOptions, ModelTypes, NodeRun, RolloutPlan, RunOptions, StartOptions, StreamOptions, SwapOptions } from './types.ts';

export interface ModelParts {
  readonly opened: OpenBundle;
  /** The model owns it. */
  readonly session: Session | Chain;
  readonly device: Device;
  readonly readInputs: InputReader;
  readonly guards: Guards;
  readonly statistics: Statistics;
  /** Who is told of runs, `statistics` among them. */
  readonly observers: readonly Observer[];
  /** A second session like the first, which notes what runs where. */
  readonly profiled: () => Promise<ProfiledSession>;
  /** Reads and verifies another bundle. */
  readonly read: (bundle: BundleLocation) => Promise<OpenBundle>;
  /** Where it was loaded from. */
  readonly location: BundleLocation;
  /** Opens a head of another bundle on the same device; `aside`: where it does not hold up those who wait for an answer. */
  readonly openHead: (bundle: OpenBundle, head: ManifestHead, aside: boolean) => Promise<NewHead>;
  /** How the inputs of a list are run. */
  readonly together: Togetherness;
  /** When all sessions are free. */
  readonly closed: () => Promise<void>;
}

/** A model around an open session. */
export function createModel<T extends ModelTypes>(parts: ModelParts): Model<T> {
  const { opened, session, device, readInputs, guards, profiled, statistics, observers } = parts;
  const { manifest } = opened;
  const underWay = createGate();
  let closing: Promise<void> | undefined;

  const everything = wantedOf(manifest.outputs);
  const whole = Object.freeze({ model: manifest.onnx.sha256, heads: Object.freeze({}) });
  const isMadeBy = (head: string, output: string): boolean => chain!.heads.get(head)!.outputs.includes(output);

  /** One run from the states that are carried; where `keep` is asked for, with those that it leaves. */
  async function run(inputs: unknown, options: RunOptions, { carried, keep, through: given, by }: Turn, note: RunNote): Promise<Served> {
    const { signal } = options;
    signal?.throwIfAborted();
    const started = performance.now();
    const passage = given === undefined ? rollouts.enter(options) : undefined;
    const through = given ?? (chain === undefined ? (by?.(session) ?? session) : chain.through(noting(note, passage), by));
    const { outputs, name } = options.outputs === undefined ? everything : wantedOf(selectOutputs(manifest, options.outputs));
    const feeds = await readInputs(inputs);
    note.feeds = feeds;
    signal?.throwIfAborted();
    const next = keep ? (manifest.states ?? []).map((state) => state.next) : [];
    const fed = manifest.states === undefined ? feeds : new Map([...feeds, ...stateFeeds(manifest, feeds, carried)]);
    const results = await through.run(fed, guards.withTensors(next.length === 0 ? outputs : [...outputs, ...next]));
    const violations = guards.find(results);
    note.violations = violations;
    passage?.ended(performance.now() - started, violations);
    signal?.throwIfAborted();
    guards.answer(violations);
    const versions = versionsOf(results) ?? whole;
    return { outputs: stamp(name(results), versions), carried: keep ? carriedFrom(manifest, results) : carried };
  }

  /** A run of which the observers are told when it has ended, however that was. */
  async function told(inputs: unknown, options: RunOptions, turn: Turn): Promise<Served> {
    underWay.enter();
    const started = performance.now();
    // What goes through sessions of its own is a trial.
    const ends = turn.through === undefined ? observers.map(({ begin }) => begin()) : [];
    const note: RunNote = { heads: [], violations: [] };
    const end = (error?: string): void => {
      const heads = note.heads.map((each) => ({ ...each, violations: note.violations.filter(({ guard }) => guard.outputs.some((output) => isMadeBy(each.head, output))).length }));
      const record = { model: manifest.model, milliseconds: performance.now() - started, heads, violations: note.violations, ...(error === undefined ? {} : { error }) };
      for (const each of ends) guardedly(() => each(record));
    };
    try {
      const served = await run(inputs, options, turn, note);
      end();
      return served;
    } catch (thrown) {
      const error = withNote(withOrigin(thrown, manifest.backbones), () => note.feeds && emptyAxis(shapesOf(manifest.inputs, note.feeds)));
      end(error instanceof MdlRuntimeError ? error.code : 'error');
      throw error;
    } finally {
      underWay.leave();
    }
  }

  async function close(): Promise<void> {
    await underWay.empty();
    await rollouts.release();
    await swaps.release();
    await session.release();
    await parts.closed();
  }

  async function serve(inputs: unknown, options: RunOptions, turn: Turn): Promise<Served> {
    if (closing) raise(runtimeCodes.finding('model-closed', { model: manifest.model }, openedAgain));
    const read = options === noOptions ? options : guarded('options', () => readRunOptions(options));
    return abandonable(told(inputs, read, turn), read.signal);
  }

  const runOnce = async (inputs: unknown, options: RunOptions = noOptions): Promise<Answers> => (await serve(inputs, options, once)).outputs;

  /** Of inputs whose rows are computed apart several are one run. */
  async function runMany(source: Iterable<unknown>, given: ManyOptions = {}): Promise<Answers[]> {
    const inputs = readSource('runMany', source);
    const { rows, ...options } = guarded('options', () => readManyOptions(given));
    const how = manifest.rows?.independent === true && manifest.states === undefined ? { ...parts.together, ...(rows === undefined ? {} : { rows }) } : alone;
    const turn = how.rows === 1 ? once : { ...once, by: putTogether(how) };
    return runEach(inputs, begunAtOnce(how), async (each) => (await serve(each, options, turn)).outputs);
  }

  const start = (options: StartOptions = {}) =>
    createStream(manifest, guarded('options', () => readStart(manifest, options)), serve);

  async function devices(inputs: unknown, options: RunOptions = {}): Promise<readonly NodeRun[]> {
    const { session: through, finish } = await profiled();
    const failure = await serve(inputs, options, { ...once, through }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const runs = await finish();
    if (failure !== undefined) throw failure.error;
    return runs;
  }

  /** One run after the other, over a stream of them where the model carries states. */
  function streamOf(source: Source<unknown>, given: StreamOptions = {}): AsyncGenerator<Answers, void, undefined> {
    const { ahead, state, ...options } = guarded('options', () => readStreamOptions(given));
    const carries = state !== undefined || (manifest.states ?? []).length > 0;
    const answer = carries ? start(state === undefined ? {} : { state }).run : runOnce;
    return streamEach(readSource('stream', source), ahead, (inputs) => answer(inputs, options));
  }

  const chain = 'heads' in session ? session : undefined;
  const swaps = createSwaps({
    own: opened,
    chain,
    read: parts.read,
    open: parts.openHead,
    run: async (inputs, outputs, through) => (await serve(inputs, { outputs }, { ...once, through })).outputs,
  });
  const portsOf = ({ outputs }: HeadSession) => manifest.outputs.filter((port) => tensorsOf(port).some(({ onnx }) => outputs.includes(onnx)));
  const rollouts = createRollouts({ chain, swaps, portsOf, observers });
  const exchange = async <R>(work: () => Promise<R>): Promise<R> => {
    if (closing) raise(runtimeCodes.finding('model-closed', { model: manifest.model }, openedAgain));
    return underWay.pass(work);
  };

  const model: Untyped = {
    name: manifest.model,
    manifest,
    device,
    inputs: manifest.inputs,
    outputs: manifest.outputs,
    get violations() {
      return guards.tallies;
    },
    get statistics() {
      return statistics.value;
    },
    run: runOnce,
    devices,
    runMany,
    stream: streamOf,
    start,
    swap: (head, bundle, options) => exchange(() => swaps.swap(head, bundle, options as SwapOptions)),
    launch: (options = {}) =>
      exchange(() =>
        launch({ own: { ...opened, location: parts.location }, read: parts.read, served: (head) => chain?.heads.get(head), begin: rollouts.begin }, options),
      ),
    rollout: (head, plan) => exchange(() => rollouts.begin(head, plan as RolloutPlan)),
    rollback: (head) => exchange(() => swaps.rollback(head)),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => model.close(),
    [Symbol.dispose]: () => void model.close().catch(() => undefined),
  };
  // The declaration's types are the manifest's, which the session was compared with.
  return model as Omit<Untyped, Typed> as Model<T>;
}

/** The routes of a run, with a note of each head that runs. */
function noting({ heads }: RunNote, passage: Passage | undefined): Routing {
  return (name, own) => {
    const route = passage?.route(name, own) ?? { head: own };
    return {
      ...route,
      settled(milliseconds, error, by) {
        heads.push({ head: name, arm: passage?.armOf(name, by) ?? current, sha256: by.sha256, milliseconds, failed: error !== undefined });
        route.settled?.(milliseconds, error, by);
      },
    };
  };
}

const noOptions: RunOptions = {};

const openedAgain = ['Close a model once nothing is to run on it any more; `load` opens its bundle again.'];

const alone: Togetherness = { rows: 1, lanes: 1 };

/** A run of its own, that begins with the first states and leaves none. */
const once: Turn = { carried: new Map(), keep: false };

/** What is found out about a run on its way. */
interface RunNote {
  readonly heads: Omit<HeadRun, 'violations'>[];
  violations: readonly GuardViolation[];
  /** What the session was given; undefined before that. */
  feeds?: ReadonlyMap<string, RawTensor>;
}

/** The tensors that a run is asked for, and how they are called in its answer. */
const wantedOf = (ports: readonly ManifestPort[]) => ({ outputs: ports.flatMap(tensorsOf).map((tensor) => tensor.onnx), name: createNaming(ports) });

type Typed = 'run' | 'devices' | 'runMany' | 'stream' | 'start';

/** A model as far as nobody has named its inputs and outputs. */
interface Untyped extends Omit<Model, Typed> {
  run(inputs: unknown, options?: RunOptions): Promise<Answers>;
  devices(inputs: unknown, options?: RunOptions): Promise<readonly NodeRun[]>;
  runMany(inputs: Iterable<unknown>, options?: ManyOptions): Promise<Answers[]>;
  stream(source: Source<unknown>, options?: StreamOptions): AsyncGenerator<Answers, void, undefined>;
  start(options?: StartOptions): UntypedStream;
}

function readStart(manifest: Manifest, options: StartOptions): Carried {
  checkOptionNames('start', options, ['state']);
  const { state } = options;
  return state === undefined ? new Map() : readStates(manifest, state);
}

/** A text has letters one after the other, too, and is no list of inputs. */
function readSource<S>(of: 'runMany' | 'stream', source: S): S {
  const given: unknown = source;
  const isSource = typeof given === 'object' && given !== null && ((of === 'stream' && Symbol.asyncIterator in given) || Symbol.iterator in given);
  if (isSource) return source;
  return raise(runtimeCodes.finding('input-kind', { field: of, expected: `a list of inputs${of === 'stream' ? ', or another source of them' : ''}`, found: describeInput(given) }));
}
