import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ForeignUse, IdentityUse } from '../../src/check/model.ts';
import { renderDiagnostic } from '../../src/diagnostics/index.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { applyLock, emptyLock, lockUriOf, type Lock, type LockMode } from '../../src/packages/index.ts';
import { nextBreaking } from '../../src/packages/identity-change.ts';
import { pathFromLock, uriFromLock } from '../../src/packages/lock-place.ts';
import { createSource } from '../../src/text/source.ts';

const source = `tokenizer words @ 1.2.3 from "./tokenizer.json"
space use @ 1.0.0
backbone UseLite { source "./model.onnx" }
head H weights "./head.safetensors" {}
`;
const uriOf = (name: string): string => `memory:///app/${name}`;
const at = (text: string) => ({ uri: uriOf('m.mdl'), span: { start: source.indexOf(text), end: source.indexOf(text) + text.length } });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A project of one encoder, one tokenizer and one head, whose files and times can be changed. */
function project() {
  const files: Record<string, string> = {
    'app/m.mdl': source,
    'app/package.json': '{ "name": "app" }',
    'app/model.onnx': 'encoder',
    'app/tokenizer.json': 'tokenizer',
    'app/head.safetensors': 'head',
  };
  const times: Record<string, number> = {};
  const hashed: string[] = [];
  const memory = createMemoryHost(files);
  const host: Host = {
    ...memory,
    stat: (uri) => {
      const stat = memory.stat(uri);
      return stat && { ...stat, mtimeMs: times[uri.slice('memory:///app/'.length)] ?? 1000 };
    },
    sha256: (uri) => {
      hashed.push(uri.slice('memory:///app/'.length));
      return memory.sha256(uri);
    },
  };
  const foreign: ForeignUse[] = [
    { role: 'backbone', uri: uriOf('model.onnx'), location: at('"./model.onnx"') },
    { role: 'tokenizer', uri: uriOf('tokenizer.json'), location: at('"./tokenizer.json"') },
    { role: 'weights', uri: uriOf('head.safetensors'), location: at('"./head.safetensors"') },
  ];
  const identities: IdentityUse[] = [
    { kind: 'tokenizer', id: 'app#words', version: '1.2.3', location: at('words'), versionLocation: at('1.2.3'), files: [uriOf('tokenizer.json')], derived: [] },
    { kind: 'space', id: 'app#use', version: '1.0.0', location: at('use'), versionLocation: at('1.0.0'), files: [uriOf('model.onnx')], derived: [] },
  ];
  const apply = (lock: Lock, mode: LockMode = 'update', use: { foreign?: ForeignUse[]; identities?: IdentityUse[] } = {}) => {
    hashed.length = 0;
    const lockUri = lockUriOf(uriOf('m.mdl'), host);
    const { value, diagnostics } = applyLock({ foreign, identities, modules: new Set([uriOf('m.mdl')]), ...use, lock, lockUri, host, mode });
    return { ...value, diagnostics, codes: diagnostics.map((d) => d.code), hashed: [...hashed] };
  };
  return { files, times, foreign, identities, apply };
}

test('the first check locks every file, and binds spaces and tokenizers to theirs', () => {
  const { apply } = project();
  const { lock, changed, fingerprints, codes } = apply(emptyLock);
  expect(codes).toEqual([]);
  expect(changed).toBe(true);
  expect(lock.files.get('model.onnx')).toEqual({ bytes: 7, mtimeMs: 1000, sha256: sha256('encoder') });
  expect([...lock.files.keys()].sort()).toEqual(['head.safetensors', 'model.onnx', 'tokenizer.json']);
  expect(lock.spaces).toEqual(new Map([['app#use@1.0.0', new Map([['model.onnx', sha256('encoder')]])]]));
  expect(lock.tokenizers).toEqual(new Map([['app#words@1.2.3', new Map([['tokenizer.json', sha256('tokenizer')]])]]));
  expect(fingerprints.get(uriOf('head.safetensors'))).toBe(sha256('head'));
});

test('equal size and time are believed; another time alone is hashed, and no change', () => {
  const { apply, times, files } = project();
  const { lock } = apply(emptyLock);
  expect(apply(lock)).toMatchObject({ changed: false, hashed: [], codes: [] });
  times['model.onnx'] = 2000;
  expect(apply(lock)).toMatchObject({ changed: false, hashed: ['model.onnx'], codes: [] });
  expect(apply(lock, 'locked')).toMatchObject({ changed: false, hashed: ['model.onnx'], codes: [] });
  files['app/model.onnx'] = 'ENCODER';
  times['model.onnx'] = 1000;
  expect(apply(lock).hashed, 'as documented: the price of speed').toEqual([]);
});

test('where the host has no clock, every file is hashed', () => {
  const { apply, times } = project();
  for (const name of ['model.onnx', 'tokenizer.json', 'head.safetensors']) times[name] = 0;
  expect(apply(apply(emptyLock).lock).hashed).toHaveLength(3);
});

test('other weights of a head are locked anew', () => {
  const { apply, files } = project();
  const { lock } = apply(emptyLock);
  files['app/head.safetensors'] = 'longer head';
  const again = apply(lock);
  expect(again).toMatchObject({ changed: true, codes: [] });
  expect(again.lock.files.get('head.safetensors')?.sha256).toBe(sha256('longer head'));
});

test('missing files are left to the checker', () => {
  const { apply, files } = project();
  const { lock } = apply(emptyLock);
  delete files['app/model.onnx'];
  const again = apply(lock);
  expect(again.codes).toEqual([]);
  expect(again.lock.files.has('model.onnx')).toBe(false);
  expect(again.lock.spaces.get('app#use@1.0.0')?.get('model.onnx'), 'a binding stays').toBe(sha256('encoder'));
});

describe('an encoder or tokenizer that changed under its version', () => {
  test.each([
    ['model.onnx', 'space-changed'],
    ['tokenizer.json', 'tokenizer-changed'],
  ])('%s is an error with both digests and a fix', async (file, code) => {
    const { apply, files } = project();
    const { lock } = apply(emptyLock);
    files[`app/${file}`] = 'something else';
    for (const mode of ['update', 'locked'] as const) {
      const { diagnostics, changed, lock: kept } = apply(lock, mode);
      expect([diagnostics[0]?.code, changed, kept === lock]).toEqual([code, false, true]);
    }
    const options = { sources: new Map([[uriOf('m.mdl'), createSource(uriOf('m.mdl'), source)]]), display: (uri: string) => uri.slice('memory:///app/'.length) };
    await expect(`${renderDiagnostic(apply(lock).diagnostics[0]!, options)}\n`).toMatchFileSnapshot(`./golden/${code}.txt`);
  });

  test('is fine under the next version, and the old version stays bound', () => {
    const { apply, files, identities } = project();
    const { lock } = apply(emptyLock);
    files['app/model.onnx'] = 'another encoder';
    const bumped = [{ ...identities[1]!, version: '2.0.0' }];
    const next = apply(lock, 'update', { identities: bumped });
    expect(next).toMatchObject({ changed: true, codes: [] });
    expect([...next.lock.spaces.keys()]).toEqual(['app#use@1.0.0', 'app#use@2.0.0']);
    expect(apply(next.lock).codes).toEqual(['space-changed']);
  });

  test('can be accepted', () => {
    const { apply, files } = project();
    const { lock } = apply(emptyLock);
    files['app/model.onnx'] = 'the same, exported anew';
    const accepted = apply(lock, 'accept');
    expect(accepted).toMatchObject({ changed: true, codes: [] });
    expect(apply(accepted.lock)).toMatchObject({ changed: false, codes: [] });
  });
});

describe('files of a space', () => {
  test('may move, but not be exchanged for another path', () => {
    const { apply, files, identities } = project();
    const { lock } = apply(emptyLock);
    files['app/moved.onnx'] = files['app/model.onnx']!;
    files['app/other.onnx'] = 'other encoder';
    const using = (name: string) => ({
      foreign: [{ role: 'backbone' as const, uri: uriOf(name), location: at('"./model.onnx"') }],
      identities: [{ ...identities[1]!, files: [uriOf(name)] }],
    });
    expect(apply(lock, 'update', using('moved.onnx'))).toMatchObject({ changed: true, codes: [] });
    expect(apply(lock, 'update', using('other.onnx')).codes).toEqual(['space-changed']);
  });

  test('may be joined by a second encoder once that is accepted', async () => {
    const { apply, files, foreign, identities } = project();
    const { lock } = apply(emptyLock);
    files['app/int8.onnx'] = 'the encoder in eight bits';
    const both = {
      foreign: [...foreign, { role: 'backbone' as const, uri: uriOf('int8.onnx'), location: at('"./model.onnx"') }],
      identities: [{ ...identities[1]!, files: [uriOf('model.onnx'), uriOf('int8.onnx')] }],
    };
    // It may be any encoder: only who made it knows. What is accepted stays so, and the first check of a space binds all that it finds.
    for (const mode of ['update', 'locked'] as const) expect(apply(lock, mode, both)).toMatchObject({ changed: false, codes: mode === 'locked' ? ['space-joined', 'lock-outdated'] : ['space-joined'] });
    const options = { sources: new Map([[uriOf('m.mdl'), createSource(uriOf('m.mdl'), source)]]), display: (uri: string) => uri.slice('memory:///app/'.length) };
    await expect(`${renderDiagnostic(apply(lock, 'update', both).diagnostics[0]!, options)}\n`).toMatchFileSnapshot('./golden/space-joined.txt');
    const joined = apply(lock, 'accept', both);
    expect(joined).toMatchObject({ changed: true, codes: [] });
    expect(apply(joined.lock, 'update', both)).toMatchObject({ changed: false, codes: [] });
    expect(apply(joined.lock)).toMatchObject({ changed: false, codes: [] });
    expect(apply(emptyLock, 'update', both)).toMatchObject({ changed: true, codes: [] });
  });

  test('may be joined by weights that were fitted into it', () => {
    const { apply, foreign, identities } = project();
    const { lock } = apply(emptyLock);
    const bridged = { foreign, identities: [{ ...identities[1]!, files: [uriOf('model.onnx'), uriOf('head.safetensors')] }] };
    expect(apply(lock, 'update', bridged)).toMatchObject({ changed: true, codes: [] });
  });

  test('may be joined by weights where the encoder is named by a module that is not checked', () => {
    const { apply, files, foreign, identities } = project();
    const { lock } = apply(emptyLock);
    const bridge = { foreign, identities: [{ ...identities[1]!, files: [uriOf('head.safetensors')] }] };
    const joined = apply(lock, 'update', bridge);
    expect(joined).toMatchObject({ changed: true, codes: [] });
    expect([...joined.lock.spaces.get('app#use@1.0.0')!.keys()]).toEqual(['model.onnx', 'head.safetensors']);
    // Other weights under another path take the place of the first, of which alone is spoken.
    files['app/other.safetensors'] = 'another head';
    const using = { foreign: [{ role: 'weights' as const, uri: uriOf('other.safetensors'), location: at('"./head.safetensors"') }], identities: [{ ...identities[1]!, files: [uriOf('other.safetensors')] }] };
    const other = apply(joined.lock, 'update', using).diagnostics[0]!;
    expect([other.message, other.notes[0]]).toEqual([
      'the weights that lead into the space `use` changed, but its version is still 1.0.0',
      `mdl.lock binds head.safetensors (${sha256('head').slice(0, 12)}); now it is other.safetensors (${sha256('another head').slice(0, 12)}).`,
    ]);
  });

  test('weights that are others stand where they are named, and call for no next version', async () => {
    const { apply, files, foreign, identities } = project();
    const bridged = { foreign, identities: [{ ...identities[1]!, files: [uriOf('model.onnx'), uriOf('head.safetensors')] }] };
    const { lock } = apply(emptyLock, 'update', bridged);
    files['app/head.safetensors'] = 'fitted elsewhere';
    const { diagnostics: [changed], codes } = apply(lock, 'update', bridged);
    expect([codes, changed!.location, changed!.fixes]).toEqual([['space-changed'], at('"./head.safetensors"'), []]);
    const options = { sources: new Map([[uriOf('m.mdl'), createSource(uriOf('m.mdl'), source)]]), display: (uri: string) => uri.slice('memory:///app/'.length) };
    await expect(`${renderDiagnostic(changed!, options)}\n`).toMatchFileSnapshot('./golden/space-changed-weights.txt');
    expect(apply(lock, 'accept', bridged).codes).toEqual([]);
    // With another encoder beside them it is the encoder that counts.
    files['app/model.onnx'] = 'another encoder';
    expect(apply(lock, 'update', bridged).diagnostics[0]!.message).toBe('the encoder of the space `use` changed, but its version is still 1.0.0');
  });
});

describe('--locked', () => {
  test('demands that everything is locked', () => {
    const { apply } = project();
    const { codes, changed } = apply(emptyLock, 'locked');
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'lock-outdated'));
    expect(changed).toBe(false);
  });

  test('refuses weights that are not the locked ones', () => {
    const { apply, files } = project();
    const { lock } = apply(emptyLock);
    files['app/head.safetensors'] = 'longer head';
    const [diagnostic] = apply(lock, 'locked').diagnostics;
    expect(diagnostic).toMatchObject({ code: 'lock-mismatch', message: 'head.safetensors is not the file of mdl.lock, and --locked forbids to lock it anew' });
    expect(diagnostic!.notes[0]).toBe(
      `head.safetensors was ${sha256('head').slice(0, 12)} (4 bytes) and is now ${sha256('longer head').slice(0, 12)} (11 bytes).`,
    );
  });
});

test.each([
  ['1.0.0', '2.0.0'],
  ['1.9.3', '2.0.0'],
  ['0.3.7', '0.4.0'],
  ['0.0.7', '0.1.0'],
])('a change that breaks %s makes %s', (version, next) => {
  expect(nextBreaking(version)).toBe(next);
});

test('a lock is the nearest there is, else stands beside the nearest package.json, else beside the entry', () => {
  const host = createMemoryHost({
    'a/package.json': '{}',
    'a/b/c/m.mdl': '',
    'x/m.mdl': '',
    'l/mdl.lock': '',
    'l/b/package.json': '{}',
    'l/b/m.mdl': '',
  });
  expect(lockUriOf('memory:///a/b/c/m.mdl', host)).toBe('memory:///a/mdl.lock');
  expect(lockUriOf('memory:///x/m.mdl', host)).toBe('memory:///x/mdl.lock');
  expect(lockUriOf('memory:///l/b/m.mdl', host)).toBe('memory:///l/mdl.lock');
});

test.each([
  ['file:///p/mdl.lock', 'file:///p/models/a%20b%23.onnx', 'models/a b#.onnx'],
  ['file:///p/q/mdl.lock', 'file:///p/models/x.onnx', '../models/x.onnx'],
  ['file:///p/q/mdl.lock', 'file:///p/q%20r/x.onnx', '../q r/x.onnx'],
  ['file:///C:/p/mdl.lock', 'file:///D:/x.onnx', 'file:///D:/x.onnx'],
  ['file:///mdl.lock', 'file:///x.onnx', 'x.onnx'],
])('from %s to %s the path is %s, and back', (lock, uri, path) => {
  expect(pathFromLock(lock, uri)).toBe(path);
  expect(uriFromLock(lock, path)).toBe(uri);
});
