/**
 * Parsed modules, kept between calls: to parse what is as it was took a quarter of `mdl check`. A kept tree is that of the
 * very text which it is asked for, made by the very same build of the parser. Only trees of texts without a finding are kept.
 * Where one is missing, the parser is loaded and the check begins anew.
 */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KeptTexts } from '../../host/host.ts';
import { keepTexts, ownBuild } from '../../host/kept-texts.ts';
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
  const texts = cache === undefined || build === undefined ? undefined : keepTexts(path.join(cache, 'trees'), build);
  let parser: Parse | undefined;

  const parse: Parse = (source) => {
    const kept = texts && readTree(texts, source);
    if (kept !== undefined) return { value: kept, diagnostics: [] };
    if (parser === undefined) throw new ParserMissing();
    const parsed = parser(source);
    if (texts !== undefined && parsed.diagnostics.length === 0) keepTree(texts, source, parsed.value);
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

interface Kept {
  readonly text: string;
  readonly tree: Module;
}

function readTree(texts: KeptTexts, { uri, text }: SourceText): Module | undefined {
  try {
    const kept = JSON.parse(texts.read(uri) ?? 'null') as Partial<Kept> | null;
    return kept?.text === text ? kept.tree : undefined;
  } catch {
    return undefined;
  }
}

/** Larger modules are rare, and to read their trees takes as long as to parse them. */
const largestText = 2 ** 18;

/** A tree that cannot be written is parsed again by the next call. */
function keepTree(texts: KeptTexts, { uri, text }: SourceText, tree: Module): void {
  const printed = text.length > largestText ? undefined : print({ text, tree });
  if (printed !== undefined) texts.write(uri, printed);
}

/** Numbers that JSON cannot write but read: of an infinite one, too large a one. */
const written = new Map([[Infinity, '1e999'], [-Infinity, '-1e999']]);

/** Undefined where the text would not be read as what it was made of. */
function print(kept: Kept): string | undefined {
  const marked = JSON.stringify(kept, (_, value: unknown) => (typeof value === 'number' && written.has(value) ? `number ${value}` : value));
  const text = marked.replace(/"number (-?Infinity)"/g, (_, value: string) => written.get(Number(value))!);
  return isDeepStrictEqual(JSON.parse(text), kept) ? text : undefined;
}
