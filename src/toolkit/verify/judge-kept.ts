/** Verdicts and measurements that a lock keeps, against what is here now. */
import type { LowerTerms } from '../../check/tools/lower.ts';
import type { CheckedTool } from '../../check/tools/index.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Host } from '../../host/host.ts';
import type { KeptOfModule } from '../../packages/kept.ts';
import { judgeMeasured } from '../probe/judge-measured.ts';
import { budgetsAmong, staleVerdict } from './verdicts.ts';

export interface KeptTool extends KeptOfModule {
  readonly tool: CheckedTool;
  readonly lowerTerms: LowerTerms;
}

/**
 * Warnings for stored verdicts and measurements of something else, and for measurements that contradict what is declared. Only where there are no errors.
 *
 * @param all the tools of the project, budgets among them
 */
export function judgeKept(tools: readonly KeptTool[], all: readonly Pick<KeptTool, 'tool'>[], host: Host): readonly Diagnostic[] {
  const budgets = budgetsAmong(all);
  return tools.flatMap(({ tool, lowerTerms, verdicts, probes }) => {
    const verdict = tool.kind === 'verify' ? verdicts.get(tool.name) : undefined;
    if (tool.kind === 'verify' && verdict !== undefined) return staleVerdict(tool, verdict, { host, lowerTerms, budgets });
    const measured = tool.kind === 'probe' ? probes.get(tool.name) : undefined;
    return tool.kind === 'probe' && measured !== undefined ? judgeMeasured(tool, measured, host, lowerTerms) : [];
  });
}
