import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Outcome } from '../../src/diagnostics/diagnostic.ts';
import type { ByteSource } from '../../src/host/host.ts';
import { readModel, type OnnxFile, type OpenFile } from '../../src/onnx/index.ts';

export const useLitePath = 'examples/glosses/models/use-lite/model.onnx';
export const useLiteUri = pathToFileURL(useLitePath).href;

/** A file of the disk. */
export function fileSource(path: string): ByteSource {
  const file = openSync(path, 'r');
  return {
    uri: pathToFileURL(path).href,
    size: fstatSync(file).size,
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    },
    close: () => closeSync(file),
  };
}

/** Bytes in memory that count how many of them were asked for. */
export function memorySource(
  bytes: Uint8Array,
  uri = 'memory:///model.onnx',
): ByteSource & { readonly asked: () => number } {
  let asked = 0;
  return {
    uri,
    size: bytes.length,
    read: (offset, length) => {
      asked += length;
      return bytes.slice(offset, offset + length);
    },
    close: () => undefined,
    asked: () => asked,
  };
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.finding.code}: ${outcome.finding.message}`);
  return outcome.value;
}

export const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'ok' : outcome.finding.code);

/** Opens files of the disk, as a host does, and those given in memory. */
export const opener =
  (memory: ReadonlyMap<string, Uint8Array> = new Map()): OpenFile =>
  (uri) => {
    const bytes = memory.get(uri);
    return { ok: true, value: bytes === undefined ? fileSource(fileURLToPath(uri)) : memorySource(bytes, uri) };
  };

export function readUseLite(): OnnxFile {
  const source = fileSource(useLitePath);
  try {
    return valueOf(readModel(source));
  } finally {
    source.close();
  }
}
