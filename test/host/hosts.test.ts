import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/diagnostics/diagnostic.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { createNodeHost } from '../../src/host/node.ts';

const root = path.resolve(import.meta.dirname, '../..');
const files: Record<string, string | Uint8Array> = {
  'package.json': '{ "name": "@maker/glosses" }',
  'main.mdl': '\ufefflet é = "文"\r\n',
  'inner/package.json': '{ "type": "module" }',
  'inner/deep/a b#c%.mdl': 'x',
  'broken/package.json': '{ "name": ',
  'broken/m.mdl': '',
  'latin1.mdl': Uint8Array.from([97, 10, 98, 0xe9, 99, 10]),
  'cut.mdl': Uint8Array.from([97, 98, 0xe6, 0x96]),
  'utf16.mdl': Uint8Array.from([0xff, 0xfe, 97, 0]),
};
/** Of "abc": FIPS 180-2, appendix B.1. */
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mdl-host-'));
  for (const [name, content] of Object.entries({ ...files, abc: 'abc' })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const escaped = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
const hosts: [string, () => { host: Host; uri: (name: string) => string }][] = [
  ['the memory host', () => ({ host: createMemoryHost({ ...files, abc: 'abc' }), uri: (name) => `memory:///${escaped(name)}` })],
  ['the node host', () => ({ host: createNodeHost({ cwd: folder }), uri: (name) => pathToFileURL(path.join(folder, name)).href })],
];

const findingOf = (outcome: Outcome<unknown>): string => {
  if (outcome.ok) throw new Error('expected a finding');
  return `${outcome.finding.code}: ${outcome.finding.message}`;
};

describe.each(hosts)('%s', (_, create) => {
  test('reads texts, with their byte order mark and line ends', () => {
    const { host, uri } = create();
    expect(host.readText(uri('main.mdl'))).toEqual({ ok: true, value: '\ufefflet é = "文"\r\n' });
    expect(host.readText(uri('inner/deep/a b#c%.mdl'))).toEqual({ ok: true, value: 'x' });
    expect(host.stat(uri('main.mdl'))?.size).toBe(3 + 5 + 1 + 3 + 5 + 2);
  });

  test('names the first byte that is not UTF-8', () => {
    const { host, uri } = create();
    expect(findingOf(host.readText(uri('latin1.mdl')))).toBe(
      'file-not-utf8: latin1.mdl is not UTF-8: byte 3, in line 2, begins no character',
    );
    expect(findingOf(host.readText(uri('cut.mdl')))).toContain('byte 2, in line 1');
    expect(findingOf(host.readText(uri('utf16.mdl')))).toContain('byte 0, in line 1');
  });

  test('has a finding for what is missing', () => {
    const { host, uri } = create();
    for (const name of ['none.mdl', 'main.mdl/x.mdl', '']) {
      expect(host.stat(uri(name))).toBeUndefined();
      for (const answer of [host.readText(uri(name)), host.open(uri(name)), host.sha256(uri(name))]) {
        expect(findingOf(answer)).toMatch(/^file-not-(found|regular): /);
      }
    }
    for (const odd of ['https://example.org/a.mdl', 'file://server/share/a.mdl', 'file:///a%00b', 'not a uri', '']) {
      expect(findingOf(host.readText(odd))).toContain('file-not-found');
      expect(host.packageOf(odd)).toBe('');
    }
  });

  test('reads ranges, and hashes', () => {
    const { host, uri } = create();
    const opened = host.open(uri('abc'));
    if (!opened.ok) throw new Error(opened.finding.message);
    const text = (offset: number, length: number): string => new TextDecoder().decode(opened.value.read(offset, length));
    expect([text(0, 3), text(1, 1), text(2, 100), text(3, 1), text(90, 1)]).toEqual(['abc', 'b', 'c', '', '']);
    expect(opened.value.size).toBe(3);
    opened.value.close();
    opened.value.close();
    expect(host.sha256(uri('abc'))).toEqual({ ok: true, value: abc });
  });

  test('knows the package of a file by the nearest package.json', () => {
    const { host, uri } = create();
    const packages = ['main.mdl', 'none/at/all.mdl', 'inner/deep/x.mdl', 'broken/m.mdl'].map((name) => host.packageOf(uri(name)));
    expect(packages).toEqual(['@maker/glosses', '@maker/glosses', '', '']);
  });

  test('shows what lies below the working directory by its path from there', () => {
    const { host, uri } = create();
    expect(host.display(uri('inner/deep/a b#c%.mdl'))).toBe('inner/deep/a b#c%.mdl');
    expect(host.display('https://example.org/a')).toBe('https://example.org/a');
  });
});

describe('the node host', () => {
  test('waits for no pipe, and reads no folder, device or endless link', () => {
    if (process.platform === 'win32') return console.log('skipped: Windows has no named pipes in folders');
    const host = createNodeHost({ cwd: folder });
    const uri = (name: string): string => pathToFileURL(path.join(folder, name)).href;
    expect(spawnSync('mkfifo', [path.join(folder, 'pipe')]).status).toBe(0);
    symlinkSync('loop', path.join(folder, 'loop'));
    expect(findingOf(host.readText(uri('pipe')))).toBe('file-not-regular: pipe is a pipe, where a file is needed');
    expect(findingOf(host.open(uri('inner')))).toBe('file-not-regular: inner is a folder, where a file is needed');
    expect(findingOf(host.sha256('file:///dev/zero'))).toBe('file-not-regular: /dev/zero is a device, where a file is needed');
    expect(findingOf(host.open(uri('loop')))).toBe('file-unreadable: loop cannot be read: its links lead round in a circle');
    expect(host.stat(uri('pipe'))).toBeUndefined();
  });

  test('refuses to read a huge file as a source, but opens it', () => {
    const huge = path.join(folder, 'huge.mdl');
    writeFileSync(huge, '');
    truncateSync(huge, 3e9);
    const host = createNodeHost({ cwd: folder });
    const uri = pathToFileURL(huge).href;
    expect(findingOf(host.readText(uri))).toBe(
      'file-too-large: huge.mdl has 3,000,000,000 bytes, and a source file has at most 8,388,608',
    );
    const opened = host.open(uri);
    expect(opened.ok && opened.value.read(2.9e9, 4)).toEqual(new Uint8Array(4));
    if (opened.ok) opened.value.close();
  });

  test('finds the standard library of its own package', () => {
    const host = createNodeHost();
    expect(host.standardModules()).toContain('nn');
    expect(host.readText(host.standardModule('nn')!)).toEqual({ ok: true, value: readFileSync(path.join(root, 'stdlib/nn.mdl'), 'utf8') });
    for (const name of ['nnn', '../package', 'nn.mdl', '', '__proto__']) expect(host.standardModule(name)).toBeUndefined();
  });
});

describe('the memory host', () => {
  test('sees changes of its files, and has the library that it was given', () => {
    const live: Record<string, string> = { 'a.mdl': 'one' };
    const host = createMemoryHost(live, { nn: 'part relu' });
    live['a.mdl'] = 'two';
    expect(host.readText('memory:///a.mdl')).toEqual({ ok: true, value: 'two' });
    expect(host.standardModules()).toEqual(['nn']);
    expect(host.readText(host.standardModule('nn')!)).toEqual({ ok: true, value: 'part relu' });
    expect(host.standardModule('constructor')).toBeUndefined();
    expect(host.readText('memory:///toString').ok).toBe(false);
  });
});
