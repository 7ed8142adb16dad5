/** A head that answers nobody: it is shown some of the requests, and compared with the answers that were given. */
import type { HeadSession } from '../serving/chain.ts';
import { copyTensor, type Features } from '../serving/feature-cache.ts';
import { differences, type Specs } from './rows.ts';

/** Requests that may wait for a shadow; more are shed, for it must not hold up those who wait for an answer. */
const maxWaiting = 8;

export interface Shadow {
  readonly head: HeadSession;
  /** Shows it a request, with what was answered. */
  show(given: Features, made: Features): void;
  /** Whether it has work. */
  readonly busy: boolean;
}

export interface ShadowEvents {
  readonly shed?: () => void;
  readonly ran?: (milliseconds: number, error?: unknown) => void;
  /** What it would have answered. */
  readonly answered?: (made: Features) => void;
  /** A row, and whether the shadow would have answered otherwise. */
  readonly compared: (differs: boolean) => void;
}

/** @param sample the part of the requests that it is shown */
export function createShadow(head: HeadSession, specs: Specs, sample: number, { shed, ran, answered, compared }: ShadowEvents): Shadow {
  let waiting = 0;

  async function run(given: Features, made: Features): Promise<void> {
    // What waits for an answer goes first.
    await new Promise((resolve) => setImmediate(resolve));
    const started = performance.now();
    let found: Features;
    try {
      found = await head.session.run(given, [...made.keys()]);
    } catch (error) {
      return ran?.(performance.now() - started, error);
    }
    ran?.(performance.now() - started);
    answered?.(found);
    for (const differs of differences(specs, made, found)) compared(differs);
  }

  return {
    head,
    show(given, made) {
      if (Math.random() >= sample) return;
      if (waiting >= maxWaiting) return shed?.();
      waiting++;
      // The app may change what it was given.
      const [shown, answer] = [copyAll(given), copyAll(made)];
      void head.gate.pass(() => run(shown, answer)).finally(() => void waiting--);
    },
    get busy() {
      return waiting > 0;
    },
  };
}

const copyAll = (tensors: Features): Features => new Map([...tensors].map(([name, tensor]) => [name, copyTensor(tensor)]));
