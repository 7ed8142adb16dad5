/** Facts of values against the recorded cases of ONNX's own test suite, and how near the bounds come. */
import { describe, expect, test } from 'vitest';
import { tensorFacts, type ValueFacts } from '../../../src/ir/infer/facts.ts';
import { inferModel } from '../../../src/ir/infer/index.ts';
import { inRange } from '../../../src/ops/foreign/facts/value-facts.ts';
import { factContradictions } from './fact-contradictions.ts';
import { missing, readCases, type Case, type Recorded } from './testdata.ts';
import { measure, publish, regressions, summarize, type Measured } from './tightness.ts';

if (missing !== undefined) console.log(`ranges of recorded operators are skipped: ${missing}`);

/** Bounds of the recorded inputs; of what holds a NaN nothing is said but the bounds of the rest. */
function givenOf(one: Case): ReadonlyMap<string, ValueFacts> {
  return new Map([...one.inputs].flatMap(([name, recorded]): [string, ValueFacts][] => {
    const numbers = numbersOf(name, recorded, one);
    const some = numbers?.filter((n) => !Number.isNaN(n)) ?? [];
    if (numbers === undefined || some.length === 0) return [];
    const range = some.reduce(({ low, high }, n) => ({ low: Math.min(low, n), high: Math.max(high, n) }), { low: Infinity, high: -Infinity });
    return [[name, { ...inRange(range), ...(numbers.every(Number.isFinite) ? { finite: true } : {}), ...(numbers.every(Number.isInteger) ? { integer: true } : {}) }]];
  }));
}

/** numpy has no bf16: its bits are recorded as u16. */
const numbersOf = (name: string, { dtype, numbers }: Recorded, { model }: Case): Recorded['numbers'] => (dtype === 'u16' && model?.graph.types.get(name)?.dtype === 'bf16' ? undefined : numbers);

/** The recorded inputs' small tensors are constants, as they nearly always are in a graph: shapes, axes, bounds. */
const constantsOf = (one: Case) =>
  new Map(
    [...one.inputs]
      .filter(([name, recorded]) => numbersOf(name, recorded, one) !== undefined)
      .map(([name, { known, dims }]) => [name, dims.length <= 1 && (dims[0] ?? 1) <= 8 ? known : { dtype: known.dtype, dims: known.dims }]),
  );

describe.skipIf(missing !== undefined)('recorded operators', () => {
  const cases = missing === undefined ? readCases('node', 'simple', 'pytorch-converted', 'pytorch-operator').filter((c) => !c.isSequence && c.model !== undefined) : [];

  test('give what is inferred of their values, without exception', () => {
    const wrong: string[] = [];
    const byOperator = new Map<string, Measured[]>();
    let seen = 0;
    for (const one of cases) {
      const model = one.model!;
      const factsOf = tensorFacts(model, inferModel(model, { inputs: constantsOf(one) }), { given: givenOf(one) });
      const op = model.graph.nodes.length === 1 ? model.graph.nodes[0]!.op : undefined;
      for (const [name, recorded] of one.outputs) {
        const { dims } = recorded;
        const numbers = numbersOf(name, recorded, one);
        if (numbers === undefined || !model.graph.outputs.includes(name)) continue;
        const { facts } = factsOf(name);
        seen++;
        wrong.push(...factContradictions(facts, numbers, dims).map((text) => `${one.name}: ${name} ${text}`));
        if (op !== undefined) byOperator.set(op, [...(byOperator.get(op) ?? []), measure(facts, numbers)]);
      }
    }
    const all = new Map([...byOperator].map(([op, measured]) => [op, summarize(measured)]));
    const whole = summarize([...byOperator.values()].flat());
    console.log(`${seen} recorded outputs, ${whole.bounded} % of single operators' bounded, ${whole.median} times as wide as observed (median)`);
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(800);
    if (process.env['UPDATE_GOLDEN']) publish('operators', all);
    expect(regressions('operators', all)).toEqual([]);
  });
});
