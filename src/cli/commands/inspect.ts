/** `mdl inspect`: what is in a foreign file. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileName } from '../../data/json.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import { readTokenizer } from '../../data/tokenizer-header.ts';
import { harmless } from '../../diagnostics/columns.ts';
import { plural } from '../../diagnostics/index.ts';
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource, Host } from '../../host/host.ts';
import { createNodeHost } from '../../host/node.ts';
import { inferredTensors } from '../../ir/infer/index.ts';
import { readModel } from '../../onnx/index.ts';
import { openConstants } from '../../read-constants.ts';
import { flag, list, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { nameOfFile } from '../../toolkit/upgrade/declare-backbone.ts';
import { backboneText } from '../inspect/backbone-text.ts';
import { describeModel, modelSections } from '../inspect/inspect-model.ts';
import { printJson, type Io } from '../io.ts';
import { readRanges } from '../inspect/range-options.ts';
import { readSizes } from '../inspect/size-options.ts';
import { showBytes } from '../show/show-bytes.ts';
import { existing } from '../project/sources.ts';
import { refuse, Stop } from '../stop.ts';

/** A heading and the rows below it, in columns. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const [given = ''] = call.args;
  const uri = pathToFileURL(existing(given, io.cwd)).href;
  const host = createNodeHost({ cwd: io.cwd });
  if (flag(call, 'mdl')) {
    const specifier = specifierOf(host.display(uri));
    // Of a file that lies in the working folder, that folder's name says nothing.
    io.stdout.write(backboneText(readFile(uri, host, readModel), nameOfFile(encodeURI(specifier)), specifier));
    return exit.fine;
  }
  const read = readers[path.extname(given)] ?? inspectModel;
  const { json, sections } = read(uri, host, call);
  const bytes = host.stat(uri)?.size ?? 0;
  if (flag(call, 'json')) printJson(io, { file: host.display(uri), bytes, ...json });
  else printSections(`${host.display(uri)}, ${showBytes(bytes)}`, sections, io);
  return exit.fine;
}

/** A file as a module in the working folder names it. */
const specifierOf = (shown: string): string => (shown.startsWith('.') || path.isAbsolute(shown) ? shown : `./${shown}`).replaceAll('\\', '/');

interface Inspected {
  readonly json: object;
  readonly sections: readonly Section[];
}
type Reader = (uri: string, host: Host, call: Call) => Inspected;

const readers: Readonly<Record<string, Reader>> = { '.safetensors': inspectWeights, '.json': inspectTokenizer };

function inspectModel(uri: string, host: Host, call: Call): Inspected {
  const file = readFile(uri, host, readModel);
  const { inputs } = file.graph;
  const sizes = list(call, 'size');
  const known = sizes.length === 0 ? undefined : inferredTensors(file);
  const given = {
    ranges: readRanges(list(call, 'range'), inputs),
    sizes: known === undefined ? new Map() : readSizes(sizes, inputs.map((name) => known.get(name))),
  };
  const constants = openConstants(host);
  const description = describeModel(file, flag(call, 'inner'), given, constants.read);
  constants.close();
  return { json: description, sections: modelSections(description) };
}

function inspectWeights(uri: string, host: Host): Inspected {
  const { tensors, metadata } = readFile(uri, host, readSafetensors);
  const entries = Object.entries(metadata);
  return {
    json: { format: 'safetensors', tensors, metadata },
    sections: [
      {
        title: plural(tensors.length, 'tensor'),
        rows: tensors.map(({ name, dtype, dims, length }) => [name, `${dtype}[${dims.join(', ')}]`, showBytes(length)]),
      },
      ...(entries.length === 0 ? [] : [{ title: 'metadata', rows: entries }]),
    ],
  };
}

function inspectTokenizer(uri: string, host: Host): Inspected {
  const text = host.readText(uri);
  if (!text.ok) refuse(text.finding);
  const info = readTokenizer(text.value, fileName(uri));
  if (!info.ok) throw new Stop(info.finding);
  const rows = Object.entries(info.value).filter(([, value]) => value !== undefined);
  return {
    json: { format: 'tokenizer', ...info.value },
    sections: [{ title: 'tokenizer', rows: rows.map(([key, value]) => [words(key), String(value)]) }],
  };
}

/** `vocabularySize` to `vocabulary size` */
const words = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function readFile<T>(uri: string, host: Host, read: (source: ByteSource) => Outcome<T>): T {
  const source = host.open(uri);
  if (!source.ok) refuse(source.finding);
  try {
    const outcome = read(source.value);
    if (!outcome.ok) throw new Stop(outcome.finding);
    return outcome.value;
  } finally {
    source.value.close();
  }
}

function printSections(title: string, sections: readonly Section[], io: Io): void {
  io.stdout.write(`${title}\n`);
  for (const section of sections) {
    io.stdout.write(`\n${section.title}\n`);
    const widths = section.rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
    for (const row of section.rows) {
      const cells = row.map((cell, i) => harmless(cell).padEnd(Math.min(widths[i]!, 48)));
      io.stdout.write(`  ${cells.join('  ').trimEnd()}\n`);
    }
  }
}
