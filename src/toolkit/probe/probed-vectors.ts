/** The vectors that a probe looks at: of each part's result, and of the taps on the way to it. */
import type { Features, RowGroups } from '../../align/index.ts';
import type { LoweredTerms, NamedValue } from '../../check/tools/lower.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Tables } from '../data/columns.ts';
import { refuse } from '../errors.ts';
import { featuresOf } from '../data/features.ts';
import { lowerProbe } from './lower-probe.ts';
import { keptWhole } from '../memory.ts';
import { readTable, type Table } from '../data/table.ts';
import { groupsOf, togetherOf, unitsOf } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

export interface NamedSpace {
  /** `Old`, or `Old.layer4` of a tap. */
  readonly name: string;
  readonly part: string;
  readonly tap?: string;
  readonly features: Features;
}

export interface ProbedVectors {
  readonly rows: number;
  readonly spaces: readonly NamedSpace[];
  readonly lowered: LoweredTerms;
  /** SHA-256 of the data. */
  readonly digest: string;
  /** Rows of a group, or else copies of an example; undefined where each row stands alone. */
  readonly together: RowGroups | undefined;
  readonly table: Table;
}

export async function probedSpaces(probe: CheckedProbe, bench: Workbench): Promise<ProbedVectors> {
  const [data] = probe.data;
  const table = readTable(data!, bench.host, keptWhole(bench.memory));
  const tables: Tables = new Map([[data!, table]]);
  const lowered = lowerProbe(probe, bench.lowerTerms, { name: table.name, columns: [...table.columns.keys()] });
  if (typeof lowered === 'string') return refuse(toolkitCodes.finding('tool-open', { tool: `\`probe ${probe.name}\``, why: lowered }), probe.location);
  const outputs = lowered.model.outputs.flatMap(({ name, type }) => {
    const value = lowered.model.program.outputs.find((port) => port.name === name)?.value;
    return type.kind === 'tensor' && value !== undefined ? [{ name, type, value, pooled: name.includes('.') } satisfies NamedValue & { pooled: boolean }] : [];
  });
  const features = await featuresOf({ lowered, outputs, tables, rows: table.rows, words: `the data of probe ${probe.name}`, location: probe.location }, bench);
  const spaces = features.map((vectors, i): NamedSpace => {
    const { name } = outputs[i]!;
    const [part, tap] = name.split('.') as [string, string?];
    return { name, part, ...(tap === undefined ? {} : { tap }), features: vectors };
  });
  const together = togetherOf(unitsOf(lowered.columns.values(), tables), groupsOf(tables) !== undefined);
  return { rows: table.rows, spaces, lowered, digest: table.digest, together, table };
}
