/** What is told of runs: to the app, and to OpenTelemetry. */
import { afterAll, expect, test } from 'vitest';
import type { RunRecord } from '../../src/runtime/index.ts';
import { withOrigin } from '../../src/runtime/bundle/origin.ts';
import { MdlRuntimeError } from '../../src/runtime/errors.ts';
import { ortFinding } from '../../src/runtime/ort.ts';
import { observeByOpenTelemetry } from '../../src/runtime/serving/open-telemetry.ts';
import { loadText } from './built.ts';

const text = 'model M { input x: f32[batch, 2] where range [0, 1] output y = x + x }';
const records: RunRecord[] = [];
const model = await loadText(text, {}, { onRun: (run) => void records.push(run), telemetry: false });
afterAll(() => model.close());

test('the app is told of each run, of refused ones too', async () => {
  await model.run({ x: [[0, 1]] });
  await model.run({ x: [[0, 2]] }).catch(() => undefined);
  expect(records).toMatchObject([{ model: 'M', heads: [], violations: [] }, { model: 'M', error: 'input-value' }]);
  expect(records.every(({ milliseconds }) => milliseconds > 0)).toBe(true);
});

test('spans and metrics carry heads, arms and codes', () => {
  const seen: unknown[][] = [];
  const note = (name: string) => (...values: unknown[]) => void seen.push([name, ...values]);
  const gauge: unknown[] = [];
  const meter = {
    createCounter: (name: string) => ({ add: note(name) }),
    createHistogram: (name: string) => ({ record: note(name) }),
    createObservableGauge: () => ({ addCallback: (observe: unknown) => void gauge.push(observe), removeCallback: (observe: unknown) => void gauge.splice(gauge.indexOf(observe), 1) }),
  };
  const span = { setAttributes: note('attributes'), setStatus: note('status'), end: note('end') };
  const observer = observeByOpenTelemetry('M', () => ({ metrics: { getMeter: () => meter }, trace: { getTracer: () => ({ startSpan: () => span }) } }))!;
  const head = { head: 'topic', arm: 'Next', sha256: 'ab', milliseconds: 2, failed: true, violations: 0 };
  observer.begin()({ model: 'M', milliseconds: 3, heads: [head], violations: [] });
  observer.begin()({ model: 'M', milliseconds: 1, heads: [], violations: [], error: 'input-shape' });
  const place = { 'mdl.model': 'M', 'mdl.head': 'topic', 'mdl.arm': 'Next' };
  observer.ran!(undefined);
  observer.ran!('topic');
  observer.compared!({ head: 'topic', arm: 'Next' }, true);
  const stop = observer.watch!(() => [{ head: 'topic', arm: 'Next', drift: 0.25 }]);
  (gauge[0] as (result: object) => void)({ observe: note('mdl.arm.drift') });
  stop();
  expect(gauge).toEqual([]);
  const failed = { 'error.type': 'input-shape' };
  expect(seen).toEqual([
    ['mdl.requests', 1, { 'mdl.model': 'M' }],
    ['mdl.run.duration', 0.003, { 'mdl.model': 'M' }],
    ['mdl.head.requests', 1, place],
    ['mdl.head.duration', 0.002, place],
    ['mdl.head.errors', 1, place],
    ['attributes', { 'mdl.head.topic.arm': 'Next', 'mdl.head.topic.sha256': 'ab' }],
    ['end'],
    ['mdl.requests', 1, { 'mdl.model': 'M' }],
    ['mdl.run.duration', 0.001, { 'mdl.model': 'M', ...failed }],
    ['attributes', failed],
    ['mdl.errors', 1, { 'mdl.model': 'M', ...failed }],
    ['status', { code: 2, message: 'input-shape' }],
    ['end'],
    ['mdl.session.runs', 1, { 'mdl.model': 'M' }],
    ['mdl.session.runs', 1, { 'mdl.model': 'M', 'mdl.head': 'topic' }],
    ['mdl.arm.comparisons', 1, place],
    ['mdl.arm.disagreements', 1, place],
    ['mdl.arm.drift', 0.25, place],
  ]);
  expect(observeByOpenTelemetry('M', () => undefined)).toBeUndefined();
});

test('a foreign node is traced to the declaration that brought it', () => {
  const error = new MdlRuntimeError(ortFinding('running the model', new Error("Non-zero status code returned while running Gather node. Name:'/encoder/Gather_3' Status Message: out of bounds")));
  const backbone = { name: 'Mini', at: 'encoder.mdl:4:10', source: 'mini.onnx', card: {} };
  expect((withOrigin(error, [backbone]) as MdlRuntimeError).notes).toEqual(['The node `/encoder/Gather_3` is of the backbone `Mini` (encoder.mdl:4:10), from mini.onnx.']);
  const two = [backbone, { ...backbone, name: 'Other', at: 'encoder.mdl:9:10', source: 'other.onnx' }];
  expect((withOrigin(error, two) as MdlRuntimeError).notes).toEqual(['The node `/encoder/Gather_3` is of one of these: the backbone `Mini` (encoder.mdl:4:10), from mini.onnx; the backbone `Other` (encoder.mdl:9:10), from other.onnx.']);
  expect(withOrigin(error, [])).toBe(error);
});
