/** docs/first-steps.md, done as it is written: modules and weights are made, commands run, and the app's code is executed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as runtime from '../../src/runtime/index.ts';
import { safetensors } from '../check/world.ts';
import { createFolder, mdl } from './harness.ts';

const page = readFileSync(new URL('../../docs/first-steps.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```\n/gm)].map(([, language, text]) => ({ language: language!, text: text! }));
const project = createFolder({ 'package.json': '{ "name": "first-steps" }' });
const example = path.resolve(import.meta.dirname, '../../examples/glosses/models/use-lite');
cpSync(path.join(example, 'model.onnx'), path.join(project.path, 'encoder.onnx'));
cpSync(path.join(example, 'tokenizer.json'), path.join(project.path, 'tokenizer.json'));
afterAll(() => project.remove());

/** What the page calls of the package `safetensors`, for machines that have numpy alone. */
const shim = `import json, struct
def save_file(tensors, path, metadata=None):
    header, at = {"__metadata__": metadata or {}}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": {"float32": "F32"}[t.dtype.name], "shape": t.shape, "data_offsets": [at, at + t.nbytes]}
        at += t.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for t in tensors.values()))
`;

function runPython(text: string): void {
  const has = (name: string): boolean => spawnSync('/usr/bin/python3', ['-c', `import ${name}`]).status === 0;
  if (!has('numpy')) {
    console.warn('docs/first-steps.md: its Python is not run, numpy is not there');
    writeFileSync(path.join(project.path, 'kind.safetensors'), safetensors({ w: { dims: [512, 2] }, b: { dims: [2] } }, { classes: '["question","statement"]' }));
    return;
  }
  if (!has('safetensors')) {
    mkdirSync(path.join(project.path, 'shim/safetensors'), { recursive: true });
    writeFileSync(path.join(project.path, 'shim/safetensors/numpy.py'), shim);
  }
  const { status, stderr } = spawnSync('/usr/bin/python3', ['-c', text], { cwd: project.path, encoding: 'utf8', env: { ...process.env, PYTHONPATH: path.join(project.path, 'shim') } });
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

/** The app's code as a function of the runtime: relative paths are those of the project. */
async function runApp(text: string): Promise<readonly unknown[][]> {
  const logged: unknown[][] = [];
  const body = text
    .replace(/^import (\{.*\}) from 'mdl-lang\/runtime';/m, 'const $1 = runtime;')
    .replace("'dist/App'", JSON.stringify(path.join(project.path, 'dist/App')));
  // oxlint-disable-next-line no-new-func -- the page's own code
  const app = new Function('runtime', 'console', `return (async () => {${body}})();`) as (given: typeof runtime, console: object) => Promise<void>;
  await app(runtime, { log: (...values: unknown[]) => logged.push(values) });
  return logged;
}

test('every block does what the page says', async () => {
  let printed = '';
  for (const { language, text } of blocks) {
    if (language === 'mdl') writeFileSync(path.join(project.path, /^\/\/ (\S+)/.exec(text)![1]!), text);
    else if (language === 'python') runPython(text);
    else if (language === 'text') expect(printed).toBe(text);
    else if (language === 'js') expect(await runApp(text)).toEqual([[[2, 2], expect.stringMatching(/^(question|statement)$/)]]);
    else {
      for (const line of text.trim().split('\n')) {
        const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!);
        const { code, stdout, stderr } = await mdl(project.path, words.slice(1));
        expect({ code, stderr }, line).toEqual({ code: 0, stderr: '' });
        printed = stdout;
      }
    }
  }
  expect(blocks.map(({ language }) => language)).toEqual(['sh', 'text', 'mdl', 'python', 'mdl', 'sh', 'text', 'sh', 'js']);
});
