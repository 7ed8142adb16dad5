/**
 * Bodies that were followed before are put into programs as templates. Each program is what it is where every call is followed for itself, as it
 * is where parts are exchanged: here none.
 */
import { expect, test } from 'vitest';
import type { CheckedModel } from '../../src/check/model.ts';
import type { Symbol } from '../../src/names/modules.ts';
import type { Compilation } from '../../src/compile.ts';
import type { ModelDecl } from '../../src/syntax/ast.ts';
import { rightSources } from './right-sources.ts';
import { checkFiles, checkText } from './world.ts';

/** All that a file is written from, and where joints and guards lie in it. */
const written = ({ program, guards, needlessGuards, demands, places }: CheckedModel): unknown => ({
  ...program,
  steps: program.steps.map((step) => (step.kind === 'link' ? { ...step, model: step.model.uri } : step)),
  guards,
  needlessGuards,
  demands,
  places,
});

function followedAlone({ scopes, lowerSwapped }: Compilation, { uri, name }: CheckedModel): CheckedModel {
  const alone = lowerSwapped(scopes.get(uri)!.names.get(name) as Symbol<ModelDecl>, new Map());
  if (typeof alone === 'string') throw new Error(alone);
  return alone;
}

test('programs of templates are those of calls that are each followed for themselves', () => {
  let models = 0;
  for (const files of rightSources) {
    const compilation = checkFiles(files);
    for (const model of compilation.models) expect(written(model), `${model.name} of ${Object.keys(files)[0]}`).toEqual(written(followedAlone(compilation, model)));
    models += compilation.models.length;
  }
  expect(models).toBeGreaterThan(20);
});

/** The sizes of what the operators of one kind make, in the words of the program. */
const madeBy = (op: string, { program }: CheckedModel): readonly unknown[] =>
  program.steps.flatMap((step) => (step.kind === 'operation' && step.op === op ? step.outputs.map((output) => JSON.stringify(program.types.get(output)?.dims)) : []));

test('a body that chooses a size chooses another one at each call', () => {
  const compilation = checkText(`part some_rows(x: f32[n, 8]) -> f32[some m, 8] { onnx.Abs(x) }
part sum(x: f32[n, 8]) -> f32[8] { onnx.ReduceSum(onnx.Relu(some_rows(x)), axes: [0], keepdims: false) }
model M {
  input a: f32[rows, 8]
  input b: f32[rows, 8]
  output one = sum(a)
  output other = sum(b)
}`);
  expect(compilation.diagnostics).toEqual([]);
  const [model] = compilation.models;
  expect(new Set(madeBy('Relu', model!)).size).toBe(2);
});

test('two programs that name their sizes otherwise have each their own', () => {
  const { diagnostics, models } = checkText(`part shift(x: f32[n, d]) -> f32[n, d] { onnx.Relu(x + 1) }
part twice(x: f32[n, d]) -> f32[n, d] { shift(shift(x)) }
model M { input x: f32[rows, 4]  output y = twice(x) }
model N { input x: f32[lines, 4]  output y = twice(x) }
model W { input x: f32[2*lines, 4]  output y = twice(x) }`);
  expect(diagnostics).toEqual([]);
  const named = (model: CheckedModel): readonly string[] => madeBy('Relu', model).map((dims) => /"name":"(\w+)"/.exec(String(dims))![1]!);
  expect(models.map(named)).toEqual([['rows', 'rows'], ['lines', 'lines'], ['lines', 'lines']]);
});
