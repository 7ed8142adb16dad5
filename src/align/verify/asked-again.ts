/** Requirements asked once more: of perturbed rows, or of the file that is shipped. Of answers that are no classes nothing else tells. */
import type { Estimate } from '../statistics/interval.ts';
import type { Open } from '../statistics/rows-to-decide.ts';
import { overall, show, type GateResult, type Measure, type Verdict } from './gate.ts';

export interface AskedAgain {
  /** `r2(y.price, d.price) with typing errors` */
  readonly name: string;
  readonly compared: Estimate;
  /** Whether that is what the swap changes; else it is what there is with it. */
  readonly isChange: boolean;
  /** `>= -0.02` */
  readonly bar: string;
  readonly verdict: Verdict;
  /** As many rows or groups as would decide, where it is open. */
  readonly open?: Open;
}

/** What they say together: all have to be kept, so no bound needs an adjustment (Berger 1982). None at all are kept. */
export function allAsked(asked: readonly AskedAgain[]): Pick<GateResult, 'verdict' | 'measures' | 'reason'> & { readonly open: readonly Open[] } {
  return {
    verdict: overall(asked.map(({ verdict }) => verdict)),
    measures: asked.map(({ name, compared, isChange, bar }): Measure => ({ name: isChange ? `change of ${name}` : name, ...compared, bar })),
    reason: asked.map(sentence).join(' '),
    open: asked.flatMap(({ open }) => open ?? []),
  };
}

const words: Readonly<Record<Verdict, string>> = { PASS: 'and surely is', FAIL: 'and surely is not', INCONCLUSIVE: 'which may or may not be' };

const sentence = ({ name, compared, isChange, bar, verdict }: AskedAgain): string => `${name} ${isChange ? 'changes by' : 'is'} ${show(compared)}, ${words[verdict]} ${bar}.`;
