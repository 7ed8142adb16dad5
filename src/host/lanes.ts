/**
 * A few tasks at a time, each with a buffer of its own: what reads and writes files is done by threads of Node's, so that
 * several processors copy.
 */

export interface Lanes {
  /** Begins a task once a lane is free. Throws what an earlier task threw. */
  begin(task: (buffer: Buffer) => Promise<void>): Promise<void>;
  /** Waits for all tasks that were begun. Throws likewise. */
  finish(): Promise<void>;
  /** Waits likewise, whatever becomes of them. */
  settle(): Promise<void>;
}

export function createLanes(count: number, bufferBytes: number): Lanes {
  const free: Buffer[] = [];
  const busy = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const complain = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  const settle = async (): Promise<void> => void (await Promise.all(busy));
  return {
    settle,
    async begin(task) {
      if (busy.size >= count) await Promise.race(busy);
      complain();
      const buffer = free.pop() ?? Buffer.allocUnsafe(bufferBytes);
      const done = task(buffer)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => {
          free.push(buffer);
          busy.delete(done);
        });
      busy.add(done);
    },
    async finish() {
      await settle();
      complain();
    },
  };
}
