/** A split model as one session: the encoder runs once, and only those heads of which an output is asked for. */
import { copyTensor, featureKey, type Features, type Kept } from './feature-cache.ts';
import type { Gate } from './gate.ts';
import type { RawTensor, ResidentTensor, Session, SessionPort } from '../session.ts';
import type { HeadThread } from '../rollout/types.ts';
import { stamp } from '../bundle/versions.ts';

/** A head that is loaded. Whoever takes it out of use waits for its gate, and then releases its session. */
export interface HeadSession {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  readonly session: Session;
  /** Where it runs: where the app does, on a thread of its own, or on those of the model's pool. */
  readonly thread: HeadThread;
  readonly gate: Gate;
  /** Names of the tensors that it takes and gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The same head once more, where it does not hold up those who wait for an answer. */
  openAside(): Promise<HeadSession>;
  /** A digest of what its file computes. */
  computation(): Promise<string>;
}

export interface Encoder {
  readonly session: Session;
  readonly sha256: string;
  /** Where its features are kept, under what tells it from all others: the digest of what it computes, and its contract. */
  readonly kept?: { readonly cache: Kept; readonly identity: string } | undefined;
}

/** The heads by name. They are exchanged by setting a member: a run goes on with those that it has begun with. */
export type Heads = Map<string, HeadSession>;

/** Which head makes an output in one run, and who wants to know of it. */
export interface Route {
  readonly head: HeadSession;
  /** Answers where the head fails. */
  readonly fallback?: HeadSession;
  /** Is told how each run of the head, or of its fallback, has ended. */
  readonly settled?: (milliseconds: number, error: unknown, by: HeadSession) => void;
  /** Is shown what the head was given and what came of it. */
  readonly observe?: (given: Features, made: Features) => void;
}

/** The route of the head of a name; undefined where it is the model's own, which is given. */
export type Routing = (name: string, own: HeadSession) => Route | undefined;

export interface Chain extends Session {
  readonly heads: Heads;
  /** The same sessions, with other heads in the place of some, and each run by what stands for it. */
  through(routing: Routing, by?: StandIn): Session;
}

/** What runs in the place of a session. */
export type StandIn = (session: Session) => Session;
const itself: StandIn = (session) => session;

/** Owns the sessions. What a head takes comes from the encoder where that gives it, else from the feeds. */
export function chainSessions(encoder: Encoder, heads: Heads): Chain {
  const { session: first } = encoder;
  const given = new Set(first.outputs.map((port) => port.name));
  const isOwn = (port: SessionPort): boolean => !given.has(port.name);
  const all = [...heads.values()].map(({ session }) => session);
  const ports = {
    inputs: byName([...first.inputs, ...all.flatMap((session) => session.inputs.filter(isOwn))]),
    outputs: byName([...first.outputs, ...all.flatMap((session) => session.outputs)]),
    loadedIn: [first, ...all].reduce((sum, session) => sum + session.loadedIn, 0),
  };
  const through = (routing: Routing, by = itself): Session => ({
    ...ports,
    run: (feeds: Features, outputs) => runChain(by === itself ? encoder : { ...encoder, session: by(first) }, by, [...heads].map(([name, head]) => routing(name, head) ?? { head }), given, feeds, outputs),
    release: async () => {
      await Promise.all([first, ...[...heads.values()].map(({ session }) => session)].map((session) => session.release()));
    },
  });
  return { ...through(() => undefined), heads, through };
}

const byName = (ports: readonly SessionPort[]): readonly SessionPort[] => [
  ...new Map(ports.map((port) => [port.name, port])).values(),
];

/** What came in, and what the encoder has made of it. */
type Known = ReadonlyMap<string, RawTensor | ResidentTensor>;

async function runChain(
  encoder: Encoder,
  by: StandIn,
  routes: readonly Route[],
  given: ReadonlySet<string>,
  feeds: Features,
  outputs: readonly string[],
): Promise<Features> {
  const asked = routes.filter(({ head }) => head.outputs.some((name) => outputs.includes(name)));
  const run = async (): Promise<Features> => {
    const wanted = [...new Set([...outputs, ...asked.flatMap(({ head }) => head.inputs)])].filter((name) => given.has(name));
    const made = await encode(encoder, feeds, wanted);
    try {
      return await runHeads(encoder, by, asked, new Map([...feeds, ...made]), outputs);
    } finally {
      for (const tensor of made.values()) if (isResident(tensor)) tensor.release();
    }
  };
  // The heads are held from here on: the encoder may take long, and they must not be released meanwhile.
  const held = asked.flatMap(({ head, fallback }) => (fallback === undefined ? [head] : [head, fallback]));
  return held.reduce((work, { gate }) => () => gate.pass(work), run)();
}

/** Answers from all that is known, which the features that are asked for are part of. */
async function runHeads(encoder: Encoder, by: StandIn, routes: readonly Route[], known: Known, outputs: readonly string[]): Promise<Features> {
  const results = new Map<string, RawTensor>();
  const versions: Record<string, string> = {};
  for (const name of outputs) {
    const feature = known.get(name);
    if (feature !== undefined && !isResident(feature)) results.set(name, copyIfKept(encoder, feature));
  }
  for (const route of routes) {
    const { head, made } = await runRoute(route, by, known, outputs);
    versions[head.name] = head.sha256;
    for (const [name, value] of made) results.set(name, value);
  }
  return stamp(results, { model: encoder.sha256, heads: versions });
}

/** Runs a route's head, or its fallback where that fails. Answers with the one that has answered. */
async function runRoute(
  { head, fallback, settled, observe }: Route,
  by: StandIn,
  known: Known,
  outputs: readonly string[],
): Promise<{ readonly head: HeadSession; readonly made: Features }> {
  const given = pick(known, head.inputs);
  const wanted = head.outputs.filter((name) => outputs.includes(name));
  const answer = async (asked: HeadSession): Promise<Features> => {
    const started = performance.now();
    try {
      const made = await by(asked.session).run(given, wanted);
      settled?.(performance.now() - started, undefined, asked);
      return made;
    } catch (error) {
      settled?.(performance.now() - started, error, asked);
      throw error;
    }
  };
  let made: Features;
  try {
    made = await answer(head);
  } catch (error) {
    if (fallback === undefined) throw error;
    return { head: fallback, made: await answer(fallback) };
  }
  observe?.(await readAll(given), made);
  return { head, made };
}

/** Who looks on keeps what it sees, longer than the device does. */
async function readAll(given: Known): Promise<Features> {
  const read = new Map<string, RawTensor>();
  for (const [name, tensor] of given) read.set(name, isResident(tensor) ? await tensor.read() : tensor);
  return read;
}

const isResident = (tensor: RawTensor | ResidentTensor): tensor is ResidentTensor => 'resident' in tensor;

/** What is kept must stay as it is, and the app may change what it is given. */
const copyIfKept = ({ kept }: Encoder, tensor: RawTensor): RawTensor => (kept === undefined ? tensor : copyTensor(tensor));

async function encode({ session, kept }: Encoder, feeds: Features, wanted: readonly string[]): Promise<Known> {
  if (wanted.length === 0) return new Map();
  const own = pick(feeds, session.inputs.map((port) => port.name));
  if (session.runResident !== undefined) return session.runResident(own, wanted);
  const compute = (): Promise<Features> => session.run(own, wanted);
  return kept === undefined ? compute() : kept.cache.find(featureKey(kept.identity, own, wanted), compute);
}

const pick = <T>(values: ReadonlyMap<string, T>, names: readonly string[]): ReadonlyMap<string, T> =>
  new Map(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)!] as const] : [])));
