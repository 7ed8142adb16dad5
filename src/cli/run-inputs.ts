/** What a model is run on: texts in batches, and tensors from files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeUtf8, describe, parseJson } from '../data/json.ts';
import { readJsonl } from '../data/jsonl.ts';
import { readNpy } from '../data/npy.ts';
import { cliCodes } from '../diagnostics/codes/cli.ts';
import { openFile } from '../host/read-file.ts';
import { isCarried, rowOf } from '../runtime/elements.ts';
import type { Model, TensorLike } from '../runtime/index.ts';
import { suggest } from '../text/suggest.ts';
import { count, list, text, type Call } from './command.ts';
import { existing } from './sources.ts';
import { readLines } from './stdin.ts';
import { refuse, Stop } from './stop.ts';

export interface Batch {
  readonly inputs: Readonly<Record<string, unknown>>;
  /** One a row, where the rows are texts. */
  readonly texts?: readonly string[];
}

/** The batches that a call asks for. Refuses what cannot be read when it comes to it. */
export async function* readBatches(model: Model, call: Call): AsyncGenerator<Batch> {
  const tensors = readTensors(call);
  const port = textPort(model, tensors);
  const texts = textsOf(call, port !== undefined);
  if (texts === undefined) {
    if (Object.keys(tensors).length === 0) refuse(noInput(model, port));
    yield { inputs: tensors };
    return;
  }
  if (port === undefined) refuse(notText(model, tensors));
  let empty = true;
  for await (const rows of inBatches(texts, count(call, 'batch', 32))) {
    empty = false;
    yield { inputs: { ...tensors, [port]: rows }, texts: rows };
  }
  if (empty) refuse(noInput(model, port));
}

// ---------------------------------------------------------------- texts

type Texts = AsyncIterable<string> | Iterable<string>;

/** The texts of the call; standard input where it is not a terminal and the model wants a text. */
function textsOf(call: Call, wanted: boolean): Texts | undefined {
  const texts = list(call, 'text');
  const jsonl = text(call, 'jsonl');
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
  if (!source.ok) throw new Stop(source.finding);
  try {
    for (const row of readJsonl(source.value)) {
      if (!row.ok) throw new Stop(row.finding);
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

async function* inBatches(texts: Texts, size: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const item of texts) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The one input that takes texts and is not given otherwise. */
function textPort(model: Model, tensors: Batch['inputs']): string | undefined {
  const ports = textPorts(model, tensors);
  return ports.length === 1 ? ports[0] : undefined;
}

const textPorts = (model: Model, tensors: Batch['inputs']): string[] =>
  model.inputs.filter((port) => port.tokenizer !== undefined && !(port.name in tensors)).map((port) => port.name);

const notText = (model: Model, tensors: Batch['inputs']) =>
  cliCodes.finding('cli-not-text', { model: model.name, inputs: textPorts(model, tensors) }, [
    'Give its inputs by name: --input NAME=FILE, with .json or .npy.',
  ]);

const noInput = (model: Model, port: string | undefined) =>
  cliCodes.finding('cli-no-input', { model: model.name, inputs: model.inputs.map((input) => input.name) }, [
    port === undefined
      ? `Give each by name: --input ${model.inputs[0]?.name ?? 'NAME'}=FILE, with .json or .npy.`
      : 'Give texts by --text, by --jsonl, or by standard input, one a line.',
  ]);

// ---------------------------------------------------------------- tensors

/** `--input x=file` and `--input tokens.ids=file`, by port. */
function readTensors(call: Call): Record<string, unknown> {
  const inputs: Record<string, unknown> = {};
  for (const given of list(call, 'input')) {
    const match = /^([^=.]+)(?:\.([^=.]+))?=(.+)$/.exec(given);
    if (match === null) refuse(cliCodes.finding('cli-option-value', { option: '--input', expected: 'NAME=FILE', found: given }));
    const [, port = '', field, file = ''] = match;
    const value = readValue(file, call.io.cwd);
    inputs[port] = field === undefined ? value : { ...(inputs[port] as object | undefined), [field]: value };
  }
  return inputs;
}

function readValue(file: string, cwd: string): unknown {
  const full = existing(file, cwd);
  const unusable = (reason: string) => refuse(cliCodes.finding('cli-input-file', { path: file, reason }));
  const opened = openFile(pathToFileURL(full).href, file);
  if (!opened.ok) throw new Stop(opened.finding);
  opened.value.close();
  const bytes = readFileSync(full);
  const ending = path.extname(full);
  if (ending === '.npy') return npyTensor(bytes, full, unusable);
  if (ending !== '.json') return unusable('its name ends neither in .json nor in .npy');
  const json = parseJson(decodeUtf8(bytes) ?? '\0');
  return json.ok ? json.value : unusable(json.reason);
}

function npyTensor(file: Uint8Array, full: string, unusable: (reason: string) => never): TensorLike {
  const array = readNpy(file, pathToFileURL(full).href);
  if (!array.ok) throw new Stop(array.finding);
  const { dtype, dims, bytes } = array.value;
  const kind = isCarried(dtype) ? rowOf(dtype).array : undefined;
  if (kind === undefined) return unusable(`ONNX Runtime takes no ${dtype}`);
  // The elements may begin at an odd address, which a typed array does not.
  const copy = Uint8Array.from(bytes);
  const elements = new kind(copy.buffer, 0, dims.reduce((product, dim) => product * dim, 1));
  return { data: elements, dims };
}
