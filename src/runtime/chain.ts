/** A split model as one session: the encoder runs once, and only those heads of which an output is asked for. */
import { copyTensor, featureKey, type Features, type Kept } from './feature-cache.ts';
import type { RawTensor, Session, SessionPort } from './ort.ts';

export interface HeadSession {
  readonly session: Session;
  /** Names of the tensors that it takes and gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Encoder {
  readonly session: Session;
  /** Tells it from all others: its fingerprint, and its contract. */
  readonly identity: string;
  readonly cache?: Kept | undefined;
}

/** Owns the sessions. What a head takes comes from the encoder where that gives it, else from the feeds. */
export function chainSessions(encoder: Encoder, heads: readonly HeadSession[]): Session {
  const { session: first } = encoder;
  const given = new Set(first.outputs.map((port) => port.name));
  const isOwn = (port: SessionPort): boolean => !given.has(port.name);
  return {
    inputs: byName([...first.inputs, ...heads.flatMap(({ session }) => session.inputs.filter(isOwn))]),
    outputs: byName([...first.outputs, ...heads.flatMap(({ session }) => session.outputs)]),
    run: (feeds, outputs) => runChain(encoder, heads, given, feeds, outputs),
    release: async () => {
      await Promise.all([first, ...heads.map(({ session }) => session)].map((session) => session.release()));
    },
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
  const wanted = [...new Set([...outputs, ...asked.flatMap((head) => head.inputs)])].filter((name) => given.has(name));
  const known = new Map([...feeds, ...(await encode(encoder, feeds, wanted))]);
  const results = new Map(outputs.flatMap((name) => (given.has(name) ? [[name, copyIfKept(encoder, known.get(name)!)] as const] : [])));
  for (const head of asked) {
    const own = head.outputs.filter((name) => outputs.includes(name));
    for (const [name, value] of await head.session.run(pick(known, head.inputs), own)) results.set(name, value);
  }
  return results;
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
