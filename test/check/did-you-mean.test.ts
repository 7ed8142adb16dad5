/** A word with one slip, of every kind that a program has: the message names what was meant, and an edit writes it. */
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { checkFiles } from './world.ts';

const base = `
space meaning @ 1.0.0
tokenizer words @ 1.0.0
labels Mood = ["sad", "glad"]
attribute colour { red, green }
contract Vector = f32[batch, 4]
contract Pair { left: f32[batch, 4]  right: f32[batch, 4] }
part halved(x: f32[batch, 4], factor: float = 0.5) -> f32[batch, 4] { x * factor }
adapter Bridge(x: f32[batch, 4]) -> f32[batch, 4] weights "./b.safetensors" = learned { param w: f32[4, 4]  onnx.MatMul(x, w) }
model Whole {
  input x: f32[batch, 4]
  output first = Bridge(halved(x))
}
`;

const body = (value: string): string => `part probe_part(x: f32[batch, 4], pair: Pair) -> f32[batch, 4] { ${value} }`;
const fit = (members: string): string => `fit Bridge {\n  data d = "./d.jsonl"\n  ${members}\n}`;
const loss = 'loss mse(Bridge(d.x), d.y)';

const rows: readonly (readonly [kind: string, text: string, meant: string])[] = [
  ['a part', body('halvd(x)'), 'halved'],
  ['a part of the library that is not imported', body('sofmax(x)'), 'softmax'],
  ['a short one', body('relux(x)'), 'relu'],
  ['an operator', body('onnx.Sofmax(x)'), 'Softmax'],
  ['an attribute of an operator', body('onnx.Softmax(x, axs: -1)'), 'axis'],
  ['a parameter of a part', body('halved(x, facter: 0.5)'), 'factor'],
  ['a field', body('pair.lefft'), 'left'],
  ['a value', 'part other(vector: f32[4]) -> f32[4] { vectr }', 'vector'],
  ['a space', 'contract A = f32[4] where space meanin', 'meaning'],
  ['a tokenizer', 'contract A = i64[4] where tokenizer wrds', 'words'],
  ['labels', 'contract A = f32[batch, Moood]', 'Mood'],
  ['a contract', 'part other(x: Vectr) -> f32[batch, 4] { x }', 'Vector'],
  ['an attribute', 'contract A = f32[4] where color == red', 'colour'],
  ['a value of an attribute', 'contract A = f32[4] where colour == gren', 'green'],
  ['an element type', 'contract A = flot[4]', 'float'],
  ['a fact', 'contract A = f32[4] where finte', 'finite'],
  ['a kind of fault', 'contract A = f32[4] where finite on violation rejct', 'reject'],
  ['a name of a module', 'import { softmx } from "std/nn"', 'softmax'],
  ['a module of the library', 'import { softmax } from "std/n"', 'std/nn'],
  ['a declaration', 'modl M {\n  input x: f32[4]\n  output y = x\n}', 'model'],
  ['a member of a model', 'model M {\n  input x: f32[4]\n  outpt y = x\n}', 'output'],
  ['the part of a fit', 'fit Brige {\n  data d = "./d.jsonl"\n  loss mse(Bridge(d.x), d.y)\n}', 'Bridge'],
  ['a loss', fit('loss msse(Bridge(d.x), d.y)'), 'mse'],
  ['a longer loss', fit('loss cosin(Bridge(d.x), d.y)'), 'cosine'],
  ['a method', fit(`${loss}\n  method adm`), 'adam'],
  ['an option of a method', fit(`${loss}\n  method adam(epoch: 3)`), 'epochs'],
  ['a word of an option', fit(`${loss}\n  method adam(schedule: "cosin")`), 'cosine'],
  ['a member of a tool', fit(`${loss}\n  methd adam`), 'method'],
  ['the model of a swap', 'verify V {\n  swap Bridge with halved in Whle\n  data d = "./d.jsonl"\n}', 'Whole'],
  ['the part of a swap', 'verify V {\n  swap Bridg with halved in Whole\n  data d = "./d.jsonl"\n}', 'Bridge'],
  ['a metric', 'verify V {\n  swap Bridge with halved in Whole\n  data d = "./d.jsonl"\n  let y = Whole(d.x)\n  require cosin(y.first, d.y) >= 0.5\n}', 'cosine'],
  ['an output in a requirement', 'verify V {\n  swap Bridge with halved in Whole\n  data d = "./d.jsonl"\n  let y = Whole(d.x)\n  require cosine(y.frst, d.y) >= 0.5\n}', 'first'],
  ['the part of a probe', 'probe P {\n  data "./d.jsonl"\n  through Bridge, halvd\n}', 'halved'],
  ['the model of golden data', 'golden Whle {\n  data "./d.jsonl"\n}', 'Whole'],
  ['a cost', 'model M {\n  input x: f32[4]\n  output y = x\n  budget { byts <= 1MB }\n}', 'bytes'],
  ['a unit', 'model M {\n  input x: f32[4]\n  output y = x\n  budget { bytes <= 1Mib }\n}', 'MiB'],
  ['the head of an arm', 'head Labels(x: f32[batch, 4]) -> f32[batch, 4] { x * 2 }\nmodel Headed {\n  input x: f32[batch, 4]\n  output first = Labels(x)\n}\nrollout R of Headed {\n  slot first {\n    arm Lables 100%\n  }\n}', 'Labels'],
  ['a slot', 'rollout R of Whole {\n  slot frst {\n    arm Bridge 100%\n  }\n}', 'first'],
];

test.each(rows)('%s: %s', (_, text, meant) => {
  const whole = `${base}\n${text}\n`;
  const { diagnostics } = checkFiles({ 'a.mdl': text.startsWith('import') ? `${text}\n${base}` : whole });
  const source = text.startsWith('import') ? `${text}\n${base}` : whole;
  const written = diagnostics.flatMap(({ fixes }) => fixes.map(({ edits }) => applyEdits(source, edits).text));
  expect(written.some((fixed) => fixed.split(meant).length > source.split(meant).length), diagnostics.map(({ message, label }) => `${message} ${label}`).join('\n')).toBe(true);
});

test.each(['ArgMin', 'Elu', 'Xor', 'PRelu', 'Tan', 'Sin', 'Hardmax', 'ReduceLogSum', 'InstanceNormalization', 'Sum', 'Mean'])('%s is an operator of ONNX, and no slip of the finger', (name) => {
  const { diagnostics } = checkFiles({ 'main.mdl': `${base}${body(`onnx.${name}(x)`)}` });
  const found = diagnostics.filter(({ code }) => code === 'unknown-operator');
  expect(found.map(({ label, fixes }) => [label, fixes])).toEqual([['ONNX has it, but a body cannot call it', []]]);
});
