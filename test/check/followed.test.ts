/** A body is followed once for equal arguments: calls that differ in anything get each what follows for them. */
import { describe, expect, test } from 'vitest';
import { briefly, checkText } from './world.ts';

/** The lines of `found` of a model of two calls, and of the two in the other order: each must be judged by itself. */
function faults(parts: string, inputs: string, good: string, bad: string): readonly (readonly string[])[] {
  const model = (one: string, other: string): string => `${parts}\nmodel M {\n${inputs}\n  output one = ${one}\n  output other = ${other}\n}`;
  const lineOf = (text: string): readonly string[] => {
    const shift = text.slice(0, text.indexOf('  output one')).split('\n').length - 1;
    return briefly(checkText(text)).map((place) => place.replace(/^(\d+):\d+/, (_, line: string) => `output ${Number(line) - shift}`));
  };
  return [lineOf(model(good, bad)), lineOf(model(bad, good))];
}

const unit = 'contract Share = f32[n] where range [0, 1]\ncontract Double = f32[n] where range [0, 2]\npart unit(x: Share) -> f32[n] { x * 1 }';

describe('two calls of one part', () => {
  test('differ by what is known of their arguments', () => {
    const parts = `part half(x: float[..., d]) -> float[..., d] { x * 0.5 }\n${unit}`;
    const inputs = '  input a: f32[n] where range [0, 2]\n  input b: f32[n] where range [0, 8]';
    expect(faults(parts, inputs, 'unit(half(a))', 'unit(half(b))')).toEqual([['output 2 unmet-fact'], ['output 1 unmet-fact']]);
  });

  test('differ by their compile-time arguments', () => {
    const parts = `part scaled(x: float[..., d], by: float) -> float[..., d] { x * by }\n${unit}`;
    expect(faults(parts, '  input a: f32[n] where range [0, 1]', 'unit(scaled(a, by: 0.5))', 'unit(scaled(a, by: 2))')).toEqual([['output 2 unmet-fact'], ['output 1 unmet-fact']]);
  });

  test('are the same for callers who call their sizes otherwise', () => {
    const parts = `part half(x: f32[n]) -> f32[n] { x * 0.5 }\n${unit}
part one(x: Double(n: rows)) -> f32[rows] { unit(half(x)) }
part other(x: Double(n: columns)) -> f32[columns] { unit(half(x)) }`;
    const { diagnostics, models } = checkText(`${parts}\nmodel M { input a: f32[n] where range [0, 2] output x = one(a) output y = other(a) }`);
    expect(diagnostics).toEqual([]);
    // The product by 1/2 is one node, and so is that by 1.
    expect(models[0]!.program.steps).toHaveLength(2);
  });

  test('of a part with weights are told each where they do not fit', () => {
    const parts = `adapter cut(x: f32[n, d]) -> f32[n, 8] weights "./square.safetensors" from { w: "w", b: "b" } {
  param w: f32[8, 8]
  param b: f32[8]
  onnx.MatMul(onnx.Slice(x, axis: 1, start: 0, end: 8), w) + b
}`;
    const inputs = '  input a: f32[n, 16]\n  input b: f32[n, 4]';
    expect(faults(parts, inputs, 'cut(a)', 'cut(b)')).toEqual([['output 2 operator-type'], ['output 1 operator-type']]);
  });
});
