/**
 * Parsed modules, kept between calls: to parse what is as it was took a quarter of `mdl check`. A kept tree is that of the
 * very text which it is asked for, made by the very same build of the parser. Only trees of texts without a finding are kept.
 * Where one is missing, the parser is loaded and the check begins anew.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { makeFolders } from '../../host/make-folders.ts';
import { writeText } from '../../host/write-text.ts';
import type { Module } from '../../syntax/ast.ts';
import type { Parse } from '../../syntax/parsed.ts';
import type { SourceText } from '../../text/source.ts';

/** Ends a check that needs the parser. */
class ParserMissing extends Error {}

export interface KeptParser {
  /** Only to be called in what `loadedFor` calls. */
  readonly parse: Parse;
  /** The answer of `check`, which may be called twice. */
  loadedFor<T>(check: () => T): Promise<T>;
}

/** What `build` reads is kept in the folder `cache`; where either is undefined, nothing is. */
export function createKeptParser(cache: string | undefined, build: string | undefined = ownBuild()): KeptParser {
  const folder = cache === undefined || build === undefined ? undefined : path.join(cache, 'trees');
  let parser: Parse | undefined;

  const parse: Parse = (source) => {
    const place = folder === undefined ? undefined : path.join(folder, `${nameOf(`${build} ${source.uri}`)}.json`);
    const kept = place === undefined ? undefined : readTree(place, build!, source);
    if (kept !== undefined) return { value: kept, diagnostics: [] };
    if (parser === undefined) throw new ParserMissing();
    const parsed = parser(source);
    if (place !== undefined && parsed.diagnostics.length === 0) keepTree(place, build!, source, parsed.value);
    return parsed;
  };
  return {
    parse,
    loadedFor: async (check) => {
      try {
        return check();
      } catch (error) {
        if (!(error instanceof ParserMissing)) throw error;
        ({ parse: parser } = await import('../../syntax/index.ts'));
        return check();
      }
    },
  };
}

/** A bundle's name holds the hash of its content, the parser's included. From sources there is no telling what parsed. */
function ownBuild(): string | undefined {
  const file = path.basename(fileURLToPath(import.meta.url));
  return file.endsWith('.cjs') ? file : undefined;
}

interface Kept {
  readonly build: string;
  readonly uri: string;
  readonly text: string;
  readonly tree: Module;
}

function readTree(place: string, build: string, { uri, text }: SourceText): Module | undefined {
  try {
    const kept = JSON.parse(readFileSync(place, 'utf8')) as Partial<Kept>;
    return kept.build === build && kept.uri === uri && kept.text === text ? kept.tree : undefined;
  } catch {
    return undefined;
  }
}

/** Larger modules are rare, and to read their trees takes as long as to parse them. */
const largestText = 2 ** 18;

/** A tree that cannot be written is parsed again by the next call. */
function keepTree(place: string, build: string, { uri, text }: SourceText, tree: Module): void {
  if (text.length > largestText) return;
  try {
    const printed = print({ build, uri, text, tree });
    if (printed === undefined) return;
    const folder = path.dirname(place);
    makeFolders(folder);
    makeRoom(folder);
    writeText(place, printed);
  } catch {
    return;
  }
}

const largestCount = 500;

/** The folder stays bounded: the oldest half goes. */
function makeRoom(folder: string): void {
  const files = readdirSync(folder);
  if (files.length < largestCount) return;
  const aged = files.map((name) => ({ name, time: statSync(path.join(folder, name)).mtimeMs })).sort((a, b) => a.time - b.time);
  for (const { name } of aged.slice(0, largestCount / 2)) rmSync(path.join(folder, name), { force: true });
}

/** Numbers that JSON cannot write but read: of an infinite one, too large a one. */
const written = new Map([[Infinity, '1e999'], [-Infinity, '-1e999']]);

/** Undefined where the text would not be read as what it was made of. */
function print(kept: Kept): string | undefined {
  const marked = JSON.stringify(kept, (_, value: unknown) => (typeof value === 'number' && written.has(value) ? `number ${value}` : value));
  const text = marked.replace(/"number (-?Infinity)"/g, (_, value: string) => written.get(Number(value))!);
  return isDeepStrictEqual(JSON.parse(text), kept) ? text : undefined;
}

/** FNV-1a, for a file's name: what stands in the file is compared. */
function nameOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
