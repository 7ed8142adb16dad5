/** What a check says of a model's budget, and of the sizes that are tested when the model runs. */
import { overall } from '../../align/verify/gate.ts';
import type { BudgetEntry, CheckedModel } from '../../check/model.ts';
import { sizesTested } from '../../check/types/size-facts.ts';
import { showStatement } from '../../types/show.ts';
import type { MeasuredBudget } from '../../toolkit/verify/measured-budgets.ts';
import { showBytes } from './show-bytes.ts';
import { showFigure } from './show-costs.ts';

/** One line for each kind of remark, none where there is nothing to say. */
export function remarksOn(model: CheckedModel, measured: readonly MeasuredBudget[]): string[] {
  const tested = sizesTested(model).map(({ fact }) => showStatement(fact));
  const kept = model.budget.filter(({ state }) => state !== 'unmeasured').map(showEntry);
  const left = model.budget.filter(({ state }) => state === 'unmeasured').map(({ metric, op, bound, device }) => `${metric} ${op} ${showBound(metric, bound)}${device === undefined ? '' : ` on "${device}"`}`);
  return [
    ...(tested.length > 0 ? [`tested when it runs: ${tested.join(', ')}`] : []),
    ...(kept.length > 0 ? [`budget: ${kept.join(', ')}`] : []),
    ...(left.length > 0 ? showMeasured(measured, left.join(', ')) : []),
  ];
}

/** A line for each verification that measured them: as the model stands, or else with something in its place. */
function showMeasured(measured: readonly MeasuredBudget[], left: string): readonly string[] {
  const standing = measured.filter(({ swap }) => swap === undefined);
  return standing.length > 0 ? standing.map((one) => showOne(one, left)) : [`left to be measured: ${left}`, ...measured.map((one) => showOne(one, left))];
}

/** What came of each limit; the verification has gates besides, and what all of it said is told where that is something else. */
function showOne({ verify, date, verdict, limits, swap }: MeasuredBudget, left: string): string {
  const each = limits === undefined ? left : Object.entries(limits).map(([limit, found]) => `${limit} ${found}`).join(', ');
  const isSame = limits !== undefined && overall(Object.values(limits)) === verdict;
  return `measured ${swap === undefined ? '' : `with ${swap} `}by verify ${verify} on ${date}: ${each}${isSame ? '' : `; all of verify ${verify}, its gates too: ${verdict}`}`;
}

function showEntry({ metric, op, bound, figure, limit, state }: BudgetEntry): string {
  const amount = figure === undefined ? '' : ` ${showAmount(metric, figure)}`;
  const share = limit === undefined ? '' : ` (${showAmount(metric, limit)})`;
  return `${metric}${amount} ${op} ${showBound(metric, bound)}${share}${state === 'unproved' ? ', not proved' : ''}`;
}

const showAmount = (metric: string, amount: number | string): string => (metric === 'bytes' && typeof amount === 'number' ? showBytes(amount) : showFigure(amount));

function showBound(metric: string, { kind, value }: BudgetEntry['bound']): string {
  if (kind === 'share') return `${Number((value * 100).toPrecision(12))}%`;
  if (metric.startsWith('latency')) return value >= 1 ? `${value}s` : `${Number((value * 1000).toPrecision(12))}ms`;
  return metric === 'bytes' || metric === 'memory' ? showBytes(value) : String(value);
}
