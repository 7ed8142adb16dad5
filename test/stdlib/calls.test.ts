/** What is found only where a part is called, and what holds for every caller of one. */
import { describe, expect, test } from 'vitest';
import { checkText } from '../check/world.ts';

const told = (text: string): string[] => checkText(text).diagnostics.map(({ code, message }) => `${code}: ${message}`);

describe('sizes of a call', () => {
  test('that a body cannot work on are told at the call, once', () => {
    const text = 'import { truncate } from "std/text"\nmodel M {\n  input x: f32[batch, 8]\n  output y = truncate(x, to: 16)\n}';
    const compilation = checkText(text);
    expect(told(text)).toEqual(['operator-type: onnx.Slice: 0 to 16 does not lie within the 8 of the axis -1 of f32[batch, 8]']);
    const { span } = compilation.diagnostics[0]!.location;
    expect(text.slice(span.start, span.end)).toBe('truncate(x, to: 16)');
    expect(compilation.models).toEqual([]);
  });

  test('are numbers where they become constants of the program', () => {
    const part = 'part cut(x: f32[n, d], y: f32[k]) -> f32[n, k] {\n  let whole = y\n  onnx.Slice(x, axis: -1, start: 0, end: k) + whole\n}\n';
    const model = 'model M {\n  input x: f32[n, 8]\n  input y: f32[k]\n  output z = cut(x, y)\n}';
    expect(told(part + model)).toEqual(['operator-type: onnx.Slice: `end` is k, which depends on the inputs of the model; it has to be a number here']);
    expect(checkText(part + model).diagnostics[0]!.notes).toEqual([expect.stringContaining('`2`, `n`, `n - 2`, `min(n, 128)`')]);
  });

  test('may be computed', () => {
    const part = 'part last(x: f32[n, d], count: int) -> f32[n, count] {\n  onnx.Slice(x, axis: -1, start: d - count, end: d)\n}\n';
    expect(told(`${part}model M {\n  input x: f32[n, 8]\n  output z = last(x, count: 3)\n}`)).toEqual([]);
  });
});

describe('numbers of a call', () => {
  const scaled = (range: string): string => `contract Unit = f32[n] where range [0, 1]\npart f(x: Unit, by: float = 1) -> f32[n] where range ${range} { x * by }`;

  test('are not taken to be the default while the body is checked', () => {
    expect(told(scaled('[0, 1]'))).toEqual(['unproved-claim: `f` promises range [0, 1], but its body does not prove it']);
    expect(told(scaled('[-inf, inf]'))).toEqual([]);
  });

  test('give ranges where they are written in the body', () => {
    const body = (text: string, range: string) => `contract Unit = f32[n] where range [0, 1]\npart f(x: Unit) -> f32[n] where range ${range} { ${text} }`;
    expect(told(body('x * 2 - 1', '[-1, 1]'))).toEqual([]);
    expect(told(body('(x + 1) / 4', '[0.25, 0.5]'))).toEqual([]);
    expect(told(body('1 / (x + 1)', '[0.5, 1]'))).toEqual([]);
    expect(told(body('1 / x', '[0, inf]'))).toEqual(['unproved-claim: `f` promises range [0, inf], but its body does not prove it']);
    expect(told(body('x * 2 - 1', '[-1, 0.9]'))).toEqual(['unproved-claim: `f` promises range [-1, 0.9], but its body does not prove it']);
  });
});
