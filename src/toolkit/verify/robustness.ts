/** G6 of a swap: both models on the same perturbed examples. */
import { oneOfEach, robustnessGate, selectRows, someGroups, type Features, type GateResult, type HeadOutcome } from '../../align/index.ts';
import type { LoweredTerms } from '../../check/tools/lower.ts';
import type { Tables } from '../data/columns.ts';
import { featuresOf } from '../data/features.ts';
import { classesFound } from './measure.ts';
import { perturbations, rowsOfTable, type Perturbation } from './perturb.ts';
import { answersOf } from './swap.ts';
import type { GateRequest } from '../fit/heads.ts';
import type { Workbench } from '../workbench.ts';

/** Each perturbation runs both models on all of them. */
const mostRows = 10_000;
/** Of which every one is compared with every other. */
const mostPoints = 2000;

export interface RobustnessRequest extends GateRequest {
  /** A head for a head: there is no space to lie in. */
  readonly isHead: boolean;
}

export async function robustnessOf(request: RobustnessRequest, bench: Workbench): Promise<GateResult> {
  const { data, heads } = request;
  const rows = request.rows.slice(0, mostRows);
  const groups = someGroups(data.together, rows);
  const outcomes: HeadOutcome[] = [];
  for (const perturbation of perturbations) {
    const tables = perturbed(perturbation, request, rows);
    if (tables === undefined) continue;
    const words = `${request.verify.name}, ${perturbation.words}`;
    const own = await answersOn(data.own, request, tables, rows.length, words, bench);
    const swapped = await answersOn(data.swapped, request, tables, rows.length, words, bench);
    for (const [i, { name, measured, margin }] of heads.entries()) {
      const right = (features: Features): boolean[] => Array.from(classesFound(features, measured.own.sets), (c, row) => c === measured.own.labels![rows[row]!]);
      outcomes.push({ head: `${name} ${perturbation.words}`, own: right(own[i]!), swapped: right(swapped[i]!), margin, groups });
    }
  }
  const { split, y, bridged, together } = data;
  const points = (part: readonly number[]): Uint32Array => oneOfEach(Uint32Array.from(part), together).subarray(0, mostPoints);
  const space = request.isHead ? undefined : { reference: selectRows(y, points(split.fit)), bridged: selectRows(bridged, points(split.test)) };
  return robustnessGate(bench.kernels, { outcomes, space });
}

/** The tables with every column changed that the model reads and that can be; undefined where none can. */
function perturbed(perturbation: Perturbation, { data, tables }: RobustnessRequest, rows: readonly number[]): Tables | undefined {
  const read = [...data.own.columns.values()];
  let isChanged = false;
  const changed = new Map([...tables].map(([file, table]) => {
    const some = rowsOfTable(table, rows);
    const columns = new Map(some.columns);
    for (const [i, name] of [...new Set(read.filter((term) => term.data === file).map((term) => term.column))].entries()) {
      const column = perturbation.apply(columns.get(name)!, i + 1);
      if (column === undefined) continue;
      isChanged = true;
      columns.set(name, column);
    }
    return [file, { ...some, columns }] as const;
  }));
  return isChanged ? changed : undefined;
}

const answersOn = (lowered: LoweredTerms, { verify, heads }: RobustnessRequest, tables: Tables, rows: number, words: string, bench: Workbench): Promise<readonly Features[]> =>
  featuresOf({ lowered, outputs: answersOf(lowered, heads), tables, rows, words, location: verify.location }, bench);
