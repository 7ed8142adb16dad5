/** Calls of the command whose answers are held to golden files: the errors, as the terminal shows them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { expectGolden } from '../diagnostics/golden.ts';
import { mdl, type Setting } from './harness.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface ShownCall extends Setting {
  readonly args: readonly string[];
  readonly code: number;
  /** What is there, besides the folder's own. */
  readonly files?: Files | (() => Files);
  /** What is said above the first finding, digests, lengths and dates change with the library and the day, and are tested elsewhere. */
  readonly onlyErrors?: true;
}

/** Does something where these files are there, which are then as they were. */
export async function among<T>(folder: string, files: Files, work: () => Promise<T>): Promise<T> {
  const places = Object.keys(files).map((file) => path.join(folder, file));
  const before = places.map((place) => [place, read(place)] as const);
  for (const [file, content] of Object.entries(files)) put(path.join(folder, file), content);
  try {
    return await work();
  } finally {
    for (const [place, content] of before) {
      if (content === undefined) rmSync(place);
      else put(place, content);
    }
  }
}

/** Calls in the folder, and holds what is said, both streams, to the golden file of this name. */
export async function expectShown(folder: string, name: string, { args, code, files = {}, onlyErrors, ...setting }: ShownCall): Promise<void> {
  const answer = await among(folder, typeof files === 'function' ? files() : files, () => mdl(folder, args, setting));
  const whole = answer.stderr + answer.stdout;
  const said = onlyErrors === true ? whole.replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST').replaceAll(/first \d+ bytes/g, 'first N bytes').replaceAll(/\b20\d\d-\d\d-\d\d\b/g, 'DATE') : whole;
  const first = said.search(/^(?:error|warning)\[/m);
  expectGolden(`$ mdl ${args.map((arg) => (/[\s|]/.test(arg) ? `"${arg}"` : arg)).join(' ')}\n${onlyErrors === true && first > 0 ? said.slice(first) : said}`, new URL(`golden/errors/${name}.txt`, import.meta.url));
  expect(answer.code).toBe(code);
}

function put(place: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, content);
}

function read(place: string): Uint8Array | undefined {
  try {
    return new Uint8Array(readFileSync(place));
  } catch {
    return undefined;
  }
}
