/** A split model as one session: the encoder runs once, and only those heads of which an output is asked for. */
import { copyTensor, featureKey, type Features, type Kept } from './feature-cache.ts';
import type { Gate } from './gate.ts';
import type { RawTensor, Session, SessionPort } from './ort.ts';
import { stamp } from './versions.ts';

/** A head that is loaded. Whoever takes it out of use waits for its gate, and then releases its session. */
export interface HeadSession {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  readonly session: Session;
  readonly gate: Gate;
  /** Names of the tensors that it takes and gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Encoder {
  readonly session: Session;
  readonly sha256: string;
  /** Tells it from all others: its fingerprint, and its contract. */
  readonly identity: string;
  readonly cache?: Kept | undefined;
}

/** The heads by name. They are exchanged by setting a member: a run goes on with those that it has begun with. */
export type Heads = Map<string, HeadSession>;

export interface Chain extends Session {
  readonly heads: Heads;
  /** The same sessions, with another head in the place of one. */
  through(head: HeadSession): Session;
}

/** Owns the sessions. What a head takes comes from the encoder where that gives it, else from the feeds. */
export function chainSessions(encoder: Encoder, heads: Heads): Chain {
  const { session: first } = encoder;
  const given = new Set(first.outputs.map((port) => port.name));
  const isOwn = (port: SessionPort): boolean => !given.has(port.name);
  const all = [...heads.values()].map(({ session }) => session);
  const ports = {
    inputs: byName([...first.inputs, ...all.flatMap((session) => session.inputs.filter(isOwn))]),
    outputs: byName([...first.outputs, ...all.flatMap((session) => session.outputs)]),
  };
  const release = async (): Promise<void> => {
    await Promise.all([first, ...[...heads.values()].map(({ session }) => session)].map((session) => session.release()));
  };
  return {
    ...ports,
    heads,
    run: (feeds, outputs) => runChain(encoder, [...heads.values()], given, feeds, outputs),
    release,
    through: (head) => ({
      ...ports,
      run: (feeds, outputs) => runChain(encoder, [...heads.values()].map((own) => (own.name === head.name ? head : own)), given, feeds, outputs),
      release,
    }),
  };
}

const byName = (ports: readonly SessionPort[]): readonly SessionPort[] => [
  ...new Map(ports.map((port) => [port.name, port])).values(),
];

async function runChain(
  encoder: Encoder,
  heads: readonly HeadSession[],
  given: ReadonlySet<string>,
  feeds: Features,
  outputs: readonly string[],
): Promise<Features> {
  const asked = heads.filter((head) => head.outputs.some((name) => outputs.includes(name)));
  const run = async (): Promise<Features> => {
    const wanted = [...new Set([...outputs, ...asked.flatMap((head) => head.inputs)])].filter((name) => given.has(name));
    const known = new Map([...feeds, ...(await encode(encoder, feeds, wanted))]);
    const results = new Map(outputs.flatMap((name) => (given.has(name) ? [[name, copyIfKept(encoder, known.get(name)!)] as const] : [])));
    for (const head of asked) {
      const own = head.outputs.filter((name) => outputs.includes(name));
      for (const [name, value] of await head.session.run(pick(known, head.inputs), own)) results.set(name, value);
    }
    return stamp(results, { model: encoder.sha256, heads: Object.fromEntries(asked.map(({ name, sha256 }) => [name, sha256])) });
  };
  // The heads are held from here on: the encoder may take long, and they must not be released meanwhile.
  return asked.reduce((work, { gate }) => () => gate.pass(work), run)();
}

/** What is kept must stay as it is, and the app may change what it is given. */
const copyIfKept = ({ cache }: Encoder, tensor: RawTensor): RawTensor => (cache === undefined ? tensor : copyTensor(tensor));

async function encode({ session, identity, cache }: Encoder, feeds: Features, wanted: readonly string[]): Promise<Features> {
  if (wanted.length === 0) return new Map();
  const own = pick(feeds, session.inputs.map((port) => port.name));
  const compute = (): Promise<Features> => session.run(own, wanted);
  return cache === undefined ? compute() : cache.find(featureKey(identity, own, wanted), compute);
}

const pick = (values: Features, names: readonly string[]): Features =>
  new Map(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)!] as const] : [])));
