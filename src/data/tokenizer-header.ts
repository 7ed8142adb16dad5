/** What a tokenizer.json says of itself: enough to check a program and to shape batches, without making the tokenizer. */
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { mistakenFile, sniffedBytes } from '../text/mistaken-file.ts';
import { parseJson } from './json.ts';
import { hasPattern, wrongPattern } from './tokenizer-patterns.ts';
import {
  boolean,
  dictionary,
  either,
  integer,
  list,
  object,
  oneOf,
  optional,
  showProblem,
  string,
  leaf,
} from './shape.ts';

export type Side = 'left' | 'right';

export interface TokenizerInfo {
  /** The model's type as the file names it: `Unigram`, `WordPiece`, `BPE`, `WordLevel`. */
  readonly model: string;
  /** One more than the largest id, of added tokens and of padding, too: the rows that an embedding table needs. Ids that nothing has are not counted apart. */
  readonly vocabularySize: number;
  /** The id written where no token is. */
  readonly padId: number;
  /** Texts are cut to this many tokens, special ones included; undefined where the file asks for no truncation. */
  readonly maxLength: number | undefined;
  readonly truncationSide: Side;
  readonly paddingSide: Side;
  /** Batches are padded to this many tokens at least; undefined where they are padded to their longest text. */
  readonly fixedLength: number | undefined;
  /** A batch's length is rounded up to a multiple of this. */
  readonly multipleOf: number;
}

/** The members of a tokenizer.json that are read here. */
interface TokenizerJson {
  readonly truncation?: { readonly max_length: number; readonly direction?: string; readonly strategy?: string } | null;
  readonly padding?: {
    readonly strategy: string | { readonly Fixed: number };
    readonly direction?: string;
    readonly pad_to_multiple_of?: number | null;
    readonly pad_id: number;
  } | null;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[] | null;
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly unk_token?: string | null;
    readonly byte_fallback?: boolean | null;
  };
}

/** A tokenizer.json and its header. */
export interface TokenizerFile {
  readonly info: TokenizerInfo;
  readonly json: TokenizerJson;
  /** Whether it has regular expressions of its own, which may take as long as they like. */
  readonly hasPatterns: boolean;
}

/** The members that hold regular expressions. */
const withPatterns = ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'];

/** Bounds for what a foreign file may make us allocate. */
const maxTokens = 2 ** 20;
const id = integer(0, 2 ** 31 - 1);

const piece = leaf(
  'a pair of a piece and its score',
  (v) => Array.isArray(v) && v.length === 2 && typeof v[0] === 'string' && Number.isFinite(v[1]),
);
const direction = optional(oneOf('Left', 'Right'));

const tokenizerShape = object<TokenizerJson>({
  truncation: optional(
    object<NonNullable<TokenizerJson['truncation']>>({
      max_length: integer(1, maxTokens),
      direction,
      strategy: optional(oneOf('LongestFirst', 'OnlyFirst')),
    }),
  ),
  padding: optional(
    object<NonNullable<TokenizerJson['padding']>>({
      strategy: either(
        '"BatchLongest" or { "Fixed": n }',
        oneOf('BatchLongest'),
        object<{ Fixed: number }>({ Fixed: integer(1, maxTokens) }),
      ),
      direction,
      pad_to_multiple_of: optional(integer(0, 2 ** 16)),
      pad_id: id,
    }),
  ),
  added_tokens: optional(list(object<{ id: number; content: string }>({ id, content: string }))),
  model: object<TokenizerJson['model']>({
    type: string,
    vocab: either('an object from pieces to ids, or a list of pieces with scores', list(piece), dictionary(id)),
    unk_token: optional(string),
    byte_fallback: optional(boolean),
  }),
});

const meantFile = 'A tokenizer is read from the `tokenizer.json` of Hugging Face\'s tokenizers, which has all of it. `tokenizer_config.json`, `vocab.json`, `vocab.txt` and `spiece.model` do not: `AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)` in Python writes it beside them.';

/** Reads what the compiler and the runtime need to know of a tokenizer; cheap next to making it. `name` is its file's in findings. */
export function readTokenizer(json: string, name = 'tokenizer.json'): Outcome<TokenizerInfo> {
  const file = readTokenizerFile(json, name);
  return file.ok ? succeed(file.value.info) : file;
}

/** The same, with the parsed file. */
export function readTokenizerFile(text: string, name: string): Outcome<TokenizerFile> {
  const invalid = (reason: string, notes: readonly string[] = []) => fail(dataCodes.finding('tokenizer-invalid', { file: name, reason }, notes));
  const mistaken = mistakenFile(new TextEncoder().encode(text.slice(0, sniffedBytes)));
  if (mistaken !== undefined) return invalid(mistaken.reason, mistaken.notes);
  const parsed = parseJson(text);
  if (!parsed.ok) return invalid(parsed.reason, [meantFile]);
  const problem = tokenizerShape(parsed.value, '');
  if (problem) return invalid(showProblem(problem), problem.path === 'model' ? [meantFile] : []);
  const json = parsed.value as TokenizerJson;
  const vocabularySize = countIds(json);
  if (vocabularySize === 0) return invalid('its vocabulary is empty');
  const members = parsed.value as Readonly<Record<string, unknown>>;
  const steps = withPatterns.map((key) => members[key]);
  const pattern = wrongPattern(steps);
  if (pattern !== undefined) return invalid(pattern);
  return succeed({ json, info: describeTokenizer(json, vocabularySize), hasPatterns: hasPattern(steps) });
}

function describeTokenizer(json: TokenizerJson, vocabularySize: number): TokenizerInfo {
  const { truncation, padding } = json;
  return {
    model: json.model.type,
    vocabularySize,
    padId: padding?.pad_id ?? conventionalPadId(json),
    maxLength: truncation?.max_length,
    truncationSide: truncation?.direction === 'Left' ? 'left' : 'right',
    paddingSide: padding?.direction === 'Left' ? 'left' : 'right',
    fixedLength: typeof padding?.strategy === 'object' ? padding.strategy.Fixed : undefined,
    multipleOf: padding?.pad_to_multiple_of || 1,
  };
}

/** Where the file asks for no padding: the token that everybody calls so, else 0, which the mask hides. */
function conventionalPadId(json: TokenizerJson): number {
  return json.added_tokens?.find((token) => token.content === '[PAD]' || token.content === '<pad>')?.id ?? 0;
}

function countIds(json: TokenizerJson): number {
  const { vocab } = json.model;
  let size = 0;
  if (Array.isArray(vocab)) size = vocab.length;
  else for (const value of Object.values(vocab as Readonly<Record<string, number>>)) size = Math.max(size, value + 1);
  for (const token of json.added_tokens ?? []) size = Math.max(size, token.id + 1);
  // What pads need be no token, and is looked up all the same.
  return size === 0 ? 0 : Math.max(size, (json.padding?.pad_id ?? 0) + 1);
}
