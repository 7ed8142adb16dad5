/**
 * What a probe saw, for those who come later: `mdl probe --record FILE` writes it, `mdl probe --against FILE` and a runtime
 * compare with it. docs/probe.md has the format.
 */
import { parseJson } from '../data/json.ts';
import { dictionary, integer, leaf, list, number, object, optional, showProblem, string, type Shape } from '../data/shape.ts';
import { driftCodes } from '../diagnostics/codes/drift.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';

export const recordVersion = 1;

/** Rows of an encoder's vectors, row-major. */
export interface Vectors {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** One space as it was: moments of all rows, and some of the rows. */
export interface SpaceRecord {
  readonly columns: number;
  /** Of all rows: mean and standard deviation of each column. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** The quantiles 0, .01, .05, .25, .5, .75, .95, .99 and 1 of the rows' Euclidean norms. */
  readonly norms: readonly number[];
  /** Rows drawn by chance: at most 1,000, and 2^18 numbers. */
  readonly sample: Vectors;
}

export interface ProbeRecord {
  /** `2026-11-22` */
  readonly date: string;
  /** SHA-256 of what computes the vectors: operators, files, tokenizers. */
  readonly encoders: string;
  /** SHA-256 of the data. */
  readonly data: string;
  readonly rows: number;
  /** How many groups or different examples those are, of which the spaces hold one row each; absent where each row stands alone. */
  readonly grouped?: { readonly count: number; readonly words: string };
  /** By what the probe calls them: `Old`, `Old.layer4`. */
  readonly spaces: ReadonlyMap<string, SpaceRecord>;
}

/** By the names of the probes. */
export type ProbeRecords = ReadonlyMap<string, ProbeRecord>;

// ---------------------------------------------------------------- as JSON

interface SpaceJson extends Omit<SpaceRecord, 'sample'> {
  /** The rows as base64 of little-endian f32. */
  readonly sample: { readonly rows: number; readonly f32: string };
}
interface RecordJson extends Omit<ProbeRecord, 'spaces'> {
  readonly spaces: Readonly<Record<string, SpaceJson>>;
}
interface FileJson {
  readonly probeRecord: number;
  readonly probes: Readonly<Record<string, RecordJson>>;
}

const maxColumns = 2 ** 20;
const sha256 = leaf('64 lower-case hexadecimal digits', (v) => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v));
const numbers = list(number, maxColumns);
const space = object<SpaceJson>({ columns: integer(1, maxColumns), mean: numbers, deviation: numbers, norms: list(number, 9), sample: object<SpaceJson['sample']>({ rows: integer(1, 1000), f32: string }) });
const record = object<RecordJson>({ date: string, encoders: sha256, data: string, rows: integer(1, Number.MAX_SAFE_INTEGER), grouped: optional(object<NonNullable<RecordJson['grouped']>>({ count: integer(1, Number.MAX_SAFE_INTEGER), words: string })), spaces: dictionary(space) });
const shape: Shape = object<FileJson>({ probeRecord: leaf(`${recordVersion}, the version of records that is read`, (v) => v === recordVersion), probes: dictionary(record) });

/** Reads a record, whatever the text holds; `file` names it in findings. */
export function readRecords(text: string, file: string): Outcome<ProbeRecords> {
  const refuse = (reason: string) => fail(driftCodes.finding('record-invalid', { file, reason }));
  const json = parseJson(text, { unique: true });
  if (!json.ok) return refuse(json.reason);
  const problem = shape(json.value, '');
  if (problem !== undefined) return refuse(showProblem(problem));
  const records = new Map<string, ProbeRecord>();
  for (const [name, { spaces, ...rest }] of Object.entries((json.value as FileJson).probes)) {
    const read = new Map<string, SpaceRecord>();
    for (const [of, { sample, ...moments }] of Object.entries(spaces)) {
      const data = floatsOf(sample.f32);
      const { columns, mean, deviation } = moments;
      if (data.length !== sample.rows * columns || mean.length !== columns || deviation.length !== columns) return refuse(`\`${of}\` has not ${columns} numbers in each row, mean and deviation`);
      read.set(of, { ...moments, sample: { rows: sample.rows, columns, data } });
    }
    records.set(name, { ...rest, spaces: read });
  }
  return succeed(records);
}

/** The same records are always the same text. */
export function printRecords(records: ProbeRecords): string {
  const probes = Object.fromEntries([...records].map(([name, { spaces, ...rest }]): [string, RecordJson] => [name, { ...rest, spaces: Object.fromEntries([...spaces].map(([of, { sample, ...moments }]) => [of, { ...moments, sample: { rows: sample.rows, f32: base64Of(sample.data) } }])) }]));
  return `${JSON.stringify({ probeRecord: recordVersion, probes } satisfies FileJson, undefined, 1)}\n`;
}

// Platforms without Buffer have these two as well.
function floatsOf(text: string): Float32Array {
  const bytes = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? atob(text) : '';
  const view = new DataView(new ArrayBuffer(bytes.length - (bytes.length % 4)));
  for (let i = 0; i < view.byteLength; i++) view.setUint8(i, bytes.charCodeAt(i));
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function base64Of(data: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * data.length));
  data.forEach((value, i) => view.setFloat32(4 * i, value, true));
  let bytes = '';
  for (let i = 0; i < view.byteLength; i++) bytes += String.fromCharCode(view.getUint8(i));
  return btoa(bytes);
}
