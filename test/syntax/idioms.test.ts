/** What other languages have is answered with how it is said here, and each edit that is offered makes the text readable. */
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';

const read = (text: string) => parse(createSource('t.mdl', text)).diagnostics;
const inPart = (body: string): string => `part f(x: f32[batch, 4], y: f32[batch, 4]) -> f32[batch, 4] {\n  ${body}\n}`;

/** A text, a part of the note, and how often it is mended by an edit. */
const rows: readonly (readonly [text: string, note: string, fixes: number])[] = [
  ['model M(x: f32[batch, 4]) { output y = x }', 'A model has no parentheses', 0],
  [inPart('return x'), 'The last line of a body is its value', 1],
  [inPart('if x { x } else { y }'), 'onnx.Where', 0],
  [inPart('for i in x { y }'), 'There are no loops', 0],
  [inPart('const z = x'), 'by `let`', 0],
  ['model M {\n  x: f32[batch, 4]\n  output y = x\n}', 'begins with a word', 1],
  ['model M {\n  input x: f32[batch, 4]\n  y = x * 2\n}', 'begins with a word', 2],
  ['model M {\n  input x: f32[batch, 4]\n  output y: f32[batch, 4]\n  y = x * 2\n}', 'says at once what it is', 1],
  [inPart('x ** 2'), 'onnx.Pow', 1],
  [inPart('onnx.Relu\n  (x)'), 'on the line of what it calls', 1],
  [inPart('x |> relu\n  (y)'), 'on the line of what it calls', 1],
  [inPart('x\n  (y)'), 'one value, its last line', 0],
  ['part f(x: f32[m], y: f32[n]) -> f32[m] where m == 2 * n { x }', '`x: f32[2 * n]`', 0],
  ['part f(x: f32[m], y: f32[n]) -> f32[m] where n >= 2, m == n + 1 { x }', '`x: f32[2 * n]`', 0],
  [inPart('x > y'), 'onnx.Greater', 0],
  [inPart('param w = f32[4]\n  x * w'), 'stands its type', 1],
  [inPart('x[0]'), 'onnx.Slice', 1],
  [inPart('x[:, -1]'), 'onnx.Slice', 0],
  [inPart('x.shape[0]'), 'Sizes have names in types', 0],
  ['model M {\n  input x: tensor<f32>\n  output y = x\n}', 'its element type and its axes', 0],
  ['contract A = f32[-1, 4]', 'a name of your choice', 1],
  ['contract A = f32[batch, 4] where norm(-1) == 1 +/- 1e-3', 'written `+-`', 1],
  ['part f(x: T) -> T where finite, { x }', 'no comma', 1],
  ['import linear, relu from "std/nn"', 'An import names what it needs', 1],
  ['import std.nn', 'An import names what it needs', 0],
  ['part f(x: T) -> T { x }\nweights "./w.safetensors"', 'before the body', 0],
  ['fit F {\n  loss = mse(a, b)\n}', 'without a sign', 1],
  ['fit F {\n  loss mse(a, b)\n  epochs 20\n}', 'said to the method', 0],
  ['verify V {\n  swap A for B in M\n}', 'stands in for', 1],
  ['def f(x: f32[batch, 4]) -> f32[batch, 4]:\n    return x', 'What computes is a part', 0],
  ['function f(x: f32[batch, 4]) -> f32[batch, 4] { x }', 'What computes is a part', 1],
  ['class Head(nn.Module):\n    pass', 'There are no classes', 0],
  ['enum Mood { sad, glad }', 'labels Mood', 0],
  ['type A = f32[batch, 4]', 'is a contract', 1],
  ['train F {\n  data d = "./d.jsonl"\n  loss mse(a, b)\n}', 'declared as `fit', 1],
  ['fit F {\n  loss mse(a, b)\n  optimizer adam(lr: 1e-3)\n}', 'is its method', 1],
  ['from "std/nn" import { linear, relu }', 'and then the module', 1],
  ['model M {\n  input x: f32[4]\n  part f(x: f32[4]) -> f32[4] { x }\n  output y = f(x)\n}', 'out of the model', 0],
  ['model M {\n  inputs { x: f32[4] }\n}', 'a line of its own', 0],
  ['model M {\n  input x: f32[4]\n  output y: x * 2\n}', 'bound by `=`', 1],
  ['part f(x: f32[4]) -> f32[4] {\n  let y: f32[4] = x * 2\n  y\n}', 'has the type of its value', 1],
  ['part f = lambda x: x * 2', 'stand behind the name', 0],
  ['part f(x: f32[4]) { x * 2 }', 'says what it gives', 0],
  ['part f(x: f32[4]) -> (f32[4], f32[4]) { x }', 'Several are a record', 0],
  ['part f(x = f32[4]) -> f32[4] { x }', 'its type behind a colon', 1],
  ['head H(x: f32[4]) -> f32[4] weights = "./w.safetensors" { x }', 'without a sign', 1],
  ['head H(x: f32[4]) -> f32[4] {\n  weights "./w.safetensors"\n  x\n}', 'in the head of its part', 0],
  ['backbone B = "./b.onnx"', 'stands in its braces', 1],
  ['backbone B {\n  load("./b.onnx")\n}', 'is named by `source', 1],
  ['labels L = {"a", "b"}', 'in brackets', 1],
  ['labels L { "a", "b" }', 'in brackets', 1],
  ['contract A = f32[4] where space "minilm"', 'without quotes', 1],
  ['space s @ v1.2', 'without a `v`', 1],
  ['contract A = f32[4] where 0 <= x <= 1', 'is a range', 1],
  [inPart('let k = n div 2\n  x'), 'stands inside of brackets', 1],
  [inPart('let k = f(x) mod 3 + 1\n  x'), 'stands inside of brackets', 1],
  ['model M {\n  output y = n div 2\n}', 'stands inside of brackets', 1],
  [inPart('onnx.Slice(x, end: n // 2)'), 'Sizes are divided', 1],
  [inPart('f(n//k)'), 'Sizes are divided', 1],
  [inPart('x | f'), 'goes on by `|>`', 1],
  [inPart('x -> f'), 'goes on by `|>`', 1],
  [inPart('x @ y'), 'onnx.MatMul', 1],
  [inPart('(x, y)'), 'are a record', 0],
  [inPart('let (a, b) = x\n  a'), 'fields are taken by their names', 0],
  [inPart('let a, b = x\n  a'), 'fields are taken by their names', 0],
  ['model M {\n  input x: f32[batch, 4]\n  (a, b) = f(x)\n  output y = a\n}', 'fields are taken by their names', 0],
  ['model M {\n  input x: f32[batch, 4]\n  for i in range(3):\n    x = relu(x)\n}', 'There are no loops', 0],
  [inPart('if (x) { x } else { y }'), 'There are no branches', 0],
  [inPart('x if c else y'), 'There are no branches', 1],
  [inPart('let g = lambda z: z * 2\n  g(x)'), 'no functions as values', 0],
  [inPart('let g = z => z * 2\n  g(x)'), 'no functions as values', 0],
  [inPart('self.w = x\n  x'), 'There are no objects', 1],
  [inPart('x += 1\n  x'), 'A value does not change', 0],
  [inPart('"""Doc"""\n  x'), 'stands above it', 0],
  [inPart('f(x)\n  x'), 'one value, its last line', 0],
  [inPart('not x'), 'onnx.Not', 1],
  [inPart('f(x) or y'), 'onnx.And', 1],
  [inPart('f(x) @ y.T'), 'onnx.MatMul', 1],
  ['backbone B {\n  source f"./b.onnx"\n  output y: f32[n]\n}', 'between its quotes', 1],
  ['backbone B {\n  source f"./{n}.onnx"\n  output y: f32[n]\n}', 'between its quotes', 0],
  ['import torch', 'Nothing of Python is imported', 1],
  ['from torch import nn', 'Nothing of Python is imported', 1],
  [inPart('[x * 2 for i in y]'), 'There are no loops', 0],
  ['contract A = f32[?, 4]', 'a name of your choice', 1],
  ['contract C(n: int) = f32[batch, n // 2]', 'is a comment', 1],
  ['backbone L @ 1.0.0 = B weights "./w.safetensors" = learned {\n  replace h = h\n}', 'belongs to an adapter', 0],
];

describe('what other languages have', () => {
  test.each(rows)('%j', (text, note, fixes) => {
    const [first] = read(text);
    expect(first?.notes.join(' ')).toContain(note);
    const mended = (first?.fixes ?? []).map(({ edits }) => applyEdits(text, edits).text);
    expect(mended.map((fixed) => read(fixed).map(({ message }) => message))).toEqual(Array.from({ length: fixes }, () => []));
  });
});
