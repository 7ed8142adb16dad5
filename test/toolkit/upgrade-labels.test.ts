/** `mdl upgrade` of models with outputs of several kinds: by which column each is judged. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { world, type World } from './made-world.ts';

const source = `import { last, linear, sigmoid, softmax } from "std/nn"
import { truncate } from "std/text"

labels Kind = ["a", "b", "c", "d"]
labels Tag = ["red", "green", "blue", "grey"]
labels Size = ["small", "middle", "large", "huge"]
contract Both = f32[batch, 32]

part Left(z: Both) -> f32[batch, 16] { z |> last(n: 16) }
part Right(z: Both) -> f32[batch, 16] { z |> truncate(to: 16) }
head Tell(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned { e |> linear(out: Kind) |> softmax }
head Say(e: f32[batch, 16]) -> f32[batch, Tag] where range [0, 1] weights "./say.safetensors" = learned { e |> linear(out: Tag) |> sigmoid }
head Measure(e: f32[batch, 16]) -> f32[batch, Size] weights "./measure.safetensors" = learned { e |> linear(out: Size) }
head Amount(e: f32[batch, 16]) -> f32[batch, 1] weights "./amount.safetensors" = learned { e |> linear(out: 1) }
fit Tell { data d = "./heads.jsonl" loss cross_entropy(Tell(Left(d.z)), d.label) method prototypes }
fit Say { data d = "./heads.jsonl" loss binary_cross_entropy(Say(Left(d.z)), d.tags) method lbfgs(penalty: 0.001) }
fit Measure { data d = "./heads.jsonl" loss cross_entropy(softmax(Measure(Left(d.z))), d.label) method lbfgs(penalty: 0.001) }
fit Amount { data d = "./heads.jsonl" loss mse(Amount(Left(d.z)), d.price) method ridge }
`;
const model = (outputs: string): string => `model App {\n  input z: Both\n  let e = Left(z)\n${outputs}}\n`;
const kind = '  output kind = Tell(e)\n';
const tags = '  output tags = Say(e)\n';
const size = '  output size = Measure(e)\n';
const price = '  output price = Amount(e)\n';

type Row = Readonly<Record<string, unknown>>;
/** Of class c the tags that its number has in binary, and a price of its own. */
const ofClass = (c: number): Row => ({ label: c, tags: [c & 1, c >> 1, 1, 0], price: 3 * c - 1 });
const rowsOf = ({ x, y, labels }: World, change: (c: number) => Row = ofClass): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], ...change(labels[i]!) })}\n`).join('');

const folder = createFolder({ 'package.json': '{ "name": "labels" }', 'a.mdl': source, 'heads.jsonl': rowsOf(world(400, 1)), 'pairs.jsonl': rowsOf(world(300, 2)) });
afterAll(() => folder.remove());
beforeAll(async () => {
  const { code, stderr } = await mdl(folder.path, ['fit', 'a.mdl']);
  if (code !== 0) throw new Error(stderr);
}, 120_000);

const held = world(400, 3);
function upgrade(outputs: string, change: (c: number) => Row, ...more: string[]) {
  writeFileSync(path.join(folder.path, 'a.mdl'), `${source}${model(outputs)}`);
  writeFileSync(path.join(folder.path, 'held.jsonl'), rowsOf(held, change));
  return mdl(folder.path, ['upgrade', 'a.mdl', 'Left', 'Right', '--data', 'pairs.jsonl', '--test', 'held.jsonl', ...more]);
}

test('each output is judged by a column of its kind, the one of its name first: class, several labels, number', async () => {
  const { stdout } = await upgrade(kind + tags + price, ofClass, '--json');
  const { notes, results } = JSON.parse(stdout) as { notes: string[]; results: { requirements: { text: string; own?: number }[] }[] };
  expect(notes).toEqual(['By columns of held.jsonl, `App` is judged: `kind` by `label`, `tags` by `tags`, `price` by `price` (r2).']);
  expect(results[0]!.requirements.map(({ text }) => text)).toEqual(['accuracy(y.kind, d.label) >= baseline - 2%', 'accuracy(y.tags, d.tags) >= baseline - 2%', 'r2(y.price, d.price) >= baseline - 2%', 'information.p <= 0.01']);
  // By class numbers the likeliest of its four labels, blue, would be right for the third class alone: a quarter.
  expect(results[0]!.requirements[1]!.own).toBeGreaterThan(0.6);
}, 120_000);

describe('told before anything is learned', () => {
  const alike = (c: number): Row => ({ first: c, second: 3 - c });
  test.each<[string, string, (c: number) => Row, string[], string]>([
    ['two columns of the kind, of which none has its name', kind, alike, [], '`first` and `second` of held.jsonl could each say what `kind` of `App` should be: give --label kind=first or --label kind=second'],
    ['one column of numbers for outputs that tell different things apart', kind + size, (c) => ({ label: c }), [], '`label` of held.jsonl could be the classes of `kind` or of `size` of `App`: give --label kind=label or --label size=label'],
    ['a column of another kind, named for the output', kind, ofClass, ['--label', 'kind=tags'], '`tags` of held.jsonl, which --label names for `kind` of `App`, does not hold the class of each row, its name or its number'],
    ['a column that suits nothing', kind + tags, ofClass, ['--label', 'z'], '--label names `z` of held.jsonl, and no output that rests on `Left` can be judged by it'],
    ['no column of the kind: several labels are not one class', tags, (c) => ({ label: c }), [], 'held.jsonl has no column with the classes of an output that rests on `Left`'],
    ['an output that is not there', kind, ofClass, ['--label', 'kid=label'], 'no output `kid`, which --label speaks of, rests on it; those that do are `kind`. Did you mean `kind`?'],
    ['two columns for all', kind, alike, ['--label', 'first', '--label', 'second'], 'OUTPUT=COLUMN for each'],
  ])('%s', async (_, outputs, change, more, expected) => {
    const { code, stdout, stderr } = await upgrade(outputs, change, ...more);
    expect(stderr.replace(/\n {4}/g, ' ')).toContain(expected);
    expect([code, stdout]).toEqual([2, '']);
  });
});

test.each<[string, string, (c: number) => Row, string[], string[]]>([
  ['the call names one of two', kind, (c) => ({ first: c, second: 3 - c }), ['--label', 'kind=second'], ['`kind` by `second`.']],
  ['a name like its own; a group is no class', kind + tags, (c) => ({ group: c, Kinds: c, tag_labels: [c & 1, c >> 1, 1, 0] }), [], ['`kind` by `Kinds`, `tags` by `tag_labels`.']],
  ['lists of names; the column that all are told of is for classes', kind + tags + price, (c) => ({ label: c, said: c === 0 ? [] : ['red'] }), ['--label', 'label'], ['`kind` by `label`, `tags` by `said`.', 'no other column that is called `price`, with a number in each row: what the upgrade does to `price` of `App` is not measured. --label price=COLUMN names one.']],
  ['scores whose largest wins', size, (c) => ({ size: ['small', 'middle', 'large', 'huge'][c]! }), [], ['`size` by `size`.']],
  ['one-hot rows are no class: it is said what is there', kind + price, (c) => ({ kind: [0, 1, 2, 3].map((k) => Number(k === c)), price: c }), [], ['`price` by `price` (r2).', 'with the class of each row, its name or its number (`kind` holds something else)']],
])('%s', async (_, outputs, change, more, expected) => {
  const { stdout, stderr } = await upgrade(outputs, change, ...more);
  expect(stderr).toBe('');
  for (const line of expected) expect(stdout).toContain(line);
}, 60_000);
