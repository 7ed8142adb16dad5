/** What verdicts in the lock say of the budgets of models: times and memory, which no check can tell. */
import type { Verdict } from '../../align/index.ts';
import type { Checked } from '../../check/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedVerify } from '../../check/tools/index.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import type { Host } from '../../host/host.ts';
import type { KeptVerdict } from '../../packages/kept.ts';
import { sidesOf } from './swap.ts';
import { budgetsAmong, staleVerdict } from './verdicts.ts';

export interface MeasuredBudget {
  /** Of the `verify` declaration. */
  readonly verify: string;
  /** `2026-11-23` */
  readonly date: string;
  /** Of the whole verification, with all of its gates. */
  readonly verdict: Verdict;
  /** Of each limit, as it is written; undefined where the lock does not keep them. */
  readonly limits?: Readonly<Record<string, Verdict>>;
  /** `New for Old`, where that was measured and the model does not call it; undefined of the model as it stands. */
  readonly swap?: string;
}

/**
 * The verdicts that measured the budget of a model, and speak of what is here.
 *
 * @param check checks one module
 */
export function measuredBudgets({ name, uri }: Pick<CheckedModel, 'name' | 'uri'>, check: (uri: string) => Pick<Checked, 'tools' | 'lowerTerms' | 'diagnostics'>, kept: readonly KeptVerdict[], host: Host): readonly MeasuredBudget[] {
  return kept.flatMap(({ uri: module, name: verifyName, stored }): MeasuredBudget[] => {
    const { tools, lowerTerms, diagnostics } = check(module);
    const verify = hasErrors(diagnostics) ? undefined : tools.find((tool): tool is CheckedVerify => tool.kind === 'verify' && tool.uri === module && tool.name === verifyName);
    const swaps = verify?.swaps.filter(({ model }) => model.name === name && model.module.uri === uri) ?? [];
    if (verify === undefined || swaps.length === 0 || staleVerdict(verify, stored, { host, lowerTerms, budgets: budgetsAmong(tools.map((tool) => ({ tool }))) }).length > 0) return [];
    const put = [...(sidesOf(swaps).swapped ?? [])].map(([part, replacement]) => `${replacement.name} for ${part.name}`);
    return [{ verify: verifyName, date: stored.date, verdict: stored.verdict, ...(stored.budgets === undefined ? {} : { limits: stored.budgets }), ...(put.length === 0 ? {} : { swap: put.join(', ') }) }];
  });
}
