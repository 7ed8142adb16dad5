/**
 * Batches of token ids from texts, as a tokenizer.json describes it. Splitting and merging are the package's work;
 * it knows neither truncation nor padding, which are done here as the original library does them.
 */
import type { Tokenizer } from '@huggingface/tokenizers';
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Finding, type Outcome } from '../diagnostics/diagnostic.ts';
import { within } from './bounded.ts';
import { printable } from './json.ts';
import { readTokenizerFile, type Side, type TokenizerFile, type TokenizerInfo } from './tokenizer-header.ts';

export { readTokenizer, type TokenizerInfo } from './tokenizer-header.ts';

/** Row-major; `mask` is 1 where a token is and 0 where padding is. */
export interface TokenBatch {
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
  /** `[batch, seq]`; seq is at least 1. */
  readonly dims: readonly [number, number];
  /** What a row is filled up with, and on which side. */
  readonly padding: { readonly id: number; readonly side: Side };
}

export interface BatchTokenizer {
  readonly info: TokenizerInfo;
  /** One row a text. A text without any token (an empty one) is a row of padding with a mask of zeros. */
  encodeBatch(texts: readonly string[]): Outcome<TokenBatch>;
}

const models = ['BPE', 'Unigram', 'WordLevel', 'WordPiece'];

/** Bounds on what one call may take: lattices and merges grow faster than their text. */
const maxTextLength = 1_000_000;
const maxBatchElements = 2 ** 27;
/** The slowest tokenizers take some microseconds a character; only a pattern that backtracks without end takes this. */
const millisecondsFor = (length: number): number => Math.ceil(5_000 + length / 20);

/** Makes the tokenizer of a tokenizer.json. The package is only loaded here, so that an app without text never pays for it. */
export async function createTokenizer(json: string, name = 'tokenizer.json'): Promise<Outcome<BatchTokenizer>> {
  const refuse = (reason: string) => fail(dataCodes.finding('tokenizer-unsupported', { file: name, reason }, ['The model itself runs: give it ids that are made elsewhere, as tensors instead of texts.']));
  const file = readTokenizerFile(json, name);
  if (!file.ok) return file;
  const reason = unsupported(file.value);
  if (reason !== undefined) return refuse(reason);
  const { Tokenizer } = await import('@huggingface/tokenizers');
  try {
    const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
    const complete = { ...absent, ...file.value.json, added_tokens: file.value.json.added_tokens ?? [] };
    // Making it runs the file's patterns on the file's tokens.
    const made = within(millisecondsFor(json.length), () => {
      const tokenizer = new Tokenizer(complete, { unk_token: file.value.json.model.unk_token });
      return batchTokenizer({ tokenizer, hasPatterns: file.value.hasPatterns }, file.value.info);
    });
    if (made === undefined) return refuse('one of its patterns takes forever on its own tokens');
    return typeof made === 'string' ? refuse(made) : succeed(made);
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** What the package would answer with other ids than the original, without a word. */
function unsupported({ json }: TokenizerFile): string | undefined {
  const { type, byte_fallback: byteFallback } = json.model;
  if (!models.includes(type)) return `its model is "${printable(type)}", and MDL knows ${models.join(', ')}`;
  if (type === 'Unigram' && byteFallback)
    return 'its Unigram model falls back to bytes, which this version does not do';
  return undefined;
}

const messageOf = (error: unknown): string => printable(error instanceof Error ? error.message : String(error), 200);

/** A place in the template of special tokens: an id, or undefined where the text's own tokens go. */
type Template = readonly (number | undefined)[];

/** A tokenizer, and whether its file has patterns, which may take as long as they like: to end them costs up to a millisecond a text, many times what most texts take. */
interface Splitter {
  readonly tokenizer: Tokenizer;
  readonly hasPatterns: boolean;
}

/** The tokenizer, or the reason why there is none. */
function batchTokenizer(splitter: Splitter, info: TokenizerInfo): BatchTokenizer | string {
  const template = readTemplate(splitter.tokenizer);
  const specials = template.filter((item) => item !== undefined).length;
  const slots = template.length - specials;
  const reason = template.includes(-1)
    ? 'its post processor adds a token that the vocabulary lacks'
    : info.maxLength !== undefined && info.maxLength < specials
      ? `it cuts texts to ${info.maxLength} tokens but adds ${specials} special ones`
      : undefined;
  if (reason !== undefined) return reason;
  const room =
    info.maxLength === undefined ? Infinity : slots === 0 ? 0 : Math.floor((info.maxLength - specials) / slots);
  return { info, encodeBatch: (texts) => encodeBatch(splitter, info, template, room, texts) };
}

/** What the post processor puts around a text's tokens; -1 for a token without an id. */
function readTemplate(tokenizer: Tokenizer): Template {
  if (!tokenizer.post_processor) return [undefined];
  // No vocabulary's piece: it marks the place of the text.
  const marker = '\u0000text\u0000';
  const { tokens } = tokenizer.post_processor.post_process([marker], null, true);
  return tokens.map((token: string) => (token === marker ? undefined : (tokenizer.token_to_id(token) ?? -1)));
}

function encodeBatch(
  splitter: Splitter,
  info: TokenizerInfo,
  template: Template,
  room: number,
  texts: readonly string[],
): Outcome<TokenBatch> {
  const split = splitTexts(splitter, texts);
  if (!split.ok) return split;
  const rows = split.value.map((ids) => {
    const kept =
      info.truncationSide === 'right' || ids.length <= room ? ids.slice(0, room) : ids.slice(ids.length - room);
    return template.flatMap((item) => (item === undefined ? kept : [item]));
  });
  const longest = rows.reduce((length, row) => Math.max(length, row.length), info.fixedLength ?? 1);
  const seq = Math.ceil(longest / info.multipleOf) * info.multipleOf;
  if (rows.length * seq > maxBatchElements) return fail(tooLong(rows.length, seq));
  return succeed(pad(rows, seq, info));
}

/** The same batch with rows of `seq` tokens, which is no less than they have. */
export function padTo(batch: TokenBatch, seq: number): Outcome<TokenBatch> {
  const [rows, length] = batch.dims;
  if (seq === length) return succeed(batch);
  if (rows * seq > maxBatchElements) return fail(tooLong(rows, seq));
  const start = batch.padding.side === 'left' ? seq - length : 0;
  const ids = new BigInt64Array(rows * seq).fill(BigInt(batch.padding.id));
  const mask = new BigInt64Array(rows * seq);
  for (let row = 0; row < rows; row++) {
    ids.set(batch.ids.subarray(row * length, (row + 1) * length), row * seq + start);
    mask.set(batch.mask.subarray(row * length, (row + 1) * length), row * seq + start);
  }
  return succeed({ ...batch, ids, mask, dims: [rows, seq] });
}

const tooLong = (rows: number, seq: number): Finding =>
  notTokenized(0, `a batch of ${rows} texts padded to ${seq} tokens is more than one call takes`);

const notTokenized = (row: number, reason: string): Finding => dataCodes.finding('text-not-tokenized', { row, reason });

/** The ids of each text's own tokens. One watch ends the patterns of all texts: it costs a thread of Node, tens of microseconds. */
function splitTexts({ tokenizer, hasPatterns }: Splitter, texts: readonly string[]): Outcome<readonly (readonly number[])[]> {
  const rows: (readonly number[])[] = [];
  const splitAll = (): Outcome<readonly (readonly number[])[]> => {
    for (const [row, text] of texts.entries()) {
      const ids = splitText(tokenizer, text);
      if (typeof ids === 'string') return fail(notTokenized(row, ids));
      rows.push(ids);
    }
    return succeed(rows);
  };
  if (!hasPatterns) return splitAll();
  const limit = millisecondsFor(texts.reduce((length, text) => length + text.length, 0));
  return within(limit, splitAll) ?? fail(notTokenized(rows.length, `it took more than ${Math.round(limit / 1000)} seconds; a pattern of the tokenizer backtracks without end on it`));
}

/** The ids of a text's own tokens, or the reason why there are none. */
function splitText(tokenizer: Tokenizer, text: string): readonly number[] | string {
  if (text.length > maxTextLength)
    return `it has ${text.length} characters, and ${maxTextLength} are the most that one text may have: cut it into several`;
  try {
    // The original reads UTF-8, in which half a pair of surrogates is U+FFFD.
    const encoded = tokenizer.encode(text.toWellFormed(), { add_special_tokens: false });
    // A piece that a vocabulary without an unknown token lacks has no id: the original drops it, too.
    return encoded.ids.filter((id: number) => Number.isSafeInteger(id));
  } catch (error) {
    // The tokenizer passes all of a text's pieces to one call.
    return error instanceof RangeError ? 'it has more pieces than the tokenizer takes at once' : messageOf(error);
  }
}

function pad(rows: readonly (readonly number[])[], seq: number, info: TokenizerInfo): TokenBatch {
  const ids = new BigInt64Array(rows.length * seq).fill(BigInt(info.padId));
  const mask = new BigInt64Array(rows.length * seq);
  for (const [i, row] of rows.entries()) {
    const start = i * seq + (info.paddingSide === 'left' ? seq - row.length : 0);
    for (const [j, id] of row.entries()) ids[start + j] = BigInt(id);
    mask.fill(1n, start, start + row.length);
  }
  return { ids, mask, dims: [rows.length, seq], padding: { id: info.padId, side: info.paddingSide } };
}
