/** Calls of `mdl` inside of the test's process, in folders made for it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/cli/run.ts';

const example = path.resolve(import.meta.dirname, '../../examples/glosses');

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly stdin?: string;
  readonly env?: Record<string, string>;
  readonly columns?: number;
  readonly signal?: AbortSignal;
  /** Called with everything that was printed so far, whenever something is. */
  readonly watch?: (stdout: string) => void;
}

/** Calls `mdl` as a shell in `cwd` would, with pipes for its streams. */
export async function mdl(cwd: string, args: readonly string[], setting: Setting = {}): Promise<Answer> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      printed[name] += text;
      setting.watch?.(printed.stdout);
    },
    columns: setting.columns,
  });
  async function* stdin(): AsyncGenerator<string> {
    if (setting.stdin !== undefined) yield setting.stdin;
  }
  const code = await run(args, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: stdin(),
    env: setting.env ?? {},
    cwd,
    signal: setting.signal,
  });
  return { code, ...printed };
}

/** A new folder of these files, and how to remove it. */
export function createFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): { path: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-cli-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The glosses example as a package of its own; its foreign files are links to those of the repository. */
export function createGlosses(): { path: string; remove: () => void } {
  const folder = createFolder({ 'package.json': '{ "name": "glosses" }' });
  for (const name of ['encoder.mdl', 'heads.mdl', 'glosses.mdl', 'wrong.mdl']) cpSync(path.join(example, name), path.join(folder.path, name));
  for (const name of ['models', 'heads', 'data']) symlinkSync(path.join(example, name), path.join(folder.path, name), 'junction');
  return folder;
}
