/** G0 of a swap: what its bridges were learned from is what is here, and nothing of it is tested on. */
import { integrityGate, type Fingerprint, type GateResult } from '../../align/index.ts';
import { uriFromLock } from '../../packages/lock-place.ts';
import { columnOf, type Tables } from '../data/columns.ts';
import { exampleKeys } from '../data/example-key.ts';
import { nearCopies } from '../data/near-copies.ts';
import { learnedFrom, weightsRecord, type LearnedSplit, type WeightsRecord } from './learned-from.ts';
import type { SwapData } from './swap.ts';
import type { Workbench } from '../workbench.ts';

export function integrityOf(data: SwapData, tables: Tables, bench: Workbench): GateResult {
  const { own, rows, groups, reads } = data;
  const parts = data.learned.map((part) => ({ part, record: weightsRecord(part, bench) }));
  const learned = parts.map(({ part, record }) => ({ ...learnedFrom(part, record, reads, bench), isCommon: record !== undefined && own.model.files.includes(record.uri) }));
  const judged = reads.map((read, call): LearnedSplit => {
    const columns = read.map((term) => columnOf(term, tables));
    const name = reads.length === 1 ? 'the data of this verify' : `${read.map(({ column }) => `\`${column}\``).join(', ')} of the data of this verify`;
    return { name, keys: exampleKeys(columns, rows), examples: { columns, rows }, ...(groups === undefined || call > 0 ? {} : { groups }) };
  });
  const splits = learned.flatMap((one) => one.splits);
  return integrityGate({
    fingerprints: parts.flatMap(({ record }) => fingerprintsOf(record, bench)),
    features: data.named.map((named) => ({ ...named, rows })),
    learned: splits,
    rounded: splits.flatMap((one) => judged.flatMap((other) => roundedCopies(one, other))),
    // A head that answers on both sides may have been trained long ago, on data that nobody has: what it knows of these it knows on both.
    unseen: learned.flatMap(({ unseen, isCommon }) => (isCommon ? [] : unseen)),
    judged: judged[0]!,
    besides: judged.slice(1),
  });
}

/** Those that are equal are told as such. */
function roundedCopies(first: LearnedSplit, second: LearnedSplit): readonly string[] {
  const known = new Set(first.keys);
  const found = nearCopies(first.examples, second.examples, (row) => known.has(second.keys[row]!));
  if (found === undefined) return [];
  const { count, rows } = found;
  return [`${count} example${count === 1 ? ' stands' : 's stand'} in both ${first.name} and ${second.name}, the same to five digits${count === 1 ? ':' : ', among them'} row ${rows[0]} there and row ${rows[1]} here.`];
}

/** The encoders that the weights were fitted to, as their file says, against those that are here. */
function fingerprintsOf(record: WeightsRecord | undefined, { host }: Workbench): readonly Fingerprint[] {
  return Object.entries(record?.encoders ?? {}).flatMap(([path, expected]) => {
    const now = uriFromLock(record!.uri, path);
    const digest = now === undefined || host.stat(now) === undefined ? undefined : host.sha256(now);
    return digest?.ok ? [{ of: path, expected: String(expected), found: digest.value }] : [];
  });
}
