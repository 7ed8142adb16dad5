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
