/** G3: do the old heads answer as well behind the bridge as they do on their own encoder? */
import { holm } from '../statistics/permutation.ts';
import { countOf, type RowGroups } from '../statistics/groups.ts';
import { rowsForPairs, wholeRows, type Open } from '../statistics/rows-to-decide.ts';
import {
  countPairs,
  effectivePairs,
  nonInferiority,
  pairedDifference,
  type PairedCounts,
} from '../statistics/paired-proportions.ts';
import { leastRows, overall, show, tooFew, type GateName, type GateResult, type Measure, type Verdict } from './gate.ts';

const level = 0.05;

export interface HeadOutcome {
  readonly head: string;
  /** Which test rows the head gets right on its own encoder, and which behind the bridge. */
  readonly own: readonly boolean[];
  readonly swapped: readonly boolean[];
  /** How much accuracy it may lose, where heads differ in that. */
  readonly margin?: number;
  /** What costs nothing: the padded source, a head retrained on the same labels. Told beside the result. */
  readonly controls?: Readonly<Record<string, readonly boolean[]>>;
  /** Rows that belong together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}

export interface FunctionOptions {
  /** How much accuracy may be lost. Default 0.02. */
  readonly margin?: number;
  /** The gate that asks. Default G3. */
  readonly gate?: GateName;
}

/** The p-values of several heads are adjusted, so that many heads do not pass by luck (Holm 1979). */
export function functionGate(heads: readonly HeadOutcome[], { margin = 0.02, gate = 'G3 function' }: FunctionOptions = {}): GateResult {
  const rows = Math.min(...heads.map(({ own, groups }) => countOf(own.length, groups)));
  const counts = heads.map(({ own, swapped, groups }) => effectivePairs(swapped, own, groups));
  const margins = heads.map((head) => head.margin ?? margin);
  const adjusted = holm(counts.map((count, i) => nonInferiority(count, -margins[i]!)));
  const verdicts = counts.map((count, i): Verdict => {
    if (adjusted[i]! <= level) return 'PASS';
    return pairedDifference(count).interval.high < -margins[i]! ? 'FAIL' : 'INCONCLUSIVE';
  });
  const verdict = overall(verdicts);
  const opened = counts.map((count, i) => openOf(count, rows, margins[i]!, verdicts.filter((one) => one === 'INCONCLUSIVE').length));
  if (rows < leastRows) return tooFew(gate, rows, 'judged', { groups: heads[0]?.groups, open: opened });
  const open = opened.filter((_, i) => verdicts[i] === 'INCONCLUSIVE');
  return {
    gate,
    verdict,
    measures: heads.flatMap((head, i) => measuresOf(head, counts[i]!, adjusted[i]!, margins[i]!)),
    reason: heads.map((head, i) => sentence(head, counts[i]!, verdicts[i]!, margins[i]!)).join(' '),
    ...(verdict === 'INCONCLUSIVE' ? { open } : {}),
  };
}

const share = (right: readonly boolean[]): number => right.filter(Boolean).length / right.length;

const measuresOf = (head: HeadOutcome, counts: PairedCounts, p: number, margin: number): readonly Measure[] => [
  { name: `accuracy of ${head.head}, own`, value: share(head.own) },
  { name: `accuracy of ${head.head}, swapped`, value: share(head.swapped) },
  { name: `difference of ${head.head}`, ...pairedDifference(counts), bar: `>= ${-margin}` },
  { name: `p of ${head.head}`, value: p, bar: `<= ${level}` },
  { name: `negative flips of ${head.head}`, value: countPairs(head.swapped, head.own).onlySecond },
  ...Object.entries(head.controls ?? {}).map(([name, right]) => ({
    name: `accuracy of ${head.head}, ${name}`,
    value: share(right),
  })),
];

function sentence({ head }: HeadOutcome, counts: PairedCounts, verdict: Verdict, margin: number): string {
  const difference = show(pairedDifference(counts));
  const bar = `${(100 * margin).toFixed(1)} points`;
  const words: Record<Verdict, string> = {
    PASS: `and surely loses less than ${bar}`,
    FAIL: `and surely loses more than ${bar}`,
    INCONCLUSIVE: `which may or may not be a loss of ${bar}`,
  };
  return `${head} changes by ${difference}, ${words[verdict]}.`;
}

/** As much as each of the `rows` rows or groups said, so many of them; of all heads that are open, or of none where all are too few. */
function openOf(counts: PairedCounts, rows: number, margin: number, several: number): Open {
  const needed = rowsForPairs(counts, -margin, Math.max(1, several)) * (rows / counts.rows);
  return { rows: Math.max(leastRows, wholeRows(needed)), of: 'judged', leans: pairedDifference(counts).value < -margin ? 'FAIL' : 'PASS' };
}
