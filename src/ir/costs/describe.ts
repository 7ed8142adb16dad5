/** Costs for JSON and for people: numbers where the sizes are known, else expressions over them. */
import { constantOf, showDim, type Dim } from '../../types/dim.ts';
import type { Costs } from './index.ts';

/** Null stands for what is too long to be read. */
type Figure = number | string | null;

export interface DescribedCosts {
  readonly parameters: number;
  readonly bytes: number;
  readonly macs: Figure;
  readonly peak: Figure;
  /** Left out where everything is counted. */
  readonly uncounted?: { readonly operators?: readonly string[]; readonly tensors?: readonly string[] };
}

export const describeFigure = (figure: Dim | undefined): Figure => (figure === undefined ? null : (constantOf(figure) ?? showDim(figure)));

/** Of tensors that nobody knows a few stand for all. */
const mostNamed = 8;

export function describeCosts({ parameters, bytes, macs, peak, uncounted }: Costs): DescribedCosts {
  const gaps = { ...(uncounted.operators.length > 0 && { operators: uncounted.operators }), ...(uncounted.tensors.length > 0 && { tensors: uncounted.tensors.slice(0, mostNamed) }) };
  return { parameters, bytes, macs: describeFigure(macs), peak: describeFigure(peak), ...(Object.keys(gaps).length > 0 && { uncounted: gaps }) };
}
