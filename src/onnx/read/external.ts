/** Tensors whose elements lie in another file: where exactly, and never outside the model's own folder. */
import { onnxCodes } from '../../diagnostics/codes/onnx.ts';
import type { FileRange } from '../../ir/graph.ts';
import { Fault, fileName } from './fault.ts';
import { entryField } from '../schema.ts';
import { fieldsIn, textOf, type Field, type Wire } from './wire.ts';

/** Some models carry whole vocabularies in their metadata. */
const maxValueBytes = 16 * 1024 * 1024;

export interface ExternalParts {
  readonly name: string;
  /** The StringStringEntryProtos of `external_data`. */
  readonly entries: readonly Field[];
}

/** The range of another file that holds the tensor's `length` bytes; its existence is not checked here. */
export function readExternal(wire: Wire, parts: ExternalParts, length: number): FileRange {
  const { uri } = wire.source;
  const refuse = (reason: string): Fault =>
    new Fault(onnxCodes.finding('onnx-external-data', { file: fileName(uri), tensor: parts.name, reason }));
  const entries = new Map(parts.entries.map((field) => readEntry(wire, field)));
  const count = (key: string): number | undefined => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw refuse(`its ${key} is \`${text}\`, not a number of bytes`);
    return Number(text);
  };
  const stored = count('length');
  if (stored !== undefined && stored !== length)
    throw refuse(`its dims and dtype take ${length} bytes, and its \`length\` says ${stored}`);
  const path = resolveBeside(uri, entries.get('location') ?? '');
  if (path === undefined)
    throw refuse(`its location \`${entries.get('location') ?? ''}\` is not a path inside the model's folder`);
  return { uri: path, offset: count('offset') ?? 0, length };
}

/** Key and value of a StringStringEntryProto. */
export function readEntry(wire: Wire, field: Field): readonly [string, string] {
  let key = '';
  let value = '';
  for (const part of fieldsIn(wire, field)) {
    if (part.number === entryField.key) key = textOf(wire, part);
    else if (part.number === entryField.value) value = textOf(wire, part, maxValueBytes);
  }
  return [key, value];
}

/** The URI of a relative path below the folder of `uri`; undefined where it is absolute or could leave the folder. */
function resolveBeside(uri: string, path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '.');
  const isPlain = segments.length > 0 && segments.every((segment) => segment !== '' && segment !== '..');
  if (!isPlain || /[\\:\0]/.test(path)) return undefined;
  return uri.slice(0, uri.lastIndexOf('/') + 1) + segments.map(encodeURIComponent).join('/');
}
