/** Counts what is under way, so that closing can wait for it. */
export interface Gate {
  pass<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is under way. */
  empty(): Promise<void>;
  readonly count: number;
}

export function createGate(): Gate {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    async pass(work) {
      count++;
      try {
        return await work();
      } finally {
        if (--count === 0) {
          for (const resume of waiting) resume();
          waiting = [];
        }
      }
    },
    empty: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    get count() {
      return count;
    },
  };
}
