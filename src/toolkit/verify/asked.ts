/** Requirements asked once more, of perturbed rows or of the file that is shipped: of answers without classes nothing else tells how they do there. */
import { unmeasurable, type AskedAgain, type Features, type RowGroups } from '../../align/index.ts';
import type { CheckedRequirement, CheckedSwap, CheckedVerify, Term } from '../../check/tools/index.ts';
import type { Head } from '../fit/heads.ts';
import { onRows, type Measured } from './measure.ts';
import { followed } from './followed.ts';
import { pathIn } from './not-judged.ts';
import { judgeSides, writtenAt, type Source } from './requirement.ts';
import type { MeasuredRequirement, SwapData } from './swap.ts';

/** A requirement on what the model answers, and what of it rests on the swap. */
export interface RequiredAnswer {
  readonly requirement: CheckedRequirement;
  readonly measured: MeasuredRequirement;
  /** `r2(y.price, d.price)` */
  readonly text: string;
  /** Whether its accuracy is required, too, so that gates that go by classes judge it. */
  readonly isHead: boolean;
  /** What it looks at of what the model gives: the prediction first. */
  readonly outputs: readonly LookedAt[];
}

export interface LookedAt {
  /** Of the program's output. */
  readonly output: string;
  /** `answer.price`, and where no output of the model is that the part. */
  readonly name: string;
  /** Undefined where no output of the model is that. */
  readonly path: string | undefined;
}

/** All but accuracies. */
export function requiredAnswers(verify: CheckedVerify, swap: CheckedSwap, { own, measured }: SwapData, heads: readonly Head[], source: Source): readonly RequiredAnswer[] {
  const { program } = own.model;
  const valueOf = (output: string): string => program.outputs.find(({ name }) => name === output)!.value;
  const touched = followed(program, new Set(own.calls.flatMap(({ symbol, result }) => (symbol === swap.part && result !== undefined ? [result.value] : []))));
  const judged = new Set(heads.map((head) => valueOf(head.measured.given.prediction)));
  return verify.requirements.flatMap((requirement, index): RequiredAnswer[] => {
    const found = measured[index];
    const { metric } = requirement;
    if (found === undefined || metric.name === 'accuracy' || !namesIn(found).some((name) => touched.has(valueOf(name)))) return [];
    const terms = new Map([...metric.inputs].map(([input, term]) => [`${index} ${input}`, term]));
    return [{
      requirement,
      measured: found,
      text: writtenAt(metric.location, source, metric.name),
      isHead: judged.has(valueOf(found.given.prediction)),
      outputs: namesIn(found).map((output) => {
        const path = pathIn(terms.get(output)!, swap);
        return { output, name: path ?? nameOf(terms.get(output)!), path };
      }),
    }];
  });
}

const nameOf = (term: Term): string => (term.kind === 'field' ? term.field : term.kind === 'call' ? term.callee.name : term.column);

/** The outputs of the program that a requirement looks at. */
const namesIn = ({ given }: MeasuredRequirement): readonly string[] => [given.prediction, ...(given.target === undefined ? [] : [given.target])];

/** Of some of the rows, what the model answered there: by the names of its outputs. */
export type AnswerOf = (name: string) => Features;

/** What a requirement looks at on these rows, were these the answers. */
export const answered = (side: Measured, { given }: MeasuredRequirement, rows: readonly number[], answer: AnswerOf): Measured => ({
  ...onRows(side, rows),
  prediction: answer(given.prediction),
  ...(given.target === undefined ? {} : { target: answer(given.target) }),
});

/** Numbers that are none are told, and fail. */
export function askAgain({ requirement, text }: RequiredAnswer, words: string, sides: { readonly own: Measured; readonly swapped: Measured }, groups: RowGroups | undefined): AskedAgain {
  const { verdict, compared, bound, open } = judgeSides(requirement, sides, groups);
  const isBroken = Number.isNaN(compared.value) && unmeasurable({ of: text, features: sides.swapped.prediction }).length > 0;
  return { name: `${text}${words}`, compared, isChange: requirement.bound.kind === 'baseline', bar: `${requirement.op} ${bound}`, verdict: isBroken ? 'FAIL' : verdict, ...(open === undefined || isBroken ? {} : { open }) };
}

