/** A split model as one session: the encoder runs once, and only those heads of which an output is asked for. */
import type { RawTensor, Session, SessionPort } from './ort.ts';

export interface HeadSession {
  readonly session: Session;
  /** Names of the tensors that it takes and gives. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Owns the sessions. What a head takes comes from the encoder where that gives it, else from the feeds. */
export function chainSessions(encoder: Session, heads: readonly HeadSession[]): Session {
  const given = new Set(encoder.outputs.map((port) => port.name));
  const isOwn = (port: SessionPort): boolean => !given.has(port.name);
  return {
    inputs: byName([...encoder.inputs, ...heads.flatMap(({ session }) => session.inputs.filter(isOwn))]),
    outputs: byName([...encoder.outputs, ...heads.flatMap(({ session }) => session.outputs)]),
    run: (feeds, outputs) => runChain(encoder, heads, given, feeds, outputs),
    release: async () => {
      await Promise.all([encoder, ...heads.map(({ session }) => session)].map((session) => session.release()));
    },
  };
}

const byName = (ports: readonly SessionPort[]): readonly SessionPort[] => [
  ...new Map(ports.map((port) => [port.name, port])).values(),
];

async function runChain(
  encoder: Session,
  heads: readonly HeadSession[],
  given: ReadonlySet<string>,
  feeds: ReadonlyMap<string, RawTensor>,
  outputs: readonly string[],
): Promise<ReadonlyMap<string, RawTensor>> {
  const asked = heads.filter((head) => head.outputs.some((name) => outputs.includes(name)));
  const features = [...new Set([...outputs, ...asked.flatMap((head) => head.inputs)])].filter((name) => given.has(name));
  const known = new Map(feeds);
  const own = pick(feeds, encoder.inputs.map((port) => port.name));
  if (features.length > 0) for (const [name, value] of await encoder.run(own, features)) known.set(name, value);
  const results = new Map(outputs.flatMap((name) => (given.has(name) ? [[name, known.get(name)!] as const] : [])));
  for (const head of asked) {
    const wanted = head.outputs.filter((name) => outputs.includes(name));
    for (const [name, value] of await head.session.run(pick(known, head.inputs), wanted)) results.set(name, value);
  }
  return results;
}

const pick = (values: ReadonlyMap<string, RawTensor>, names: readonly string[]): ReadonlyMap<string, RawTensor> =>
  new Map(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)!] as const] : [])));
