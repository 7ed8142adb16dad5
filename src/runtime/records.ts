/** What is told of each run: to the app, and to OpenTelemetry where its API is installed. */
import { createRequire } from 'node:module';
import type { GuardViolation } from './guards.ts';

/** A head that ran, by the output that it makes. */
export interface HeadRun {
  readonly head: string;
  /** In a rollout the arm that it is; else `current`. */
  readonly arm: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
}

/** One run of a model, refused ones too. */
export interface RunRecord {
  readonly model: string;
  readonly milliseconds: number;
  /** None of a model that is one file, and none where the run failed. */
  readonly heads: readonly HeadRun[];
  readonly violations: readonly GuardViolation[];
  /** The code of the error that the run ended with; `error` of a foreign one. */
  readonly error?: string;
}

/** Told when a run begins; answers with who is to be told of its end. */
export type Observer = () => (record: RunRecord) => void;

type Attributes = Readonly<Record<string, string | number>>;

/** The part of `@opentelemetry/api` that is used. */
interface Api {
  readonly metrics: { getMeter(name: string): { createCounter(name: string, options?: object): { add(value: number, attributes?: Attributes): void }; createHistogram(name: string, options?: object): { record(value: number, attributes?: Attributes): void } } };
  readonly trace: { getTracer(name: string): { startSpan(name: string, options?: { attributes?: Attributes }): { setAttributes(attributes: Attributes): void; setStatus(status: { code: number; message?: string }): void; end(): void } } };
}

const scope = 'mdl-lang';
/** `SpanStatusCode.ERROR` */
const failed = 2;

/** By `createRequire`, as the app's own copy is wanted, and most apps have none. */
function requireApi(): Api | undefined {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as Api;
  } catch {
    return undefined;
  }
}

/** A span, and metrics by head and arm, for each run; undefined where OpenTelemetry's API is not installed. */
export function observeByOpenTelemetry(model: string, find: () => Api | undefined = requireApi): Observer | undefined {
  const api = find();
  if (api === undefined) return undefined;
  const meter = api.metrics.getMeter(scope);
  const requests = meter.createCounter('mdl.requests', { description: 'Runs of a model, by head and arm' });
  const errors = meter.createCounter('mdl.errors', { description: 'Runs that were refused or failed, by code' });
  const violations = meter.createCounter('mdl.guard.violations', { description: 'Runs in which a guard found a demand broken' });
  const duration = meter.createHistogram('mdl.duration', { description: 'How long a run took', unit: 'ms' });
  const tracer = api.trace.getTracer(scope);
  return () => {
    const span = tracer.startSpan('mdl.run', { attributes: { 'mdl.model': model } });
    return ({ milliseconds, heads, violations: found, error }) => {
      const places: readonly Attributes[] = heads.length === 0 ? [{ 'mdl.model': model }] : heads.map(({ head, arm }) => ({ 'mdl.model': model, 'mdl.head': head, 'mdl.arm': arm }));
      for (const place of places) {
        requests.add(1, place);
        duration.record(milliseconds, place);
      }
      for (const { guard } of found) violations.add(1, { 'mdl.model': model, 'mdl.guard': guard.to });
      span.setAttributes(Object.fromEntries(heads.flatMap(({ head, arm, sha256 }) => [[`mdl.head.${head}.arm`, arm], [`mdl.head.${head}.sha256`, sha256]])));
      if (error !== undefined) {
        errors.add(1, { 'mdl.model': model, 'mdl.code': error });
        span.setStatus({ code: failed, message: error });
      }
      span.end();
    };
  };
}
