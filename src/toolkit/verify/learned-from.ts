/**
 * What the parts of a swap were learned from, as far as it is here: by the `fit` declarations that the source reaches, and by what
 * the weights' own file says, for a `fit` may stand in a module that nothing imports.
 */
import type { CheckedData, CheckedFit, ColumnTerm, Term } from '../../check/tools/index.ts';
import { isRecord, parseJson } from '../../data/json.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import type { Split } from '../../data/splits.ts';
import { resolvePath } from '../../names/paths.ts';
import type { Symbol } from '../../names/modules.ts';
import { uriFromLock } from '../../packages/lock-place.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { columnOf, type Tables } from '../data/columns.ts';
import { exampleKeys } from '../data/example-key.ts';
import type { Examples } from '../data/near-copies.ts';
import { digestOfData, readTable, type Column, type Table } from '../data/table.ts';
import { groupsOf } from '../data/units.ts';
import { ToolError } from '../errors.ts';
import type { Workbench } from '../workbench.ts';

/** What a fit wrote of the weights into their file. */
export interface WeightsRecord {
  /** Of the weights' file, from which its paths go. */
  readonly uri: string;
  readonly encoders: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Undefined where a part has no weights file, or one that says nothing of a fit. */
export function weightsRecord(part: Symbol, { host }: Workbench): WeightsRecord | undefined {
  const { weights } = part.declaration as PartDecl;
  const uri = weights && resolvePath(weights.path.value, part.module.uri);
  const source = uri === undefined ? undefined : host.open(uri);
  if (!source?.ok) return undefined;
  try {
    const file = readSafetensors(source.value);
    const record = file.ok ? parseJson(file.value.metadata['mdl.fit'] ?? '') : undefined;
    if (!record?.ok || !isRecord(record.value)) return undefined;
    const { encoders, data } = record.value;
    return { uri: uri!, encoders: isRecord(encoders) ? encoders : {}, data: isRecord(data) ? data : {} };
  } finally {
    source.value.close();
  }
}

export interface LearnedSplit extends Split {
  /** None where other columns were learned from than are read here. */
  readonly examples: Examples;
}

export interface LearnedFrom {
  readonly splits: readonly LearnedSplit[];
  /** Sentences on data that were not looked at: then nobody knows whether an example stands there, too. */
  readonly unseen: readonly string[];
}

/** @param reads the columns that the examples of the verification are read from, by call of what is swapped: what was learned from has the names of one of them */
export function learnedFrom(part: Symbol, record: WeightsRecord | undefined, reads: readonly (readonly ColumnTerm[])[], bench: Workbench): LearnedFrom {
  const fits = bench.fits.filter((fit) => fit.target === part);
  const found = fits.map((fit) => ofFit(fit, part, reads.map((read) => read.length), bench));
  const declared = new Set(fits.flatMap(({ data }) => data.map(({ uri }) => uri)));
  for (const [path, digest] of Object.entries(record?.data ?? {})) {
    const uri = uriFromLock(record!.uri, path);
    if (uri !== undefined) found.push(ofFile({ uri, path, digest, isDeclared: declared.has(uri) }, part, reads, bench));
  }
  return { splits: found.flatMap(({ splits }) => splits), unseen: found.flatMap(({ unseen }) => unseen) };
}

/** The examples that a declared `fit` learns from; where it reads another number of columns, their groups alone. */
function ofFit(fit: CheckedFit, part: Symbol, columns: readonly number[], { host }: Workbench): LearnedFrom {
  const terms = [...new Map(fit.loss.flatMap(({ inputs }) => [...inputs.values()].flatMap(columnsRead)).map((term) => [`${term.data.uri} ${term.column}`, term])).values()];
  if (terms.length === 0) return { splits: [], unseen: [] };
  const tables: Tables = new Map(terms.map(({ data }) => [data, readTable(data, host)]));
  return { splits: [splitOf(part, columns.includes(terms.length) ? terms.map((term) => columnOf(term, tables)) : [], tables)], unseen: [] };
}

interface RecordedFile {
  readonly uri: string;
  /** As the record has it. */
  readonly path: string;
  readonly digest: unknown;
  /** Whether a `fit` that was looked at has the same file. */
  readonly isDeclared: boolean;
}

/** A file that the weights say they were learned from; of its columns those that have the names of what is read here. */
function ofFile({ uri, path, digest, isDeclared }: RecordedFile, part: Symbol, reads: readonly (readonly ColumnTerm[])[], { host }: Workbench): LearnedFrom {
  const unseen = (why: string): LearnedFrom => ({ splits: [], unseen: [`\`${part.name}\` was learned from ${path}, ${why}: whether examples of it stand here, too, is not known.`] });
  const now = digestOfData(uri, host);
  if (now === '') return unseen('which is not there');
  if (now !== digest) return unseen('which has been changed since (`mdl fit` learns from it as it is)');
  if (isDeclared) return { splits: [], unseen: [] };
  const data: CheckedData = { name: undefined, uri, location: { uri: part.module.uri, span: part.declaration.span } };
  const named = reads.map((read) => read.map(({ column }) => column));
  try {
    const table: Table = readTable(data, host);
    const names = named.find((some) => some.every((name) => table.columns.has(name))) ?? named[0]!;
    const missing = names.find((name) => !table.columns.has(name));
    const tables: Tables = new Map([[data, table]]);
    const split = splitOf(part, missing === undefined ? names.map((name): Column => table.columns.get(name)!) : [], tables);
    return { splits: [split], unseen: missing === undefined ? [] : unseen(`which has no column \`${missing}\`, and no \`fit\` that is read says which of its columns are meant`).unseen };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return unseen(`which cannot be read (${error.diagnostic.message})`);
  }
}

function splitOf(part: Symbol, columns: readonly Column[], tables: Tables): LearnedSplit {
  const groups = groupsOf(tables);
  const { rows } = [...tables.values()][0]!;
  return { name: `the data of fit ${part.name}`, ...(groups === undefined ? {} : { groups }), keys: columns.length === 0 ? [] : exampleKeys(columns, rows), examples: { columns, rows: columns.length === 0 ? 0 : rows } };
}

/** The columns that calls read; a label stands in none. */
function columnsRead(term: Term): readonly ColumnTerm[] {
  if (term.kind === 'field') return columnsRead(term.of);
  if (term.kind === 'column') return [];
  return [...term.inputs.values()].flatMap((input) => (input.kind === 'column' ? [input] : columnsRead(input)));
}
