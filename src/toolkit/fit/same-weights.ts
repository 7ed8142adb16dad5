/**
 * Whether two files of a fit are the same to the rounding of kernels, which is another one on another processor: the file that is there is kept then,
 * and with it every lock and verdict that knows its bytes.
 */
import { parseJson } from '../../data/json.ts';
import { readSafetensors, type SafetensorsFile, type SafetensorsTensor } from '../../data/safetensors.ts';

/** Relative, to the largest number of a tensor and to a number of the record: some roundings of single precision. */
const tolerance = 1e-6;

export function isSameToRounding(a: Uint8Array, b: Uint8Array): boolean {
  const [first, second] = [a, b].map(opened);
  if (first === undefined || second === undefined || first.file.tensors.length !== second.file.tensors.length) return false;
  const { 'mdl.fit': record, ...rest } = first.file.metadata;
  const { 'mdl.fit': other, ...others } = second.file.metadata;
  if (record === undefined || other === undefined || !isNear(rest, others) || !isNear(parsed(record), parsed(other))) return false;
  return first.file.tensors.every((tensor, i) => isNearTensor(first.numbers(tensor), tensor, second.numbers(second.file.tensors[i]!), second.file.tensors[i]!));
}

interface Opened {
  readonly file: SafetensorsFile;
  numbers(tensor: SafetensorsTensor): Float32Array;
}

function opened(bytes: Uint8Array): Opened | undefined {
  const file = readSafetensors({ uri: 'memory:///weights', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  return file.ok ? { file: file.value, numbers: ({ offset, length }) => new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer) } : undefined;
}

function isNearTensor(a: Float32Array, of: SafetensorsTensor, b: Float32Array, other: SafetensorsTensor): boolean {
  if (of.name !== other.name || of.dtype !== 'f32' || other.dtype !== 'f32' || of.dims.join() !== other.dims.join()) return false;
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.every((value, i) => Math.abs(value - b[i]!) <= tolerance * largest);
}

/** What is no JSON stands for itself. */
function parsed(text: string): unknown {
  const json = parseJson(text);
  return json.ok ? json.value : text;
}

/** Of values as JSON has them. */
function isNear(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [entries, others] = [Object.entries(a), new Map(Object.entries(b))];
  return Array.isArray(a) === Array.isArray(b) && entries.length === others.size && entries.every(([key, value]) => others.has(key) && isNear(value, others.get(key)));
}
