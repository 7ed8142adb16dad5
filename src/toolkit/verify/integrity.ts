/** G0 of a swap: what its bridges were learned from is what is here, and nothing of it is tested on. */
import { integrityGate, type Fingerprint, type GateResult } from '../../align/index.ts';
import type { ColumnTerm, Term } from '../../check/tools/index.ts';
import { isRecord, parseJson } from '../../data/json.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import { resolvePath } from '../../names/paths.ts';
import type { Symbol } from '../../names/modules.ts';
import { uriFromLock } from '../../packages/lock-place.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { columnOf, rowKey, type Tables } from '../data/columns.ts';
import type { SwapData } from './swap.ts';
import { readTable } from '../data/table.ts';
import { groupsOf } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

export function integrityOf(data: SwapData, bench: Workbench): GateResult {
  const { rows, keys, groups, learned } = data;
  return integrityGate({
    fingerprints: learned.flatMap((part) => fingerprintsOf(part, bench)),
    features: data.named.map(({ of, features }) => ({ of, features, rows, columns: features === data.bridged ? data.y.columns : features.columns })),
    learned: learned.flatMap((part) => learnedFrom(part, data, bench)),
    judged: { name: 'the data of this verify', keys, ...(groups === undefined ? {} : { groups }) },
  });
}

/** The encoders that the weights were fitted to, as their file says, against those that are here. */
function fingerprintsOf(part: Symbol, { host }: Workbench): readonly Fingerprint[] {
  const { weights } = part.declaration as PartDecl;
  const uri = weights && resolvePath(weights.path.value, part.module.uri);
  const source = uri === undefined ? undefined : host.open(uri);
  if (!source?.ok) return [];
  try {
    const file = readSafetensors(source.value);
    const record = file.ok ? parseJson(file.value.metadata['mdl.fit'] ?? '') : undefined;
    const encoders = record?.ok && isRecord(record.value) ? record.value['encoders'] : undefined;
    if (!isRecord(encoders)) return [];
    return Object.entries(encoders).flatMap(([path, expected]) => {
      const now = uriFromLock(uri!, path);
      const digest = now === undefined || host.stat(now) === undefined ? undefined : host.sha256(now);
      return digest?.ok ? [{ of: path, expected: String(expected), found: digest.value }] : [];
    });
  } finally {
    source.value.close();
  }
}

/** The examples that a `fit` of the part learns from, where it reads as many columns. */
function learnedFrom(part: Symbol, { own }: SwapData, { fits, host }: Workbench) {
  return fits.filter((fit) => fit.target === part).flatMap((fit) => {
    const read = new Map(fit.loss.flatMap(({ inputs }) => [...inputs.values()].flatMap(columnsRead)).map((term) => [`${term.data.uri} ${term.column}`, term]));
    if (read.size !== own.columns.size) return [];
    const tables: Tables = new Map([...read.values()].map(({ data }) => [data, readTable(data, host)]));
    const columns = [...read.values()].map((term) => columnOf(term, tables));
    const { rows } = [...tables.values()][0]!;
    const groups = groupsOf(tables);
    return [{ name: `the data of fit ${part.name}`, ...(groups === undefined ? {} : { groups }), keys: Array.from({ length: rows }, (_, row) => rowKey(columns, row).toString('hex')) }];
  });
}

/** The columns that calls read; a label stands in none. */
function columnsRead(term: Term): readonly ColumnTerm[] {
  if (term.kind === 'field') return columnsRead(term.of);
  if (term.kind === 'column') return [];
  return [...term.inputs.values()].flatMap((input) => (input.kind === 'column' ? [input] : columnsRead(input)));
}
