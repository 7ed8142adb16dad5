/** Where a head goes that is to be served from now on: loading it must not hold up those who wait for an answer. */
import type { HeadSession } from './chain.ts';
import { refuseHead } from '../bundle/head-contract.ts';
import type { Makers } from '../bundle/open.ts';
import { createPool, type CreateSession } from '../pool.ts';

/** A head that was just loaded. */
export interface NewHead {
  readonly head: HeadSession;
  /** From its being asked for to its being there, a trial on another thread included. */
  readonly milliseconds: number;
  /** For how much of that the serving thread did nothing else. */
  readonly stalled: number;
}

type Placed = Omit<NewHead, 'milliseconds'>;

/** Opens the head by a maker of sessions, on the model's device or another one. */
type OpenBy = (by: Pick<Makers, 'create' | 'thread'>, provider?: 'cpu') => Promise<HeadSession>;

export interface Placing {
  /** It answers nobody. */
  readonly isAside: boolean;
  readonly makers: Makers;
  /** Milliseconds that the serving thread may be held up. */
  readonly stall: number;
  /** The model's device. All but the CPU are used on the serving thread alone. */
  readonly provider: string;
}

/**
 * Opens a head. It is loaded on the serving thread only where a trial on a thread of its own took at most `stall` milliseconds: there its runs cost least.
 * What took longer stays on the thread that it was tried on, or is refused where the device, as WebGPU, can be used on no other.
 */
export async function openNewHead(name: string, open: OpenBy, placing: Placing): Promise<NewHead> {
  const started = performance.now();
  const placed = await place(name, open, placing);
  return { ...placed, milliseconds: performance.now() - started };
}

async function place(name: string, open: OpenBy, { isAside, makers, stall, provider }: Placing): Promise<Placed> {
  if (provider !== 'cpu') {
    const expected = await loadedOnCpu(open);
    if (expected !== undefined && expected > stall) refuseStall(name, { provider, expected, stall });
    return here(open, makers);
  }
  if (isAside) return elsewhere(await open({ create: makers.aside, thread: 'own' }));
  if (makers.thread === 'workers') return elsewhere(await open(makers));
  const tried = await open({ create: onOwnThread, thread: 'own' });
  if (tried.session.loadedIn > stall) return elsewhere(tried);
  try {
    return await here(open, makers);
  } finally {
    await tried.session.release();
  }
}

/**
 * How long the file takes to load on the CPU of another thread: reading it, and rearranging graph and weights, is most of what a device's thread would be held up by.
 * Undefined where the CPU has no kernel for it: how long it takes is known when it is loaded.
 */
async function loadedOnCpu(open: OpenBy): Promise<number | undefined> {
  const tried = await open({ create: onOwnThread, thread: 'own' }, 'cpu').catch(() => undefined);
  await tried?.session.release();
  return tried?.session.loadedIn;
}

function refuseStall(name: string, { provider, expected, stall }: { readonly provider: string; readonly expected: number; readonly stall: number }): never {
  const milliseconds = expected.toPrecision(2);
  refuseHead(name, `loading it would hold up the only thread that can use ${provider} for about ${Number(milliseconds)} ms, and \`stall\` allows ${stall}`, [
    'So long it took on the CPU, on a thread of its own. `load(bundle, { stall })` sets the limit; a model that is loaded anew beside this one takes over without it.',
  ]);
}

const elsewhere = (head: HeadSession): Placed => ({ head, stalled: 0 });

async function here(open: OpenBy, makers: Makers): Promise<Placed> {
  const started = performance.now();
  const head = await open(makers);
  return { head, stalled: performance.now() - started };
}

/** Runs that may wait for such a thread. They were let in before, so that none is to be refused here. */
const waiting = Number.MAX_SAFE_INTEGER;

/** A session on a thread that ends with it. */
const onOwnThread: CreateSession = async (model, settings) => {
  const pool = createPool(1, waiting);
  try {
    const session = await pool.createSession(model, settings);
    return {
      ...session,
      async release() {
        await session.release();
        await pool.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
};
