/** Golden rows that are yet to be recorded: a build says so, and goes on where it is told to leave them out. */
import { expect, test } from 'vitest';
import { createFolder, mdl } from './harness.ts';

test('rows that are not there stop a build, but for one without golden rows', async () => {
  const source = 'model Twice {\n  input x: f32[n]\n  output y = x * 2\n}\n\ngolden Twice { data "./rows.jsonl" tolerance 1e-4 }\n';
  const folder = createFolder({ 'package.json': '{ "name": "first" }', 'twice.mdl': source, 'x.json': '[1, 2]' });
  try {
    const refused = await mdl(folder.path, ['build', 'twice.mdl']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('there is no file rows.jsonl')]);
    expect((await mdl(folder.path, ['build', 'twice.mdl', '--no-golden'])).code).toBe(0);
    expect((await mdl(folder.path, ['run', 'dist/Twice', '--input', 'x=x.json'])).stdout).toMatch(/y {2}2\n {2}y {2}4/);
  } finally {
    folder.remove();
  }
});

const twice = 'model Twice {\n  input x: f32[batch, 2]\n  output twice = x * 2\n  output half = x / 2\n}\n\ngolden Twice { data "./rows.jsonl" }\n';
const first = '{"x":[1,2],"twice":[2,4]}\n';

test.each([
  ['an output that others lack', '{"x":[3,4],"half":[1.5,2]}', undefined],
  ['null', '{"x":[3,4],"twice":null}', /row 2 of `rows.jsonl`: `twice` has to be what the output `twice` was, found null/],
  ['none', '{"x":[3,4]}', /its row 2 records no output of `Twice`/],
  ['a text', '{"x":[3,4],"twice":["6",8]}', /`twice` takes f32, found "6" at \[0, 0\][^]*golden Twice[^]*It was row 2 of `rows.jsonl`, as a batch of one/],
  ['a hole', '{"x":[3,4],"twice":[null,8]}', /rows.jsonl/],
])('a row that records %s', async (_, row, refusal) => {
  const folder = createFolder({ 'package.json': '{ "name": "rows" }', 'twice.mdl': twice, 'rows.jsonl': `${first}${row}\n` });
  try {
    const { code, stderr } = await mdl(folder.path, ['build', 'twice.mdl']);
    expect(code).toBe(refusal === undefined ? 0 : 1);
    if (refusal !== undefined) expect(stderr).toMatch(refusal);
  } finally {
    folder.remove();
  }
});
