/** Threads that run sessions side by side. Each holds its own copy of every session: a pool buys throughput with memory. */
import { Worker } from 'node:worker_threads';
import { runtimeCodes } from '../diagnostics/codes/runtime.ts';
import { busy } from './busy.ts';
import { MdlRuntimeError, raise } from './errors.ts';
import type { Session, SessionSettings } from './session.ts';
import type { Outcomes, Reply, Task, Tensors } from './pool-protocol.ts';

/** Makes sessions, on this thread or on others. */
export type CreateSession = (model: string | Uint8Array, settings: SessionSettings) => Promise<Session>;

export interface Pool {
  readonly createSession: CreateSession;
  /** Lets tasks under way end, then the threads. */
  close(): Promise<void>;
}

/** A path relative to this module, before and after bundling. */
const script = new URL('../../dist/js/pool-worker.js', import.meta.url);

interface Job {
  readonly task: Task;
  resolve(value: Outcomes[keyof Outcomes]): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  gone: boolean;
}

/** `waiting` runs at most wait for a thread; more are refused. */
export function createPool(threads: number, waiting: number): Pool {
  const queue: Job[] = [];
  let numbers = 0;
  const all = Array.from({ length: threads }, () => startThread(next));

  /** Gives a thread that has nothing to do the run that has waited longest. */
  function next(): void {
    for (const thread of all) {
      if (queue.length === 0) return;
      if (thread.jobs.size === 0 && !thread.gone) send(thread, queue.shift()!);
    }
    if (all.every(({ gone }) => gone)) for (const job of queue.splice(0)) job.reject(lost());
  }

  function send({ worker, jobs }: Thread, job: Job): void {
    const id = numbers++;
    jobs.set(id, job);
    // A process ends when nobody waits for a thread.
    worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
    worker.postMessage({ ...job.task, id });
  }

  /** A task for one thread, whatever it has to do. */
  const tell = <K extends Task['kind']>(thread: Thread, task: Extract<Task, { kind: K }>): Promise<Outcomes[K]> =>
    new Promise((resolve, reject) => {
      if (thread.gone) reject(lost());
      else send(thread, { task, resolve: (value) => resolve(value as Outcomes[K]), reject });
    });

  const run = (task: Extract<Task, { kind: 'run' }>): Promise<Outcomes['run']> =>
    new Promise((resolve, reject) => {
      if (queue.length >= waiting) return reject(busy(waiting));
      queue.push({ task, resolve: (value) => resolve(value as Outcomes['run']), reject });
      next();
    });

  return {
    async createSession(model, settings) {
      const session = numbers++;
      const release = async (): Promise<void> => {
        await Promise.all(all.filter(({ gone }) => !gone).map((thread) => tell(thread, { kind: 'release', session })));
      };
      // Several threads that make one model at once would hold several times the memory that making it takes.
      const made: Outcomes['open'][] = [];
      for (const thread of all) made.push(await tell(thread, { kind: 'open', session, model, settings }));
      return { ...made[0]!, run: (feeds: Tensors, outputs) => run({ kind: 'run', session, feeds, outputs }), release };
    },
    async close() {
      await Promise.all(all.filter(({ gone }) => !gone).map((thread) => tell(thread, { kind: 'end' })));
    },
  };
}

/** One thread for what must not hold up the others, started when it is first needed. */
export function createAsidePool(): Pool {
  let pool: Pool | undefined;
  return {
    createSession: (model, settings) => (pool ??= createPool(1, asideWaiting)).createSession(model, { ...settings, threads: 1 }),
    close: async () => pool?.close(),
  };
}

/** What runs aside sheds by itself long before. */
const asideWaiting = 1024;

const lost = (): MdlRuntimeError =>
  new MdlRuntimeError(runtimeCodes.finding('runtime-failed', { doing: 'running the model', reason: 'its thread has ended' }));

function startThread(next: () => void): Thread {
  // Some of the process's own flags, such as --input-type, are none that a thread's file could be run with.
  const thread: Thread = { worker: new Worker(script, { execArgv: [] }), jobs: new Map(), gone: false };
  const { worker, jobs } = thread;
  worker.unref();
  worker.on('message', (reply: Reply) => {
    const job = jobs.get(reply.id)!;
    jobs.delete(reply.id);
    if (jobs.size === 0) worker.unref();
    if ('value' in reply) job.resolve(reply.value);
    else job.reject(typeof reply.error === 'string' ? new Error(reply.error) : new MdlRuntimeError(reply.error));
    next();
  });
  const end = (): void => {
    thread.gone = true;
    for (const job of jobs.values()) job.reject(lost());
    jobs.clear();
    next();
  };
  worker.on('error', end);
  worker.on('exit', end);
  return thread;
}

/** Refuses what only one thread can have. */
export function onCpuOnly(create: CreateSession): CreateSession {
  return async (model, settings) => {
    if (settings.provider !== 'cpu') raise(runtimeCodes.finding('device-unavailable', { device: settings.provider, reason: '`workers` run on the CPU' }));
    return create(model, settings);
  };
}
