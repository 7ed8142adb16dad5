/** The budget of a model whose part is swapped, measured with the swap, on the examples of the verification. */
import type { CheckedSwap } from '../../check/tools/index.ts';
import { inputsOf, type Tables } from '../data/columns.ts';
import { measureBudgets, type BudgetResult } from './budgets.ts';
import type { SwapData } from './swap.ts';
import { withOutputs } from '../../check/tools/lower.ts';
import { answersOf } from './swap.ts';
import type { Workbench } from '../workbench.ts';

export async function budgetsOf({ model: symbol }: CheckedSwap, { swapped, measured, rows }: SwapData, tables: Tables, bench: Workbench): Promise<readonly BudgetResult[]> {
  const limits = bench.budgets.filter(({ model }) => model === symbol).flatMap((budget) => budget.limits);
  if (limits.length === 0) return [];
  const heads = measured.flatMap((found, index) => (found === undefined ? [] : [{ index }]));
  const checked = withOutputs(swapped.model, answersOf(swapped, heads));
  return measureBudgets(limits, {
    open: (device) => bench.open(checked, device),
    inputs: (model, from, count) => inputsOf(model, swapped.columns, tables, Array.from({ length: count }, (_, i) => (from + i) % rows)),
  });
}
