/** What a model's `budget` leaves to be measured: times and memory of a run, on the device that it names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { bootstrap, quantileInterval, valuesForQuantile, type Estimate, type Verdict } from '../../align/index.ts';
import { showAmount } from './show-amount.ts';
import type { CheckedLimit } from '../../check/tools/model.ts';
import { MdlRuntimeError, type Model } from '../../runtime/index.ts';

export interface BudgetResult {
  /** `latency.p99 <= 20ms on "cpu"` */
  readonly text: string;
  /** `latency.p99`: of which `compared` and `bound` are seconds, bytes or rows a second. */
  readonly metric: string;
  readonly verdict: Verdict;
  /** Undefined where it could not be measured. */
  readonly compared: Estimate | undefined;
  readonly bound: number;
  readonly reason: string;
  /** Runs that were measured. */
  readonly runs: number;
}

export interface MeasuredOn {
  /** Opens the model on a device; the caller closes it. */
  open(device: string): Promise<Model>;
  /** The inputs of so many rows, beginning anywhere; rows come again. */
  inputs(model: Model, from: number, count: number): Promise<Record<string, unknown>>;
}

/** Runs before the clock counts: the first ones make room and choose kernels. */
const warmUp = 10;
const mostRuns = 1000;
const mostSeconds = 20;
/** Rows of a run whose throughput is measured. */
const batchRows = 32;

/** Whether only a run tells it. */
export const isMeasured = (metric: string): boolean => metric.startsWith('latency.') || metric === 'throughput' || metric === 'memory';

/** Every limit that only a run can tell, device by device. */
export async function measureBudgets(limits: readonly CheckedLimit[], on: MeasuredOn): Promise<readonly BudgetResult[]> {
  const left = limits.filter(({ metric }) => isMeasured(metric));
  const results: BudgetResult[] = [];
  for (const device of new Set(left.map((limit) => limit.device ?? 'auto'))) {
    const here = left.filter((limit) => (limit.device ?? 'auto') === device);
    results.push(...(await onDevice(here, device, on)));
  }
  return results;
}

async function onDevice(limits: readonly CheckedLimit[], device: string, on: MeasuredOn): Promise<readonly BudgetResult[]> {
  const baseline = residentBytes(true);
  let model: Model;
  try {
    model = await on.open(device);
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    return limits.map((limit) => judge(limit, undefined, 0, `It could not be loaded there: ${error.finding.message.replace(/\.$/, '')}.`));
  }
  try {
    const latencies = limits.some(({ metric }) => metric.startsWith('latency.')) ? await timesOf(model, 1, on) : [];
    const batches = limits.some(({ metric }) => metric !== 'memory' && !metric.startsWith('latency.')) ? await timesOf(model, batchRows, on) : [];
    if (latencies.length + batches.length === 0) await timesOf(model, 1, on, warmUp);
    const peak = residentBytes(false);
    const where = `On ${model.device.used}`;
    return limits.map((limit) => {
      if (limit.metric === 'memory') {
        const bytes = baseline === undefined || peak === undefined ? undefined : Math.max(0, peak - baseline);
        return judge(limit, bytes === undefined ? undefined : { value: bytes, interval: { low: bytes, high: bytes } }, 1, bytes === undefined ? 'Only Linux tells the peak of a process.' : `${where}, what loading and running added to the process.`);
      }
      if (limit.metric === 'throughput') {
        const rate = bootstrap(batches.length, (rows) => batchRows / (rows.reduce((sum, row) => sum + batches[row]!, 0) / rows.length), { seed: 0, level: 0.9 });
        return judge(limit, rate, batches.length, `${where}, in batches of ${batchRows} rows.`);
      }
      const part = Number(limit.metric.slice('latency.p'.length)) / 100;
      const few = latencies.length < valuesForQuantile(part) ? ` ${valuesForQuantile(part)} runs would bound it.` : '';
      return judge(limit, quantileInterval(latencies.toSorted((a, b) => a - b), part), latencies.length, `${where}, one row a run.${few}`);
    });
  } finally {
    await model.close();
  }
}

/** Seconds of each run. */
async function timesOf(model: Model, rows: number, on: MeasuredOn, runs = mostRuns): Promise<readonly number[]> {
  const times: number[] = [];
  const end = performance.now() + 1000 * mostSeconds;
  for (let run = -warmUp; run < runs && (times.length < 20 || performance.now() < end); run++) {
    const inputs = await on.inputs(model, (run + warmUp) * rows, rows);
    const start = performance.now();
    await model.run(inputs);
    if (run >= 0) times.push((performance.now() - start) / 1000);
  }
  return times;
}

/** The most memory of this process since the last reset, in bytes; undefined where the system does not say. */
function residentBytes(reset: boolean): number | undefined {
  try {
    if (reset) writeFileSync('/proc/self/clear_refs', '5');
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
  } catch {
    return undefined;
  }
}

function judge({ metric, op, bound: { value: bound }, device }: CheckedLimit, compared: Estimate | undefined, runs: number, reason: string): BudgetResult {
  const text = `${metric} ${op} ${showAmount(metric, bound)}${device === undefined ? '' : ` on "${device}"`}`;
  if (compared === undefined) return { text, metric, verdict: 'INCONCLUSIVE', compared, bound, reason, runs };
  const { low, high } = compared.interval;
  const [sure, never] = op.startsWith('>') ? [low >= bound, high < bound] : [high <= bound, low > bound];
  return { text, metric, verdict: sure ? 'PASS' : never ? 'FAIL' : 'INCONCLUSIVE', compared, bound, reason, runs };
}
