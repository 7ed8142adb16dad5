/** The steps of an upgrade on a staged project: declare, plan, probe, fit, verify, build. */
import type { Advice } from '../../align/index.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import { runFit, type FitResult } from '../../toolkit/fit/fit.ts';
import { runProbe, type ProbeResult } from '../../toolkit/probe/probe.ts';
import { runVerify, type VerifyResult } from '../../toolkit/verify/verify.ts';
import { answerOf, toBeIndexed, type Answered } from '../../toolkit/upgrade/answer.ts';
import type { UpgradePlan } from '../../toolkit/upgrade/plan.ts';
import type { Study } from '../../toolkit/study/study.ts';
import { studyVerify } from '../../toolkit/study/verify-study.ts';
import { recallKept, type RecallKept } from '../../toolkit/verify/recall.ts';
import { isMeasurable } from '../../toolkit/verify/swap.ts';
import type { Workbench } from '../../toolkit/workbench.ts';
import type { Io } from '../io.ts';
import { checkProject, type ProjectCheck } from '../project/project.ts';
import { stageText, type Staged } from '../project/staged.ts';
import { StagedFault, type UpgradeCall } from './upgrade-call.ts';
import { refuseBroken, soundModules } from './upgrade-others.ts';
import { planned } from './upgrade-plan.ts';
import { withoutUnusedImports } from '../project/unused-imports.ts';
import { withWorkbench } from '../project/workbench.ts';

export interface Upgraded {
  readonly answered: Answered;
  readonly plan: UpgradePlan;
  /** Undefined where nothing is bridged. */
  readonly probed: ProbeResult | undefined;
  readonly advice: Advice | undefined;
  readonly fitted: FitResult | undefined;
  readonly verified: readonly VerifyResult[];
  readonly recall: readonly RecallKept[];
  /** What a report shows of the verifications; empty where none is wanted. */
  readonly studies: readonly Study[];
}

export async function carryOutUpgrade(call: UpgradeCall, check: ProjectCheck, staged: Staged, io: Io): Promise<Upgraded> {
  const sound = soundModules({ staged, call, io });
  const plan = await planned(call, check, staged, io);
  for (const [uri, text] of plan.texts) await stageText(staged, uri, text);
  if (plan.tools !== undefined) await stageText(staged, plan.toolsUri, { text: plan.tools });
  const entries = [...new Set([call.uri, ...(plan.tools === undefined ? [] : [plan.toolsUri]), ...plan.models.map(({ model }) => model.module.uri)])];
  await withoutUnusedImports(staged, [...plan.texts.keys()], entries);
  refuseBroken(sound, plan, { staged, call, io });

  const none = { plan, fitted: undefined, verified: [], recall: [], studies: [] };
  const anew = call.reindex ? toBeIndexed(plan.vectors, plan.next.symbol.name) : undefined;
  if (plan.tools === undefined) {
    const checked = await checkProject(staged.project, entries, 'accept');
    if (hasErrors(checked.diagnostics)) throw new StagedFault(checked);
    return { ...none, answered: { answer: 're-index', verdict: 'PASS', reasons: [anew!, 'The models have no other output that rests on it: nothing is bridged, and nothing verified.'] }, probed: undefined, advice: undefined };
  }
  const probed = await onBench(staged, entries, io, ({ bench, toolOf }) => runProbe(toolOf('probe'), bench));
  const advice = probed.joints.find(({ from, to }) => from === plan.names.newVectors && to === plan.names.oldVectors)!.advice;
  if (advice.remedy === 'refuse') return { ...none, answered: answerOf({ advice, verified: [], recall: [] }), probed, advice };
  const fitted = await onBench(staged, entries, io, ({ bench, toolOf }) => runFit(toolOf('fit'), bench));
  staged.host.put(plan.weightsUri, fitted.file);
  return onBench(staged, entries, io, async ({ check: patched, bench, toolsOf }) => {
    const verified: VerifyResult[] = [];
    const recall: RecallKept[] = [];
    const studies: Study[] = [];
    for (const tool of toolsOf('verify')) {
      const result = await runVerify(tool, bench);
      verified.push(result);
      if (call.reports) studies.push(await studyVerify(tool, result, bench));
      for (const output of isMeasurable(result.swaps[0]!.data) ? (plan.indexed.get(tool.name) ?? []) : []) recall.push(await recallKept(bench.kernels, output, result.swaps[0]!.data));
    }
    // That every model can be built and loaded is part of the answer.
    for (const model of patched.models) await (await bench.open(model)).close();
    return { answered: answerOf({ advice, verified, recall, learned: { rows: fitted.rows, columns: plan.next.columns }, anew }), plan, probed, advice, fitted, verified, recall, studies };
  }, plan.toolsUri);
}

// ---------------------------------------------------------------- running

type Kind = 'probe' | 'fit' | 'verify';
type ToolOf<K extends Kind> = Extract<ProjectCheck['tools'][number]['tool'], { kind: K }>;

interface OnBench {
  readonly check: ProjectCheck;
  readonly bench: Workbench;
  toolsOf<K extends Kind>(kind: K): readonly ToolOf<K>[];
  toolOf<K extends Kind>(kind: K): ToolOf<K>;
}

/** Works with the sources as they are staged now. */
async function onBench<T>(staged: Staged, entries: readonly string[], io: Io, work: (on: OnBench) => Promise<T>, toolsUri = entries[1]!): Promise<T> {
  const check = await checkProject(staged.project, entries, 'accept');
  if (hasErrors(check.diagnostics)) throw new StagedFault(check);
  const own = check.tools.filter(({ tool }) => tool.uri === toolsUri);
  const toolsOf = <K extends Kind>(kind: K): readonly ToolOf<K>[] => own.flatMap(({ tool }) => (tool.kind === kind ? [tool as ToolOf<K>] : []));
  return withWorkbench(staged.project, check, own[0]!.lowerTerms, io, (bench) => work({ check, bench, toolsOf, toolOf: (kind) => toolsOf(kind)[0]! }));
}
