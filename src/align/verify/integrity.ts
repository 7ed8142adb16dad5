/** G0: are these the files, the widths and the splits that were spoken of, and are their numbers numbers? */
import { findLeaks, type Leak, type Split } from '../../data/splits.ts';
import type { Features } from '../matrix.ts';
import type { GateResult } from './gate.ts';

export interface Fingerprint {
  /** The file or encoder, as the user knows it. */
  readonly of: string;
  readonly expected: string;
  readonly found: string;
}

export interface NamedFeatures {
  readonly of: string;
  readonly features: Features;
  /** The width that its contract declares. */
  readonly columns: number;
  /** As many as there are examples. */
  readonly rows: number;
}

export interface IntegrityInput {
  readonly fingerprints: readonly Fingerprint[];
  readonly features: readonly NamedFeatures[];
  /** What the parts were learned from. Two of them may share examples: neither is judged on them. */
  readonly learned: readonly Split[];
  /** Whole sentences: of examples that stand on both sides but for rounding. */
  readonly rounded?: readonly string[];
  /** Sentences on what they were learned from, too, and nobody could look at. */
  readonly unseen?: readonly string[];
  /** What they are judged on. */
  readonly judged: Split;
  /** The same rows by what else a part is called on. */
  readonly besides?: readonly Split[];
}

export function integrityGate({ fingerprints, features, learned, rounded = [], unseen = [], judged, besides = [] }: IntegrityInput): GateResult {
  const faults = [
    ...fingerprints.flatMap(changed),
    ...features.flatMap((named) => [...misshapen(named), ...unmeasurable(named)]),
    ...learned.flatMap((one) => [judged, ...besides].flatMap((other) => findLeaks([one, other]))).map(showLeak),
    ...rounded,
  ];
  const open = [...new Set(unseen)];
  const reason = faults.length + open.length > 0 ? [...faults, ...open].join(' ') : 'Files, widths, numbers and splits are as they should be.';
  return {
    gate: 'G0 integrity',
    verdict: faults.length > 0 ? 'FAIL' : open.length > 0 ? 'INCONCLUSIVE' : 'PASS',
    measures: [{ name: 'faults', value: faults.length, bar: '= 0' }],
    reason,
  };
}

const changed = ({ of, expected, found }: Fingerprint): string[] =>
  expected === found ? [] : [`${of} is not the one that was meant: expected ${expected.slice(0, 12)}, found ${found.slice(0, 12)}.`];

const misshapen = ({ of, features, rows, columns }: NamedFeatures): string[] =>
  features.rows === rows && features.columns === columns
    ? []
    : [`${of} should be ${rows} rows of ${columns}, found ${features.rows} of ${features.columns}.`];

/** Rows that hold no numbers, or numbers whose squares over all rows are none in single precision; none where all can be computed with. */
export function unmeasurable({ of, features: { rows, columns, data } }: Pick<NamedFeatures, 'of' | 'features'>): string[] {
  const most = Math.sqrt(2 ** 126 / Math.max(1, rows));
  const rowsThat = (is: (value: number) => boolean): number[] => Array.from({ length: rows }, (_, row) => row).filter((row) => data.subarray(row * columns, (row + 1) * columns).some(is));
  const told = (found: readonly number[], what: string): string[] => (found.length === 0 ? [] : [`${of} gives ${what} for ${found.length.toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} rows, row ${found[0]! + 1} the first.`]);
  const broken = rowsThat((value) => !Number.isFinite(value));
  return [...told(broken, 'NaN or infinity'), ...(broken.length > 0 ? [] : told(rowsThat((value) => Math.abs(value) > most), 'numbers whose squares are beyond single precision'))];
}

/** An example is named by its rows, a group by its name, too. */
const showLeak = ({ first, second, kind, count, witness, rows }: Leak): string =>
  `${count} ${kind}${count === 1 ? ' stands' : 's stand'} in both ${first} and ${second}${count === 1 ? ':' : ', among them'}${kind === 'group' ? ` "${witness.slice(0, 60)}",` : ''} row ${rows[0]} there and row ${rows[1]} here.`;
