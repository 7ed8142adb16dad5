/** Answers held to what may be answered. */
import type { Answers } from './foreign.ts';
import type { Tensor } from './interval.ts';

export interface Counts {
  drawn: number;
  built: number;
  runs: number;
  /** Elements compared, those of which everything was known to the last bit, and those of which nothing was. */
  elements: number;
  exact: number;
  open: number;
  /** Proved statements about outputs that were held to the answers. */
  facts: number;
  /** Programs with one joint changed. */
  broken: number;
  /** Programs whose networks refused all inputs. */
  unrunnable: number;
}
export const newCounts = (): Counts => ({ drawn: 0, built: 0, runs: 0, elements: 0, exact: 0, open: 0, facts: 0, broken: 0, unrunnable: 0 });

/** Where an answer is not one that the parts may give. */
export function compare(expected: Answers, found: Answers, counts?: Counts): readonly string[] {
  return [...expected].flatMap(([name, tensor]) => {
    const other = found.get(name);
    if (other === undefined) return [`\`${name}\` is not there`];
    if (other.dtype !== tensor.dtype) return [`\`${name}\` is ${other.dtype}, not ${tensor.dtype}`];
    if (other.dims.join() !== tensor.dims.join()) return [`\`${name}\` is [${other.dims.join(', ')}], not [${tensor.dims.join(', ')}]`];
    if (counts !== undefined) count(tensor, counts);
    const at = firstOutside(tensor, other);
    return at < 0 ? [] : [`\`${name}\`[${at}] is ${other.low[at]}, not in [${tensor.low[at]}, ${tensor.high[at]}]`];
  });
}

function count({ low, high }: Tensor, counts: Counts): void {
  counts.elements += low.length;
  counts.exact += low.filter((from, i) => from === high[i] || Number.isNaN(from)).length;
  counts.open += low.filter((from, i) => from === -Infinity && high[i] === Infinity).length;
}

function firstOutside({ low, high }: Tensor, { low: found }: Tensor): number {
  return low.findIndex((from, i) => {
    const [to, value] = [high[i]!, found[i]!];
    if (Number.isNaN(from)) return !Number.isNaN(value);
    if (from === -Infinity && to === Infinity) return false;
    return !(value >= from && value <= to);
  });
}
