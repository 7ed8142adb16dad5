import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolder, mdl } from './harness.ts';

const formatted = 'space use @ 1.0.0\n';
let folder = createFolder();
beforeEach(() => {
  folder = createFolder({ 'fine.mdl': formatted, 'inner/loose.mdl': 'space   use @ 1.0.0', 'node_modules/x/y.mdl': 'space  z @ 1.0.0' });
});
afterEach(() => folder.remove());
const read = (name: string): string => readFileSync(path.join(folder.path, name), 'utf8');

describe('check --fix', () => {
  const wrong = 'import { relu, gelu } from "std/nn"\r\nmodel M {\r\n  input x: float32[n]\r\n  output y = F.relu(x)\r\n}\r\n';
  const right = 'import { relu } from "std/nn"\r\nmodel M {\r\n  input x: f32[n]\r\n  output y = relu(x)\r\n}\r\n';

  test('changes what needs no choice, says what, and then what is left', async () => {
    writeFileSync(path.join(folder.path, 'm.mdl'), wrong);
    const { code, stdout } = await mdl(folder.path, ['check', '--fix', 'm.mdl']);
    expect(read('m.mdl')).toBe(right);
    expect([code, stdout]).toEqual([0, `m.mdl: 3 changes
  unknown-dtype: \`float32\` is no element type: write \`f32\`
  not-callable: \`F.relu\` is an expression and cannot be called: write \`relu(x)\`
  unused-import: \`gelu\` is imported but never used: no longer import \`gelu\`

M: 1 joint, 1 requirement: 1 enforced
`]);
    expect(await mdl(folder.path, ['check', '--fix', 'm.mdl'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing to change without a choice\n\nM: /) as string });
  });

  test('leaves what needs one, and answers in JSON, too', async () => {
    writeFileSync(path.join(folder.path, 'm.mdl'), wrong.replace('relu(x)', 'relu(x, x)'));
    const { code, stdout } = await mdl(folder.path, ['check', '--fix', '--json', 'm.mdl']);
    const answer = JSON.parse(stdout) as { fixed: { file: string; changes: { code: string }[] }[]; diagnostics: { code: string }[] };
    expect(code).toBe(1);
    expect(answer.fixed.map(({ file, changes }) => [file, ...changes.map((change) => change.code)])).toEqual([['m.mdl', 'unknown-dtype']]);
    expect(answer.diagnostics.map((d) => d.code)).toEqual(['not-callable']);
  });
});

describe('fmt', () => {
  test('formats what is not formatted, and names it', async () => {
    const before = statSync(path.join(folder.path, 'fine.mdl')).mtimeMs;
    expect(await mdl(folder.path, ['fmt'])).toEqual({ code: 0, stdout: 'inner/loose.mdl\n', stderr: '1 of 2 files formatted\n' });
    expect([read('inner/loose.mdl'), read('node_modules/x/y.mdl')]).toEqual([formatted, 'space  z @ 1.0.0']);
    expect(statSync(path.join(folder.path, 'fine.mdl')).mtimeMs).toBe(before);
    expect(await mdl(folder.path, ['fmt'])).toMatchObject({ code: 0, stdout: '' });
  });

  test('only says so with --check', async () => {
    expect(await mdl(folder.path, ['fmt', '--check'])).toEqual({
      code: 1,
      stdout: 'inner/loose.mdl\n',
      stderr: '1 of 2 files to be formatted: run mdl fmt\n',
    });
    expect(read('inner/loose.mdl')).toBe('space   use @ 1.0.0');
    expect(await mdl(folder.path, ['fmt', '--check', 'fine.mdl'])).toMatchObject({ code: 0 });
  });

  test('answers in JSON, too', async () => {
    const { code, stdout } = await mdl(folder.path, ['fmt', '--check', '--json']);
    expect([code, JSON.parse(stdout)]).toEqual([1, { ok: false, files: 2, changed: ['inner/loose.mdl'], diagnostics: [] }]);
  });

  test('formats standard input', async () => {
    expect(await mdl(folder.path, ['fmt', '--stdin'], { stdin: 'space   use @ 1.0.0' })).toEqual({ code: 0, stdout: formatted, stderr: '' });
  });

  test('keeps the line ends of a file', async () => {
    writeFileSync(path.join(folder.path, 'fine.mdl'), 'space   use @ 1.0.0\r\nspace b @ 1.0.0\r\n');
    await mdl(folder.path, ['fmt', 'fine.mdl']);
    expect(read('fine.mdl')).toBe('space use @ 1.0.0\r\nspace b @ 1.0.0\r\n');
    expect(await mdl(folder.path, ['fmt', '--check', 'fine.mdl'])).toMatchObject({ code: 0 });
  });

  test('leaves a wrong source as it is, and shows why', async () => {
    writeFileSync(path.join(folder.path, 'inner/loose.mdl'), 'space use @');
    const file = await mdl(folder.path, ['fmt']);
    expect([file.code, read('inner/loose.mdl')]).toEqual([1, 'space use @']);
    expect(file.stderr).toContain('--> inner/loose.mdl:1:');
    expect(file.stderr).toMatch(/\n1 of 2 files cannot be formatted\n$/);
    const stdin = await mdl(folder.path, ['fmt', '--stdin'], { stdin: 'space use @' });
    expect([stdin.code, stdin.stdout]).toEqual([1, '']);
    expect(stdin.stderr).toContain('--> standard input:1:');
  });
});

describe('explain', () => {
  test('prints the page of a code, as it stands in the output, too', async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/diagnostics/space-changed.md'), 'utf8');
    expect(await mdl(folder.path, ['explain', 'space-changed'])).toEqual({ code: 0, stdout: page, stderr: '' });
    expect(await mdl(folder.path, ['explain', 'error[space-changed]'])).toMatchObject({ code: 0, stdout: page });
  });

  test('lists all codes', async () => {
    const { code, stdout } = await mdl(folder.path, ['explain']);
    expect(code).toBe(0);
    const json = JSON.parse((await mdl(folder.path, ['explain', '--json'])).stdout);
    expect(json).toContainEqual({ code: 'space-changed', title: 'A space whose encoder changed under the same version' });
    expect(stdout).toMatch(/^space-changed +A space whose encoder changed under the same version$/m);
  });
});

describe('doctor', () => {
  test('tries every part', async () => {
    const { code, stdout } = await mdl(folder.path, ['doctor', '--json']);
    const json = JSON.parse(stdout);
    expect([code, json.ok, json.node]).toEqual([0, true, process.versions.node]);
    const states = Object.fromEntries(json.parts.map((part: { part: string; state: string }) => [part.part, part.state]));
    expect(states).toMatchObject({ node: 'fine', 'standard library': 'fine', formatter: 'fine', compiler: 'fine', 'prettier plugin': 'missing' });
    for (const { state, steps } of json.parts) if (state === 'missing') expect(steps.length).toBeGreaterThan(0);
  });

  test('reads as a list', async () => {
    writeFileSync(path.join(folder.path, '.prettierrc'), '{ "plugins": ["mdl-lang/prettier"] }');
    const { stdout } = await mdl(folder.path, ['doctor']);
    expect(stdout).toMatch(/^mdl \d+\.\d+\.\d+\n {2}ok {2}node: /);
    expect(stdout).toContain('\n  ok  prettier plugin: named in .prettierrc\n');
  });
});

test('a folder without models is checked all the same', async () => {
  expect(await mdl(folder.path, ['check'])).toEqual({ code: 0, stdout: '2 files checked, no model among them\n', stderr: '' });
});

test('a source that is no text has its finding', async () => {
  writeFileSync(path.join(folder.path, 'fine.mdl'), Uint8Array.from([0x6c, 0xff]));
  const { code, stdout } = await mdl(folder.path, ['check', 'fine.mdl']);
  expect(code).toBe(1);
  expect(stdout).toContain('error[file-not-utf8]: fine.mdl is not UTF-8: byte 1, in line 1, begins no character\n --> fine.mdl\n');
});

describe('graph', () => {
  test('shows what a guard counts as a guard, not as an output', async () => {
    writeFileSync(path.join(folder.path, 'guarded.mdl'), 'model M {\n  input x: f32[batch, 4]\n  output y: f32[batch, 4] where norm(-1) == 1 on violation reject = x\n}\n');
    const { nodes } = JSON.parse((await mdl(folder.path, ['graph', 'guarded.mdl', '--json'])).stdout) as { nodes: { kind: string; lines: string[] }[] };
    const linesOf = (kind: string): readonly string[][] => nodes.filter((node) => node.kind === kind).map(({ lines }) => lines);
    expect(linesOf('port')).toEqual([['x'], ['y']]);
    expect(linesOf('guard')).toEqual([['reject', 'M.y', 'norm(-1) == 1']]);
  });
});
