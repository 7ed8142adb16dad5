/** What operators need of open sizes is tested where tools run bodies on data: a slice past the end would be shorter without a word. */
import { afterAll, expect, test } from 'vitest';
import { createFolder, mdl } from './harness.ts';

const source = `import { truncate } from "std/text"
import { linear, softmax } from "std/nn"

labels Kind = ["low", "high"]

part cut(x: f32[batch, n]) -> f32[batch, 8] {
  truncate(x, to: 8)
}

head Judge(x: f32[batch, n]) -> f32[batch, Kind] weights "./judge.safetensors" = learned {
  cut(x) |> linear(out: Kind) |> softmax
}

fit Judge {
  data d = "./rows.jsonl"
  loss cross_entropy(Judge(d.x), d.label)
  seed 1
}

probe Rows { data "./vectors.jsonl" through cut }
`;

const rows = (width: number, label: boolean): string =>
  Array.from({ length: 160 }, (_, i) => `${JSON.stringify({ x: Array.from({ length: width }, (__, k) => Math.sin(i * width + k) + (i % 2) * 3), ...(label ? { label: i % 2 === 0 ? 'low' : 'high' } : {}) })}\n`).join('');

const folder = createFolder({ 'package.json': '{ "name": "rows" }', 'a.mdl': source, 'rows.jsonl': rows(6, true), 'vectors.jsonl': rows(6, false) });
const wide = createFolder({ 'package.json': '{ "name": "rows" }', 'a.mdl': source, 'rows.jsonl': rows(9, true), 'vectors.jsonl': rows(9, false) });
afterAll(() => {
  folder.remove();
  wide.remove();
});

test.each(['fit', 'probe'])('mdl %s says which size breaks which demand', async (command) => {
  const { code, stderr, stdout } = await mdl(folder.path, [command, 'a.mdl']);
  expect(code).toBe(1);
  expect(stdout + stderr).toMatch(/error\[input-shape\]: `x` takes the shape .* is 6, and `truncate` demands .* >= 8/);
});

test.each(['fit', 'probe'])('mdl %s runs where all rows are long enough', async (command) => {
  expect((await mdl(wide.path, [command, 'a.mdl'])).code).toBe(0);
});
