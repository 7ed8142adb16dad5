/** Spans and metrics by OpenTelemetry's API, where it is installed beside the app. Names and units are as its semantic conventions want them. */
import { createRequire } from 'node:module';
import { latencyBuckets } from '../rollout/types.ts';
import type { ArmName, Observer } from './records.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;
type Observe = (result: { observe(value: number, attributes?: Attributes): void }) => void;

interface Meter {
  createCounter(name: string, options?: object): { add(value: number, attributes?: Attributes): void };
  createHistogram(name: string, options?: object): { record(value: number, attributes?: Attributes): void };
  createObservableGauge(name: string, options?: object): { addCallback(observe: Observe): void; removeCallback(observe: Observe): void };
}

interface Span {
  setAttributes(attributes: Attributes): void;
  setStatus(status: { code: number; message?: string }): void;
  end(): void;
}

/** The part of `@opentelemetry/api` that is used. */
export interface Api {
  readonly metrics: { getMeter(name: string): Meter };
  readonly trace: { getTracer(name: string): { startSpan(name: string, options?: { attributes?: Attributes }): Span } };
}

const scope = 'mdl-lang';
/** `SpanStatusCode.ERROR` */
const failed = 2;
/** Durations are counted in seconds. The buckets of OpenTelemetry's own begin at 5 ms, which is long for a head. */
const duration = { unit: 's', advice: { explicitBucketBoundaries: latencyBuckets.map((milliseconds) => milliseconds / 1000) } };

/** By `createRequire`, as the app's own copy is wanted, and most apps have none. */
function requireApi(): Api | undefined {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as Api;
  } catch {
    return undefined;
  }
}

/** Undefined where OpenTelemetry's API is not installed. */
export function observeByOpenTelemetry(model: string, find: () => Api | undefined = requireApi): Observer | undefined {
  const api = find();
  if (api === undefined) return undefined;
  const meter = api.metrics.getMeter(scope);
  const requests = meter.createCounter('mdl.requests', { description: 'Runs of a model', unit: '{request}' });
  const errors = meter.createCounter('mdl.errors', { description: 'Runs that were refused or failed, by code', unit: '{error}' });
  const runs = meter.createHistogram('mdl.run.duration', { description: 'How long a run took', ...duration });
  const headRequests = meter.createCounter('mdl.head.requests', { description: 'Runs of a head, by arm', unit: '{request}' });
  const headErrors = meter.createCounter('mdl.head.errors', { description: 'Runs in which a head threw', unit: '{error}' });
  const headRuns = meter.createHistogram('mdl.head.duration', { description: 'How long the head alone took', ...duration });
  const violations = meter.createCounter('mdl.guard.violations', { description: 'Runs in which a guard found a demand broken', unit: '{violation}' });
  const sessionRuns = meter.createCounter('mdl.session.runs', { description: 'Runs of a session, which may answer several requests; without a head of the file or the encoder', unit: '{run}' });
  const comparisons = meter.createCounter('mdl.arm.comparisons', { description: "Rows of an arm that were compared with another head's", unit: '{row}' });
  const disagreements = meter.createCounter('mdl.arm.disagreements', { description: 'Rows of those in which the two differed', unit: '{row}' });
  const drift = meter.createObservableGauge('mdl.arm.drift', { description: 'Part of the last answers that would have to be others to be distributed as the recorded ones', unit: '1' });
  const tracer = api.trace.getTracer(scope);
  const placeOf = ({ head, arm }: ArmName): Attributes => ({ 'mdl.model': model, 'mdl.head': head, 'mdl.arm': arm });
  return {
    begin() {
      const span = tracer.startSpan('mdl.run', { attributes: { 'mdl.model': model } });
      return ({ milliseconds, heads, violations: found, error }) => {
        const ending: Attributes = error === undefined ? {} : { 'error.type': error };
        requests.add(1, { 'mdl.model': model });
        runs.record(milliseconds / 1000, { 'mdl.model': model, ...ending });
        for (const run of heads) {
          headRequests.add(1, placeOf(run));
          headRuns.record(run.milliseconds / 1000, placeOf(run));
          if (run.failed) headErrors.add(1, placeOf(run));
        }
        for (const { guard } of found) violations.add(1, { 'mdl.model': model, 'mdl.guard': guard.to });
        span.setAttributes({ ...Object.fromEntries(heads.flatMap(({ head, arm, sha256 }) => [[`mdl.head.${head}.arm`, arm], [`mdl.head.${head}.sha256`, sha256]])), ...ending });
        if (error !== undefined) {
          errors.add(1, { 'mdl.model': model, ...ending });
          span.setStatus({ code: failed, message: error });
        }
        span.end();
      };
    },
    ran(head) {
      sessionRuns.add(1, { 'mdl.model': model, ...(head === undefined ? {} : { 'mdl.head': head }) });
    },
    compared(arm, differs) {
      comparisons.add(1, placeOf(arm));
      if (differs) disagreements.add(1, placeOf(arm));
    },
    watch(drifts) {
      const observe: Observe = (result) => {
        for (const arm of drifts()) result.observe(arm.drift, placeOf(arm));
      };
      drift.addCallback(observe);
      return () => drift.removeCallback(observe);
    },
  };
}
