import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderFinding } from '../../src/cli/show/print-diagnostics.ts';
import { expectGolden } from '../diagnostics/golden.ts';
import { createScratch } from '../../src/host/aside.ts';
import { writeBundle, type AddFile } from '../../src/host/write.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const manifest = text('{"format":"mdl-bundle@1"}');

let folder = '';
beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'mdl-write-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const target = (): string => path.join(folder, 'dist', 'Glosses');
const listing = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

/** A large file to be copied from. */
function weights(bytes: number): { uri: string; content: Buffer } {
  const content = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i += 4) content.writeUInt32LE((i * 2654435761) >>> 0, i);
  writeFileSync(path.join(folder, 'weights.bin'), content);
  return { uri: pathToFileURL(path.join(folder, 'weights.bin')).href, content };
}

/** The writer as `write.mjs` in the folder, for processes of its own. */
async function bundleWriter(): Promise<void> {
  const build = await rolldown({ input: path.resolve(import.meta.dirname, '../../src/host/write.ts'), platform: 'node', logLevel: 'silent' });
  await build.write({ file: path.join(folder, 'write.mjs') });
  await build.close();
}

describe('a bundle', () => {
  test('is written from bytes and ranges of files, and hashed', async () => {
    const { uri, content } = weights(3_000_000);
    const range = { uri, offset: 17, length: 2_500_000 };
    const outcome = await writeBundle(target(), async (add) => {
      await add('model.onnx', [text('head'), range, { ...range, offset: 0, length: 0 }, text('tail')]);
      await add('manifest.json', [manifest]);
    });
    const model = Buffer.concat([text('head'), content.subarray(17, 2_500_017), text('tail')]);
    expect(readFileSync(path.join(target(), 'model.onnx')).equals(model)).toBe(true);
    expect(outcome).toEqual({
      ok: true,
      value: [
        { path: 'model.onnx', bytes: model.length, sha256: sha256(model) },
        { path: 'manifest.json', bytes: manifest.length, sha256: sha256(manifest) },
      ],
    });
    expect(listing()).toEqual(['dist', 'dist/Glosses', 'dist/Glosses/manifest.json', 'dist/Glosses/model.onnx', 'weights.bin']);
  });

  test('replaces an older one as a whole', async () => {
    const write = (name: string) => writeBundle(target(), async (add) => void (await add('manifest.json', [manifest]), await add(name, [])));
    await write('old.onnx');
    expect(await write('new.onnx')).toMatchObject({ ok: true });
    expect(readdirSync(target()).sort()).toEqual(['manifest.json', 'new.onnx']);
    expect(readdirSync(path.dirname(target()))).toEqual(['Glosses']);
  });

  test('replaces nothing that is no bundle', async () => {
    mkdirSync(target(), { recursive: true });
    writeFileSync(path.join(target(), 'notes.txt'), 'mine');
    const outcome = await writeBundle(target(), async (add) => void (await add('manifest.json', [manifest])));
    expect(outcome).toMatchObject({ ok: false, finding: { code: 'write-occupied' } });
    expect(listing()).toEqual(['dist', 'dist/Glosses', 'dist/Glosses/notes.txt']);
  });
});

describe('nothing is left behind', () => {
  test.each<[string, string, (add: AddFile) => Promise<void>]>([
    ['write-source-changed', 'bytes up to 2,000 are needed, and 1,000 are there', async (add) => {
      await add('model.onnx', [{ uri: weights(1000).uri, offset: 500, length: 1500 }]);
    }],
    ['file-not-found', 'there is no file', async (add) => {
      await add('model.onnx', [text('x'), { uri: 'file:///none/at/all', offset: 0, length: 1 }]);
    }],
    ['write-failed', 'there is something of this name already', async (add) => {
      await add('model.onnx', [text('x')]);
      await add('model.onnx', [text('x')]);
    }],
    ['write-failed', 'there is no such file or folder', async (add) => void (await add('no/folder', []))],
  ])('after %s: %s', async (code, message, fill) => {
    await writeBundle(target(), async (add) => void (await add('manifest.json', [manifest])));
    const outcome = await writeBundle(target(), fill);
    expect(outcome).toMatchObject({ ok: false, finding: { code, message: expect.stringContaining(message) } });
    rmSync(path.join(folder, 'weights.bin'), { force: true });
    expect(listing()).toEqual(['dist', 'dist/Glosses', 'dist/Glosses/manifest.json']);
  });

  test('and what is said is for people: the name as it is shown, and what to do', async () => {
    const cut = weights(1000).uri;
    const outcome = await writeBundle(target(), async (add) => void (await add('model.onnx', [{ uri: cut, offset: 500, length: 1500 }])), (place) => path.basename(place));
    if (outcome.ok) throw new Error('it was written');
    expectGolden(`${renderFinding(outcome.finding, { color: false, width: 100 })}\n`, new URL('golden/write-source-changed.txt', import.meta.url));
  });

  test('after an error that is a bug', async () => {
    const bug = writeBundle(target(), async () => {
      throw new Error('a bug');
    });
    await expect(bug).rejects.toThrow('a bug');
    expect(listing()).toEqual(['dist']);
  });

  test('where a folder cannot be made', async () => {
    writeFileSync(path.join(folder, 'dist'), 'a file');
    expect(await writeBundle(target(), async () => undefined)).toMatchObject({ ok: false, finding: { code: 'write-failed' } });
    expect(listing()).toEqual(['dist']);
  });

  test('after Ctrl-C', async () => {
    if (process.platform === 'win32') return console.log('skipped: Windows has no signals');
    await bundleWriter();
    writeFileSync(path.join(folder, 'main.mjs'), `
      import { writeBundle } from './write.mjs';
      await writeBundle(process.argv[2], async (add) => {
        await add('model.onnx', [new Uint8Array(1000)]);
        console.log('half');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`);
    const child = spawn(process.execPath, [path.join(folder, 'main.mjs'), target()], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    expect(readdirSync(path.dirname(target()))).toEqual([`.Glosses.${child.pid}.tmp`]);
    const signal = new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    child.kill('SIGINT');
    expect(await signal).toBe('SIGINT');
    expect(readdirSync(path.dirname(target()))).toEqual([]);
  });

  test('after a signal that comes while nobody waits, and then no other bundle is begun', async () => {
    if (process.platform === 'win32') return console.log('skipped: Windows has no signals');
    await bundleWriter();
    writeFileSync(path.join(folder, 'main.mjs'), `
      import { writeBundle } from './write.mjs';
      for (const name of ['A', 'B', 'C']) await writeBundle(process.argv[2] + name, async (add) => {
        if (name === 'B') process.kill(process.pid, 'SIGTERM');
        await add('model.onnx', [new Uint8Array(1000)]);
      });`);
    const answer = spawnSync(process.execPath, [path.join(folder, 'main.mjs'), target()]);
    expect([answer.signal, answer.status]).toEqual(['SIGTERM', null]);
    expect(readdirSync(path.dirname(target()))).toEqual(['GlossesA']);
  });
});

test('what a killed build of another user left behind stays, and is in nobody\'s way', async () => {
  if (process.platform === 'win32') return console.log('skipped: rights of folders are other ones there');
  await bundleWriter();
  const left = path.join(folder, '.Glosses.999999999.tmp');
  mkdirSync(path.join(left, '1'), { recursive: true });
  chmodSync(left, 0o555);
  chmodSync(folder, 0o777);
  // Root may remove everything: then the writer is somebody else.
  const isRoot = process.getuid?.() === 0;
  const script = `const { writeBundle } = await import(${JSON.stringify(pathToFileURL(path.join(folder, 'write.mjs')).href)}); console.log(JSON.stringify(await writeBundle(${JSON.stringify(path.join(folder, 'Glosses'))}, async () => {})));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: folder, ...(isRoot ? { uid: 65534, gid: 65534 } : {}) });
  chmodSync(left, 0o755);
  expect([stderr, stdout]).toEqual(['', '{"ok":true,"value":[]}\n']);
  expect(existsSync(left)).toBe(true);
});

if (process.platform !== 'linux') console.log('skipped: there is no /proc');
test.skipIf(process.platform !== 'linux')('a folder in /proc is refused, where a recursive mkdir never ends', async () => {
  const outcome = await writeBundle('/proc/mdl/bundle', async () => undefined);
  expect(outcome).toMatchObject({ ok: false, finding: { code: 'write-failed' } });
});

test('the leftovers of dead processes are swept, those of living ones and of other bundles are not', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const kept = [`.Reviews.${process.ppid}.tmp`, `.Other.${dead}.tmp`, `.Reviews.${dead}.tmp.old`, '.Reviews.x.tmp'];
  for (const name of [...kept, `.Reviews.${dead}.tmp`]) mkdirSync(path.join(folder, name));
  expect(await writeBundle(path.join(folder, 'Reviews'), async () => undefined)).toMatchObject({ ok: true });
  expect(readdirSync(folder).sort()).toEqual([...kept, 'Reviews'].sort());
});

test('what is thrown away again lies in a folder named by its user, where all users keep such things', () => {
  const scratch = createScratch('mdl-test');
  expect(path.dirname(scratch.folder)).toBe(tmpdir());
  expect(path.basename(scratch.folder)).toBe(`.mdl-test${process.getuid === undefined ? '' : `-${process.getuid()}`}.${process.pid}.tmp`);
  scratch.discard();
  expect(existsSync(scratch.folder)).toBe(false);
});
