/** Verdicts and measurements that a lock keeps, against what is here now. */
import type { LowerTerms } from '../check/tools/lower.ts';
import type { CheckedTool } from '../check/tools/index.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { KeptOfModule } from '../packages/kept.ts';
import { judgeMeasured } from './judge-measured.ts';
import { staleVerdict } from './verdicts.ts';

export interface KeptTool extends KeptOfModule {
  readonly tool: CheckedTool;
  readonly lowerTerms: LowerTerms;
}

/** Warnings for stored verdicts and measurements of something else, and for measurements that contradict what is declared. Only where there are no errors. */
export const judgeKept = (tools: readonly KeptTool[], host: Host): readonly Diagnostic[] =>
  tools.flatMap(({ tool, lowerTerms, verdicts, probes }) => {
    const verdict = tool.kind === 'verify' ? verdicts.get(tool.name) : undefined;
    if (tool.kind === 'verify' && verdict !== undefined) return staleVerdict(tool, verdict, host, lowerTerms);
    const measured = tool.kind === 'probe' ? probes.get(tool.name) : undefined;
    return tool.kind === 'probe' && measured !== undefined ? judgeMeasured(tool, measured, host, lowerTerms) : [];
  });
