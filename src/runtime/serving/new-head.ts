/** Where a head goes that is to be served from now on: loading it must not hold up those who wait for an answer. */
import type { HeadSession } from './chain.ts';
import type { Makers } from '../bundle/open.ts';
import { createPool, type CreateSession } from '../pool.ts';

/** A head that was just loaded. */
export interface NewHead {
  readonly head: HeadSession;
  /** How long ONNX Runtime took to load it. */
  readonly milliseconds: number;
  /** For how much of that the serving thread did nothing else. */
  readonly stalled: number;
}

/** Opens the head by a maker of sessions. */
type OpenBy = (by: Pick<Makers, 'create' | 'thread'>) => Promise<HeadSession>;

export interface Placing {
  /** It answers nobody. */
  readonly isAside: boolean;
  readonly makers: Makers;
  /** Milliseconds that the serving thread may be held up; undefined where the device can be used on no other thread. */
  readonly stall: number | undefined;
}

/**
 * Opens a head. On the serving thread it is loaded only where that is the only one, as on WebGPU, or where a trial on a thread of its own
 * took at most `stall` milliseconds: there its runs cost least. What took longer stays on the thread that it was tried on.
 */
export async function openNewHead(open: OpenBy, { isAside, makers, stall }: Placing): Promise<NewHead> {
  if (stall === undefined) return here(open, makers);
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

const elsewhere = (head: HeadSession): NewHead => ({ head, milliseconds: head.session.loadedIn, stalled: 0 });

async function here(open: OpenBy, makers: Makers): Promise<NewHead> {
  const started = performance.now();
  const head = await open(makers);
  return { head, milliseconds: head.session.loadedIn, stalled: performance.now() - started };
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
