/** What is known of an arm's last requests, and whether a rule says that it has to go. */
import { binOf, driftFrom, type Reference } from '../../bundle/reference.ts';
import type { RollbackRule } from './types.ts';

/** Answers that drift is measured over where no rule says how many. */
const defaultOver = 500;

/** Each method answers why the arm is to be taken out, where the rule says so. */
export interface Watch {
  served(milliseconds: number, failed: boolean): string | undefined;
  /** A row that was compared. */
  compared(differs: boolean): string | undefined;
  /** The elements of one row of an answer. */
  answered(row: ArrayLike<number>): string | undefined;
  readonly drift: number | undefined;
}

export function createWatch(rule: RollbackRule | undefined, reference: Reference | undefined): Watch {
  const over = rule?.over ?? defaultOver;
  const beyond = (value: number, bound: number): boolean => (rule?.inclusive === true ? value >= bound : value > bound);
  const { errorRate, p50Milliseconds, p99Milliseconds, disagreement, drift } = rule ?? {};
  const errors = partOf(errorRate, over, beyond, (count, seen) => `${count} errors in ${seen} requests are more than ${percent(errorRate!)} of ${over}`);
  const differing = partOf(disagreement, over, beyond, (count, seen) => `${count} of ${seen} compared rows differ, more than ${percent(disagreement!)} of ${over}`);
  const slow = [[p50Milliseconds, 0.5], [p99Milliseconds, 0.01]] as const;
  const late = slow.map(([bound, part]) => partOf(bound === undefined ? undefined : part, over, (count, most) => count > most, (count, seen) => `${count} of ${seen} requests took longer than ${bound} ms, more than ${percent(part)} of ${over}`));
  const answers = reference === undefined ? undefined : createRing(over);
  const counts = reference?.shares.map(() => 0) ?? [];
  const distance = (): number | undefined => (answers === undefined || answers.size === 0 ? undefined : driftFrom(reference!, counts));
  return {
    served: (milliseconds, failed) => errors(failed) ?? late.map((check, i) => check(slow[i]![0] !== undefined && beyond(milliseconds, slow[i]![0]))).find((reason) => reason !== undefined),
    compared: differing,
    answered(row) {
      if (answers === undefined) return undefined;
      const bin = Math.min(binOf(reference!, row), counts.length - 1);
      const dropped = answers.push(bin);
      counts[bin]!++;
      if (dropped !== undefined) counts[dropped]!--;
      if (drift === undefined || answers.size < over || !beyond(distance()!, drift)) return undefined;
      return `the last ${over} answers lie ${percent(distance()!)} from the reference, more than ${percent(drift)}`;
    },
    get drift() {
      return distance();
    },
  };
}

/** Watches how many of the last `over` are true. That there are too many is known before there are so many. */
function partOf(bound: number | undefined, over: number, beyond: (value: number, bound: number) => boolean, say: (count: number, seen: number) => string): (value: boolean) => string | undefined {
  if (bound === undefined) return () => undefined;
  const ring = createRing(over);
  let count = 0;
  return (value) => {
    count += Number(value) - (ring.push(Number(value)) ?? 0);
    return beyond(count, bound * over) ? say(count, ring.size) : undefined;
  };
}

interface Ring {
  /** Answers with the value that was dropped for it. */
  push(value: number): number | undefined;
  readonly size: number;
}

/** The last values, whole numbers up to 65,535. */
export function createRing(capacity: number): Ring {
  const values = new Uint16Array(capacity);
  let [size, next] = [0, 0];
  return {
    push(value) {
      const dropped = size === capacity ? values[next] : undefined;
      values[next] = value;
      next = (next + 1) % capacity;
      size = Math.min(size + 1, capacity);
      return dropped;
    },
    get size() {
      return size;
    },
  };
}

export const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;
