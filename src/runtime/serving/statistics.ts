/** What is counted of a model's runs since it was loaded, whoever else is told of them. */
import { countLatency, emptyLatency } from './latency.ts';
import type { HeadRun, Observer, RunRecord } from './records.ts';

/** Of a head: its own runs, whatever arm it was. */
export interface HeadStatistics {
  readonly requests: number;
  readonly errors: number;
  /** Runs in which a guard found a demand broken. */
  readonly violations: number;
  /** Runs by `latencyBuckets`, and those beyond the last. */
  readonly latency: readonly number[];
  /**
   * Runs of its session; of a model, of its file or its encoder. Fewer than requests where several were put together, or features were kept; more where golden
   * rows, shadows, or requests that failed together and were tried alone ran, too.
   */
  readonly sessionRuns: number;
}

export interface ModelStatistics extends HeadStatistics {
  /** The errors by their codes; `error` counts foreign ones. */
  readonly codes: Readonly<Record<string, number>>;
  /** Of a split model, by the heads' names. In a file of one piece heads cannot be told apart. */
  readonly heads: Readonly<Record<string, HeadStatistics>>;
}

interface Counts {
  requests: number;
  errors: number;
  violations: number;
  sessionRuns: number;
  readonly latency: number[];
}

export interface Statistics extends Observer {
  readonly value: ModelStatistics;
}

const newCounts = (): Counts => ({ requests: 0, errors: 0, violations: 0, sessionRuns: 0, latency: emptyLatency() });
const copy = (counts: Counts): HeadStatistics => ({ ...counts, latency: [...counts.latency] });

export function createStatistics(heads: readonly string[]): Statistics {
  const all = newCounts();
  const codes = new Map<string, number>();
  const byHead = new Map(heads.map((head) => [head, newCounts()]));

  function count(counts: Counts, { milliseconds }: Pick<RunRecord | HeadRun, 'milliseconds'>, failed: boolean, violated: boolean): void {
    counts.requests++;
    counts.errors += Number(failed);
    counts.violations += Number(violated);
    countLatency(counts.latency, milliseconds);
  }

  function end(record: RunRecord): void {
    const { error, violations } = record;
    count(all, record, error !== undefined, violations.length > 0);
    if (error !== undefined) codes.set(error, (codes.get(error) ?? 0) + 1);
    for (const run of record.heads) count(byHead.get(run.head)!, run, run.failed, run.violations > 0);
  }

  return {
    begin: () => end,
    ran(head) {
      (head === undefined ? all : byHead.get(head)!).sessionRuns++;
    },
    get value() {
      return { ...copy(all), codes: Object.fromEntries(codes), heads: Object.fromEntries([...byHead].map(([head, counts]) => [head, copy(counts)])) };
    },
  };
}
