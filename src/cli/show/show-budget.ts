/** What a check says of a model's budget, and of the sizes that are tested when the model runs. */
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
    ...(left.length > 0 ? [`${showMeasured(measured)}: ${left.join(', ')}`] : []),
  ];
}

/** By whom they were measured, as the model stands or with something in its place. */
function showMeasured(measured: readonly MeasuredBudget[]): string {
  const by = ({ verify, date, verdict, swap }: MeasuredBudget): string => `${swap === undefined ? '' : `with ${swap} `}by verify ${verify} on ${date}, ${verdict}`;
  const standing = measured.filter(({ swap }) => swap === undefined);
  if (standing.length > 0) return `measured ${standing.map(by).join('; ')}`;
  return ['left to be measured', ...measured.map((one) => `measured ${by(one)}`)].join('; ');
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
