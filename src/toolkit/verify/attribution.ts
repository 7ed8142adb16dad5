/** Of each head that surely or perhaps lost too much by a swap: whether backbone, adapter or head is at fault. */
import { attribute, effectivePairs, pairedDifference, selectRows, someGroups, type Attribution } from '../../align/index.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import type { Workbench } from '../workbench.ts';
import { rightOn, type Measured } from './measure.ts';
import type { SwapData } from './swap.ts';

export interface HeadAttribution extends Attribution {
  readonly head: string;
}

const seed = 0;

export async function attributionsOf(heads: readonly Head[], data: SwapData, { kernels }: Workbench): Promise<readonly HeadAttribution[]> {
  const results: HeadAttribution[] = [];
  for (const { name, margin, measured } of heads) {
    // Who reads several labels at once is no linear reader of classes.
    if (measured.own.sets !== undefined || keeps(measured, data, margin)) continue;
    const labels = measured.own.labels!;
    const pick = (rows: readonly number[]) => ({ x: selectRows(data.x, rows), y: selectRows(data.y, rows), bridged: selectRows(data.bridged, rows), labels: rows.map((row) => labels[row]!), groups: someGroups(data.together, rows) });
    const found = await attribute(kernels, { fit: pick(data.split.fit), test: pick(data.split.test) }, { seed, margin });
    if (found !== undefined) results.push({ head: name, ...found });
  }
  return results;
}

/** Whether the head surely loses less than it may. */
function keeps({ own, swapped }: { readonly own: Measured; readonly swapped: Measured }, data: SwapData, margin: number): boolean {
  const rows = judgedRows(data);
  return pairedDifference(effectivePairs(rightOn(swapped, rows), rightOn(own, rows), someGroups(data.together, rows))).interval.low >= -margin;
}
