/** Several requests as one run, where the rows of a model are proved to be computed apart. */
import { busy } from '../busy.ts';
import type { TensorData } from '../inputs/elements.ts';
import type { Features } from './feature-cache.ts';
import type { BatchSettings, RawTensor, Session } from '../session.ts';

interface Job {
  readonly feeds: Features;
  readonly rows: number;
  resolve(made: Features): void;
  reject(error: unknown): void;
}

/** Requests of equal shapes but for their rows, for the same outputs, in the order in which they came. */
interface Group {
  readonly outputs: readonly string[];
  readonly jobs: Job[];
  rows: number;
  timer: NodeJS.Timeout | undefined;
}

/** Outputs that have no rows: each request of a batch gets them as they are, unless they find fault with the batch. */
export interface SharedOutputs {
  readonly names: readonly string[];
  /** Whether each request is to be run alone: what is wrong with a batch, or how large it is, is nothing to tell one request of. */
  findFault(shared: Features): boolean;
}

const nothingShared: SharedOutputs = { names: [], findFault: () => false };

/** A session that puts runs together. None waits longer than `milliseconds`, whatever comes after it. */
export function batchSession(session: Session, { rows: most, milliseconds, waiting }: BatchSettings, shared = nothingShared): Session {
  const groups = new Map<string, Group>();
  let unanswered = 0;

  function flush(key: string): void {
    const group = groups.get(key)!;
    groups.delete(key);
    clearTimeout(group.timer);
    void answer(session, group, shared);
  }

  function join(key: string, outputs: readonly string[], job: Job): void {
    const waitingFor = groups.get(key);
    if (waitingFor !== undefined && waitingFor.rows + job.rows > most) flush(key);
    const group: Group = groups.get(key) ?? { outputs, jobs: [], rows: 0, timer: undefined };
    groups.set(key, group);
    group.jobs.push(job);
    group.rows += job.rows;
    if (group.rows >= most) flush(key);
    else group.timer ??= setTimeout(flush, milliseconds, key);
  }

  async function run(feeds: Features, outputs: readonly string[]): Promise<Features> {
    if (unanswered >= waiting) throw busy(waiting);
    const rows = rowsIn(feeds);
    unanswered++;
    try {
      if (rows === undefined || rows >= most) return await session.run(feeds, outputs);
      return await new Promise((resolve, reject) => join(keyOf(feeds, outputs), outputs, { feeds, rows, resolve, reject }));
    } finally {
      unanswered--;
    }
  }

  return {
    ...session,
    run,
    async release() {
      for (const key of groups.keys()) flush(key);
      await session.release();
    },
  };
}

/** Runs a group as one; where that fails, or something is wrong with the whole of it, each alone, so that one request does not fail the others. */
async function answer(session: Session, { outputs, jobs }: Group, shared: SharedOutputs): Promise<void> {
  const alone = ({ feeds, resolve, reject }: Job): Promise<void> => session.run(feeds, outputs).then(resolve, reject);
  const [first] = jobs;
  if (jobs.length === 1) return alone(first!);
  const total = jobs.reduce((sum, { rows }) => sum + rows, 0);
  const together = new Map([...first!.feeds].map(([name, tensor]) => [name, { ...tensor, data: concatenate(jobs.map(({ feeds }) => feeds.get(name)!.data)), dims: [total, ...tensor.dims.slice(1)] }]));
  // Whoever is at fault is told so by its own run.
  const made = await session.run(together, outputs).catch(() => undefined);
  const common = new Map(shared.names.flatMap((name) => (made?.has(name) === true ? [[name, made.get(name)!]] : [])));
  if (made === undefined || shared.findFault(common)) {
    for (const job of jobs) await alone(job);
    return;
  }
  let at = 0;
  for (const { rows, resolve } of jobs) {
    resolve(new Map([...made].map(([name, tensor]) => [name, common.get(name) ?? rowsOf(tensor, at, at + rows)])));
    at += rows;
  }
}

/** How many rows all tensors have; undefined where they have not the same number, or one has none. */
function rowsIn(feeds: Features): number | undefined {
  const firsts = [...feeds.values()].map(({ dims }) => dims[0]);
  const [first] = firsts;
  return first !== undefined && first > 0 && firsts.every((dim) => dim === first) ? first : undefined;
}

const keyOf = (feeds: Features, outputs: readonly string[]): string => JSON.stringify([outputs, [...feeds].map(([name, { dtype, dims }]) => [name, dtype, dims.slice(1)])]);

function concatenate(parts: readonly TensorData[]): TensorData {
  const first = parts[0]!;
  if (!ArrayBuffer.isView(first)) return (parts as readonly (readonly string[])[]).flat();
  const views = parts as readonly (typeof first)[];
  const all = new (first.constructor as new (length: number) => typeof first)(views.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const view of views) {
    // All are of one dtype.
    (all as Uint8Array).set(view as Uint8Array, at);
    at += view.length;
  }
  return all;
}

function rowsOf({ dtype, data, dims: [all = 1, ...inner] }: RawTensor, from: number, to: number): RawTensor {
  const width = data.length / all;
  return { dtype, data: data.slice(from * width, to * width) as TensorData, dims: [to - from, ...inner] };
}
