/** The command line on the example with real models. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGlosses, mdl, type Answer, type Setting } from './harness.ts';

let glosses = { path: '', remove: (): void => undefined };
beforeAll(() => void (glosses = createGlosses()));
afterAll(() => glosses.remove());
const call = (args: readonly string[], setting?: Setting): Promise<Answer> => mdl(glosses.path, args, setting);
const at = (...names: string[]): string => path.join(glosses.path, ...names);
const texts = ['a small tree with red berries', 'booth for using a telephone'];

describe('check', () => {
  test('says how the joints are known to fit, and locks the foreign files', async () => {
    expect(await call(['check', 'glosses.mdl', '--locked'])).toMatchObject({ code: 1, stdout: expect.stringContaining('error[lock-missing]') });
    const { code, stdout, stderr } = await call(['check', 'glosses.mdl']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Glosses: \d+ joints, \d+ requirements: (\d+ (proved|measured|enforced|declared)(, )?)+\n$/);
    const [requirements = 0, ...kinds] = [...stdout.matchAll(/(\d+) (?:requirements|proved|measured|enforced|declared)/g)].map((m) => Number(m[1]));
    expect(kinds.reduce((sum, n) => sum + n, 0)).toBe(requirements);

    const lock = JSON.parse(readFileSync(at('mdl.lock'), 'utf8'));
    expect(Object.keys(lock.files)).toEqual([
      'heads/living.safetensors', 'heads/topic.safetensors', 'models/use-lite/model.onnx', 'models/use-lite/tokenizer.json',
    ]);
    expect(lock.spaces['glosses#use@1.0.0']).toEqual({
      'encoder.mdl#Encode()': expect.stringMatching(/^[0-9a-f]{64}$/),
      'models/use-lite/model.onnx': lock.files['models/use-lite/model.onnx'].sha256,
    });
    expect(await call(['check', 'glosses.mdl', '--locked'])).toMatchObject({ code: 0 });
  });

  test('shows the wrong joint of all sources of the folder', async () => {
    const { code, stdout } = await call(['check']);
    expect(code).toBe(1);
    expect(stdout).toContain('error[tokenizer-mismatch]');
    expect(stdout).toContain('--> wrong.mdl:12:35');
    expect(stdout).toMatch(/\n\n1 error in 1 file\n$/);
  });

  test('has one JSON document for other programs', async () => {
    const { code, stdout } = await call(['check', 'wrong.mdl', 'glosses.mdl', '--json']);
    const json = JSON.parse(stdout);
    expect([code, json.ok, json.counts]).toEqual([1, false, { error: 1, warning: 0, info: 0 }]);
    expect(json.diagnostics[0]).toMatchObject({ code: 'tokenizer-mismatch', file: 'wrong.mdl', range: { start: { line: 11, character: 34 } } });
    const { stdout: fine } = await call(['check', 'glosses.mdl', '--json']);
    expect(JSON.parse(fine)).toMatchObject({ ok: true, models: [{ name: 'Glosses', file: 'glosses.mdl' }] });
  });

  test('refuses an encoder that changed, until its version does or it is accepted', async () => {
    const own = createGlosses();
    const lock = path.join(own.path, 'mdl.lock');
    const forget = (): void => writeFileSync(lock, readFileSync(lock, 'utf8').replaceAll(/("models\/use-lite\/model.onnx": )"\w{64}"/g, `$1"${'0'.repeat(64)}"`));
    await mdl(own.path, ['check', 'glosses.mdl']);
    forget();
    const changed = await mdl(own.path, ['check', 'glosses.mdl']);
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining('error[space-changed]') });
    expect(changed.stdout).toContain('\n 7 | space use @ 2.0.0\n');
    expect((await mdl(own.path, ['build', 'glosses.mdl'])).code).toBe(1);
    expect(existsSync(path.join(own.path, 'dist'))).toBe(false);
    expect(await mdl(own.path, ['check', 'glosses.mdl', '--accept'])).toMatchObject({ code: 0 });
    expect(await mdl(own.path, ['check', 'glosses.mdl', '--locked'])).toMatchObject({ code: 0 });
    writeFileSync(lock, '{');
    expect(await mdl(own.path, ['check', 'glosses.mdl'])).toMatchObject({ code: 1, stdout: expect.stringContaining('error[lock-invalid]') });
    own.remove();
  });

  test('watches, and ends when it is told to', async () => {
    const own = createGlosses();
    const end = new AbortController();
    let fixed = false;
    const watching = mdl(own.path, ['check', 'wrong.mdl', '--watch'], {
      signal: end.signal,
      watch: (stdout) => {
        if (stdout.includes('1 error in 1 file') && !fixed) {
          fixed = true;
          const text = readFileSync(path.join(own.path, 'wrong.mdl'), 'utf8');
          const right = text.replace('tokens: Bytes', 'tokens: Sentences').replace('{ Encode }', '{ Encode, Sentences }');
          // Before anybody watches: what was read is overtaken.
          writeFileSync(path.join(own.path, 'wrong.mdl'), right);
        }
        if (/Wrong: \d+ joints/.test(stdout)) end.abort();
      },
    });
    expect((await watching).stdout).toMatch(/Wrong: \d+ joints/);
    own.remove();
  });
});

describe('build', () => {
  test('writes a bundle, the same bytes each time, and prints where', async () => {
    const { code, stdout } = await call(['build', 'glosses.mdl']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Glosses: dist\/Glosses, 28\.\d MB in \d files, \d+\.\d\d s\n$/);
    const before = readdirSync(at('dist/Glosses')).map((name) => [name, readFileSync(at('dist/Glosses', name))] as const);
    expect(before.map(([name]) => name)).toEqual(['manifest.json', 'model.d.ts', 'model.onnx', 'use_lite.tokenizer.json']);
    const { stdout: json } = await call(['build', 'glosses.mdl', '--out', 'again', '--json']);
    expect(JSON.parse(json)).toMatchObject({ ok: true, bundles: [{ model: 'Glosses', folder: path.join('again', 'Glosses') }] });
    for (const [name, bytes] of before) expect({ name, equal: readFileSync(at('again/Glosses', name)).equals(bytes) }).toEqual({ name, equal: true });
    rmSync(at('again'), { recursive: true });
  });

  test('builds nothing where there is an error', async () => {
    const { code, stdout, stderr } = await call(['build', '--out', 'none']);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('error[tokenizer-mismatch]');
    expect(existsSync(at('none'))).toBe(false);
  });

  test('leaves what is no bundle alone', async () => {
    const own = createGlosses();
    writeFileSync(path.join(own.path, 'out'), 'mine');
    const { code, stderr } = await mdl(own.path, ['build', 'glosses.mdl', '--out', 'out']);
    expect([code, readFileSync(path.join(own.path, 'out'), 'utf8')]).toEqual([2, 'mine']);
    expect(stderr).toContain('error[write-failed]');
    own.remove();
  });
});

describe('run', () => {
  beforeAll(async () => void (await call(['build', 'glosses.mdl'])));

  test('answers texts with labels and probabilities', async () => {
    const { code, stdout, stderr } = await call(['run', 'dist/Glosses', '--device', 'cpu', '--top', '2', ...texts.flatMap((t) => ['--text', t])]);
    expect([code, stderr]).toEqual([0, '']);
    await expect(stdout.replaceAll(/^( {2}embedding).*/gm, '$1  …')).toMatchFileSnapshot('./golden/run.txt');
  });

  test('gives the same by argument, by standard input, by a file of lines, in batches and from the source', async () => {
    const json = async (args: readonly string[], setting?: Setting) => JSON.parse((await call(['run', ...args, '--json'], setting)).stdout).rows;
    writeFileSync(at('texts.jsonl'), texts.map((sentence) => `${JSON.stringify({ sentence })}\n`).join(''));
    const rows = await json(['dist/Glosses', ...texts.flatMap((t) => ['--text', t])]);
    expect(rows.map((row: { text: string }) => row.text)).toEqual(texts);
    expect(rows[1].outputs.topic).toMatchObject({ label: 'artifact', top: [{ label: 'artifact' }] });
    expect(rows[0].outputs.embedding.dims).toEqual([512]);
    expect(await json(['dist/Glosses'], { stdin: `${texts.join('\r\n')}\n` })).toEqual(rows);
    expect(await json(['dist/Glosses', '--jsonl', 'texts.jsonl', '--field', 'sentence'])).toEqual(rows);
    expect(await json(['glosses.mdl', '--jsonl', 'texts.jsonl', '--field', 'sentence'])).toEqual(rows);
    // Answers line up with lines.
    expect((await json(['dist/Glosses'], { stdin: `\n${texts[0]}\n` })).map((row: { text: string }) => row.text)).toEqual(['', texts[0]]);
    // Alone, a text is padded less: sums are taken in another order.
    const alone = await json(['dist/Glosses', '--batch', '1', ...texts.flatMap((t) => ['--text', t])]);
    expect(alone.map((row: { outputs: { topic: { label: string } } }) => row.outputs.topic.label)).toEqual(
      rows.map((row: { outputs: { topic: { label: string } } }) => row.outputs.topic.label),
    );
    expect(readdirSync(glosses.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('shows what ran where', async () => {
    const { code, stdout } = await call(['run', 'dist/Glosses', '--device', 'cuda,cpu', '--placement', '--text', texts[0]!]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nGlosses on cpu\. The CPU, because ONNX Runtime's library for cuda is not installed\.\n {2}cpu: \d+ nodes, [\d.]+ ms\n$/);
  });

  test('takes tensors from files', async () => {
    writeFileSync(at('ids.json'), '[[3, 4, 5]]');
    writeFileSync(at('mask.json'), '[[1, 1, 1]]');
    const { code, stdout } = await call(['run', 'dist/Glosses', '--input', 'tokens.ids=ids.json', '--input', 'tokens.mask=mask.json', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows[0].outputs.topic.label).toEqual(expect.any(String));
  });

  test.each<[string, string[], Setting, number, string]>([
    ['no text', [], { stdin: '' }, 2, 'error[cli-no-input]: Glosses was given no input; it has `tokens`'],
    ['texts by two options', ['--text', 'x', '--jsonl', 'texts.jsonl'], {}, 2, 'error[cli-bad-call]: --text and --jsonl feed the same input: give one of them'],
    ['another field', ['--jsonl', 'texts.jsonl'], {}, 2, '= Did you mean --field sentence?'],
    ['bytes that are no text', ['--input', 'tokens=dist/Glosses/model.onnx'], {}, 2, 'its name ends neither in .json nor in .npy'],
    ['no name', ['--input', 'ids.json'], {}, 2, 'error[cli-option-value]: --input takes NAME=FILE, found "ids.json"'],
    ['an id that the vocabulary has not', ['--input', 'tokens.ids=wild.json', '--input', 'tokens.mask=mask.json'], {}, 2, 'error[input-value]'],
    ['a device that is not there', ['--text', 'x', '--device', 'abacus'], {}, 2, 'error[device-unavailable]'],
  ])('refuses %s', async (_, args, setting, expected, message) => {
    writeFileSync(at('wild.json'), '[[8000, 4, 5]]');
    const { code, stdout, stderr } = await call(['run', 'dist/Glosses', ...args], setting);
    expect(stderr).toContain(message);
    expect([code, stdout]).toEqual([expected, '']);
  });

  test('refuses a bundle that was changed', async () => {
    const own = createGlosses();
    await mdl(own.path, ['build', 'glosses.mdl']);
    const model = path.join(own.path, 'dist/Glosses/model.onnx');
    const bytes = readFileSync(model);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(model, bytes);
    const { code, stderr } = await mdl(own.path, ['run', 'dist/Glosses', '--text', 'x']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[bundle-changed]')]);
    own.remove();
  });
});

describe('inspect', () => {
  test.each(['models/use-lite/model.onnx', 'heads/topic.safetensors', 'models/use-lite/tokenizer.json'])('%s', async (file) => {
    const { code, stdout } = await call(['inspect', file]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`./golden/inspect-${path.basename(file)}.txt`);
    const json = JSON.parse((await call(['inspect', file, '--json'])).stdout);
    expect(json).toMatchObject({ file, bytes: readFileSync(at(file)).length });
  });

  test('shows every node on demand', async () => {
    const { stdout } = await call(['inspect', 'models/use-lite/model.onnx', '--inner', '--json']);
    const json = JSON.parse(stdout);
    expect(json.inner.nodes).toHaveLength(json.nodes);
    expect((await call(['inspect', 'models/use-lite/model.onnx', '--inner'])).stdout).toContain('\ninner tensors\n');
  });

  test('has a finding for what is something else', async () => {
    writeFileSync(at('torn.onnx'), readFileSync(at('models/use-lite/model.onnx')).subarray(0, 1_000_000));
    for (const file of ['torn.onnx', 'glosses.mdl', 'package.json']) {
      const { code, stdout, stderr } = await call(['inspect', file]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error\[(onnx|tokenizer)-[a-z-]+\]: /);
    }
  });
});

describe('graph', () => {
  test.each(['mermaid', 'dot'])('in %s', async (format) => {
    const { code, stdout } = await call(['graph', 'glosses.mdl', '--format', format]);
    expect(code).toBe(0);
    await expect(stdout.replace(/\d+ joints.*declared/, '… joints')).toMatchFileSnapshot(`./golden/graph.${format}.txt`);
  });

  test('as data', async () => {
    const { nodes, edges } = JSON.parse((await call(['graph', 'glosses.mdl', '--json'])).stdout);
    const ids = nodes.map((node: { id: string }) => node.id);
    for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]));
  });
});
