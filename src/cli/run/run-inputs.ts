/** What a model is run on: texts and pictures in batches, and tensors from files. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pictureEndings } from '../../data/images.ts';
import { decodeUtf8, describe, parseJson } from '../../data/json.ts';
import { readJsonl } from '../../data/jsonl.ts';
import { readNpy } from '../../data/npy.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { openFile, unreadable } from '../../host/read-file.ts';
import { rowOf } from '../../runtime/inputs/elements.ts';
import type { Model, TensorLike } from '../../runtime/index.ts';
import { didYouMean } from '../../runtime/suggest.ts';
import { suggest } from '../../text/suggest.ts';
import { isCarried } from '../../types/dtype.ts';
import { count, list, text, type Call } from '../command.ts';
import { existing } from '../project/sources.ts';
import { readLines } from '../project/stdin.ts';
import { refuse } from '../stop.ts';
import { byName, isOneByOne, picturePorts, picturesOf } from './run-pictures.ts';

export interface Batch {
  readonly inputs: Readonly<Record<string, unknown>>;
  /** One a row, where the rows are texts or pictures, by which an answer is known again. */
  readonly asked: Asked;
}

/** Texts, and the paths of pictures as the call writes them. */
export interface Asked {
  readonly text?: readonly string[] | undefined;
  readonly image?: readonly string[] | undefined;
}

/** The batches that a call asks for. Refuses what cannot be read when it comes to it. */
export async function* readBatches(model: Model, call: Call): AsyncGenerator<Batch> {
  const given = readGiven(model, call);
  const inFiles = new Set([...given.tensors.keys(), ...given.texts.keys()]);
  const pictures = picturesOf(model, call, inFiles);
  const sources = new Map<string, Texts>([...given.texts, ...pictures]);
  const named = new Set([...inFiles, ...pictures.keys()]);
  const port = textPort(model, named);
  const texts = textsOf(call, port !== undefined);
  if (texts !== undefined && port === undefined) refuse(notText(model, named, list(call, 'text').length > 0 ? '--text' : '--jsonl'));
  if (texts !== undefined) sources.set(port!, texts);
  if (sources.size === 0) {
    if (given.tensors.size === 0) refuse(noInput(model, port));
    yield { inputs: Object.fromEntries(given.tensors), asked: {} };
    return;
  }
  const size = [...pictures.keys()].some((name) => isOneByOne(model, name)) ? 1 : count(call, 'batch', 32);
  let empty = true;
  for await (const columns of inBatches(sources, size)) {
    empty = false;
    const values = [...columns].map(([name, rows]) => [name, pictures.has(name) ? rows.map((file) => existing(file, call.io.cwd)) : rows] as const);
    const asked: Asked = { text: columns.get(texts === undefined ? ([...given.texts.keys()][0] ?? '') : port!), image: columns.get([...pictures.keys()][0] ?? '') };
    yield { inputs: Object.fromEntries<unknown>([...given.tensors, ...values]), asked };
  }
  if (empty) refuse(noInput(model, port));
}

// ---------------------------------------------------------------- texts

type Texts = AsyncIterable<string> | Iterable<string>;

/** The texts of the call; standard input where it is not a terminal and the model wants a text. */
function textsOf(call: Call, wanted: boolean): Texts | undefined {
  const texts = list(call, 'text');
  const jsonl = text(call, 'jsonl');
  if (texts.length > 0 && jsonl !== undefined) refuse(cliCodes.finding('cli-bad-call', { sentence: '--text and --jsonl feed the same input: give one of them' }));
  if (texts.length > 0) return texts;
  if (jsonl !== undefined) return jsonlTexts(jsonl, text(call, 'field') ?? 'text', call.io.cwd);
  return wanted && call.io.stdin.isTTY !== true ? stdinTexts(call) : undefined;
}

async function* stdinTexts({ io }: Call): AsyncGenerator<string> {
  try {
    yield* readLines(io.stdin);
  } catch (error) {
    // The decoder's only complaint.
    if (!(error instanceof TypeError)) throw error;
    refuse(cliCodes.finding('cli-input-file', { path: 'standard input', reason: 'it is not UTF-8' }));
  }
}

function* jsonlTexts(file: string, field: string, cwd: string): Generator<string> {
  const source = openFile(pathToFileURL(existing(file, cwd)).href, file);
  if (!source.ok) refuse(source.finding);
  try {
    for (const row of readJsonl(source.value)) {
      if (!row.ok) refuse(row.finding);
      const { line, value } = row.value;
      const item = Object.hasOwn(value, field) ? value[field] : undefined;
      if (typeof item !== 'string') refuse(noField(file, line, field, value));
      yield item;
    }
  } finally {
    source.value.close();
  }
}

function noField(file: string, line: number, field: string, row: Readonly<Record<string, unknown>>) {
  const near = suggest(field, Object.keys(row)) ?? Object.keys(row).find((key) => typeof row[key] === 'string');
  const reason = `the field "${field}" of line ${line} should be a text, found ${describe(row[field])}`;
  return cliCodes.finding('cli-input-file', { path: file, reason }, near === undefined ? [] : [`Did you mean --field ${near}?`]);
}

/** Rows of all the inputs that take texts or pictures, side by side. Refuses inputs of unequal numbers of them. */
async function* inBatches(sources: ReadonlyMap<string, Texts>, size: number): AsyncGenerator<ReadonlyMap<string, string[]>> {
  const readers = [...sources].map(([port, texts]) => ({ port, texts: iterate(texts) }));
  for (let batch = 0, done = false; !done; batch++) {
    const columns = new Map<string, string[]>();
    for (const { port, texts } of readers) columns.set(port, await take(texts, size));
    const [[first, rows] = ['', []], ...others] = columns;
    const uneven = others.find(([, column]) => column.length !== rows.length);
    if (uneven !== undefined) {
      const [shorter, longer] = uneven[1].length < rows.length ? [uneven, first] : [[first, rows] as const, uneven[0]];
      const reason = `it has ${batch * size + shorter[1].length} rows, and \`${longer}\` has more`;
      refuse(cliCodes.finding('cli-input-file', { path: `\`${shorter[0]}\``, reason }));
    }
    if (rows.length > 0) yield columns;
    done = rows.length < size;
  }
}

async function* iterate(texts: Texts): AsyncGenerator<string> {
  yield* texts;
}

async function take(texts: AsyncGenerator<string>, size: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < size) {
    const next = await texts.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** The one input that takes texts and is not given otherwise. */
function textPort(model: Model, named: ReadonlySet<string>): string | undefined {
  const ports = textPorts(model, named);
  return ports.length === 1 ? ports[0] : undefined;
}

const textPorts = (model: Model, named: ReadonlySet<string>): string[] =>
  model.inputs.filter((port) => port.tokenizer !== undefined && !named.has(port.name)).map((port) => port.name);

/** Why texts have no input to go to. */
function notText(model: Model, named: ReadonlySet<string>, by: string) {
  const inputs = textPorts(model, named);
  const taken = textPorts(model, new Set());
  if (inputs.length === 0 && taken.length > 0) return cliCodes.finding('cli-input-twice', { model: model.name, inputs: taken, by }, ['Leave one of the two out.']);
  return cliCodes.finding('cli-not-text', { model: model.name, inputs }, [byName(model)]);
}

function noInput(model: Model, port: string | undefined) {
  const inputs = model.inputs.map(({ name }) => name);
  const isPicture = inputs.length === 1 && picturePorts(model, new Set()).length === 1;
  const alone = isPicture ? `Give pictures by --image FILE, or tensors by --input ${inputs[0]}=FILE, with .npy or .json.` : byName(model);
  return cliCodes.finding('cli-no-input', { model: model.name, inputs }, [inputs.length === 1 && port !== undefined ? 'Give texts by --text, by --jsonl, or by standard input, one a line.' : alone]);
}

// ---------------------------------------------------------------- inputs by name

interface GivenByName {
  readonly tensors: ReadonlyMap<string, unknown>;
  readonly texts: ReadonlyMap<string, Texts>;
}

/** `--input x=file` and `--input tokens.ids=file`, by port. */
function readGiven(model: Model, call: Call): GivenByName {
  const tensors = new Map<string, unknown>();
  const texts = new Map<string, Texts>();
  const known = model.inputs.map((port) => port.name);
  for (const given of list(call, 'input')) {
    const match = /^([^=.]+)(?:\.([^=.]+))?=(.+)$/.exec(given);
    if (match === null) refuse(cliCodes.finding('cli-option-value', { option: '--input', expected: 'NAME=FILE', found: given }));
    const [, port = '', field, file = ''] = match;
    if (!known.includes(port)) refuse(runtimeCodes.finding('input-unknown', { of: model.name, field: port, known }, didYouMean(port, known)));
    const lines = field === undefined ? textFile(file, call) : undefined;
    if (lines !== undefined) texts.set(port, lines);
    else if (field === undefined) tensors.set(port, readValue(file, call.io.cwd));
    else tensors.set(port, Object.fromEntries([...Object.entries(tensors.get(port) ?? {}), [field, readValue(file, call.io.cwd)]]));
  }
  return { tensors, texts };
}

/** The texts of a .txt or .jsonl file; undefined for any other. */
function textFile(file: string, call: Call): Texts | undefined {
  if (file.endsWith('.jsonl')) return jsonlTexts(file, text(call, 'field') ?? 'text', call.io.cwd);
  return file.endsWith('.txt') ? lineTexts(file, call.io.cwd) : undefined;
}

/** One text a line; an empty line is an empty text, so that rows stay beside those of other inputs. */
function lineTexts(file: string, cwd: string): Texts {
  const decoded = decodeUtf8(readBytes(file, cwd));
  if (decoded === undefined) return refuse(cliCodes.finding('cli-input-file', { path: file, reason: 'it is not UTF-8' }));
  const lines = decoded.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function readValue(file: string, cwd: string): unknown {
  const full = existing(file, cwd);
  const ending = path.extname(full);
  const notes = pictureEndings.includes(ending.toLowerCase()) ? [`A picture is given by --image ${file}`] : [];
  const unusable = (reason: string) => refuse(cliCodes.finding('cli-input-file', { path: file, reason }, notes));
  const bytes = readBytes(file, cwd);
  if (ending === '.npy') return npyTensor(bytes, full, unusable);
  if (ending !== '.json') return unusable('its name ends neither in .json nor in .npy, nor in .txt or .jsonl for texts');
  const json = parseJson(decodeUtf8(bytes) ?? '\0');
  return json.ok ? json.value : unusable(json.reason);
}

function readBytes(file: string, cwd: string): Uint8Array {
  const opened = openFile(pathToFileURL(existing(file, cwd)).href, file);
  if (!opened.ok) return refuse(opened.finding);
  try {
    return opened.value.read(0, opened.value.size);
  } catch (error) {
    return refuse(unreadable(error, file));
  } finally {
    opened.value.close();
  }
}

function npyTensor(file: Uint8Array, full: string, unusable: (reason: string) => never): TensorLike {
  const array = readNpy(file, pathToFileURL(full).href);
  if (!array.ok) refuse(array.finding);
  const { dtype, dims, bytes } = array.value;
  const kind = isCarried(dtype) ? rowOf(dtype).array : undefined;
  if (kind === undefined) return unusable(`ONNX Runtime takes no ${dtype}`);
  // The elements may begin at an odd address, which a typed array does not.
  const copy = Uint8Array.from(bytes);
  const elements = new kind(copy.buffer, 0, dims.reduce((product, dim) => product * dim, 1));
  return { data: elements, dims };
}
