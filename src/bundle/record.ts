/** The record that a composed ONNX file carries of itself in its metadata, and where a manifest says otherwise. */
import { isRecord, parseJson } from '../data/json.ts';
import type { Manifest } from './manifest.ts';
import { readFileRecord, type FileRecord } from './read.ts';

/** What a file says of itself. */
export interface SealedRecord {
  readonly compiler: string;
  readonly model: string;
  /** The encoder or head of a split model. */
  readonly part: string | undefined;
  readonly record: FileRecord;
}

export type RecordOutcome =
  | { readonly ok: true; readonly value: SealedRecord }
  /** A clause without a full stop. */
  | { readonly ok: false; readonly reason: string };

/** The lines of the record, by what follows `prefix` in their keys. */
const parts = ['interface', 'joints', 'sources', 'backbones'];

/** Reads the record from a file's metadata, in which its keys begin with `prefix`. */
export function readRecord(metadata: ReadonlyMap<string, string>, prefix: string): RecordOutcome {
  const refuse = (reason: string): RecordOutcome => ({ ok: false, reason });
  const line = (key: string): string | undefined => metadata.get(`${prefix}${key}`);
  const members: Record<string, unknown>[] = [];
  for (const key of parts) {
    const text = line(key);
    if (text === undefined && key === 'backbones') continue;
    if (text === undefined) return refuse(`its metadata has no \`${prefix}${key}\``);
    const json = parseJson(text);
    if (!json.ok) return refuse(`\`${prefix}${key}\` of its metadata is no JSON: ${json.reason}`);
    members.push(key === 'interface' ? (json.value as Record<string, unknown>) : { [key]: json.value });
  }
  const record = readFileRecord(Object.assign({}, ...members));
  if (!record.ok) return refuse(record.finding.message);
  return { ok: true, value: { compiler: line('compiler') ?? '', model: line('model') ?? '', part: line('part'), record: record.value } };
}

/** A place where two JSON values differ: `outputs[0].tensor.dims[1].classes[0]`. */
export interface Difference {
  readonly path: string;
  readonly said: unknown;
  readonly recorded: unknown;
}

/** The first place where the manifest says otherwise than a file's record. */
export function compareRecord(manifest: Manifest, { compiler, model, record }: SealedRecord): Difference | undefined {
  const { inputs, outputs, states, sizes, guards, backbones, joints, sources } = manifest;
  const said = { compiler: manifest.compiler, model: manifest.model, inputs, outputs, states, sizes, guards, backbones, joints, sources };
  return firstDifference(said, { compiler, model, ...record }, '');
}

/** The first place where two JSON values differ, below `path`. */
export function firstDifference(said: unknown, recorded: unknown, path: string): Difference | undefined {
  if (Object.is(said, recorded)) return undefined;
  const lists = Array.isArray(said) && Array.isArray(recorded);
  if (lists ? said.length !== recorded.length : !isRecord(said) || !isRecord(recorded)) return { path, said, recorded };
  const [left, right] = [said, recorded] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const place = lists ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const different = firstDifference(own(left, key), own(right, key), place);
    if (different !== undefined) return different;
  }
  return undefined;
}

/** A manifest may have a member called `__proto__`. */
const own = (value: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

const longest = 60;

/** A side of a difference, for messages. */
export function showSide(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
