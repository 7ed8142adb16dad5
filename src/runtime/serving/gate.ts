/** Counts what is under way, so that closing can wait for it. */
export interface Gate {
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Something begins; whoever says so says `leave` when it has ended. */
  enter(): void;
  leave(): void;
  /** Resolves when nothing is under way. */
  empty(): Promise<void>;
  readonly count: number;
}

export function createGate(): Gate {
  let count = 0;
  let waiting: (() => void)[] = [];
  const enter = (): void => void count++;
  function leave(): void {
    if (--count > 0) return;
    for (const resume of waiting) resume();
    waiting = [];
  }
  return {
    enter,
    leave,
    async pass(work) {
      enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    empty: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    get count() {
      return count;
    },
  };
}
