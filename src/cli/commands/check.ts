/** `mdl check`: every diagnostic, and for each model how its joints are known to fit. */
import type { CheckedModel } from '../../check/model.ts';
import { sizesTested } from '../../check/types/size-facts.ts';
import { countSeverities, hasErrors, plural } from '../../diagnostics/summary.ts';
import { positionAt, type Location } from '../../text/source.ts';
import type { MeasuredBudget } from '../../toolkit/verify/measured-budgets.ts';
import type { Evidence } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import { flag, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson, type Io } from '../io.ts';
import { budgetMeasured, checkProject, createProject, lockModeOf, type Project, type ProjectCheck } from '../project/project.ts';
import type { FixedFile } from '../project/fix-sources.ts';
import { findSources } from '../project/sources.ts';

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const fixed = flag(call, 'fix') ? await fixSources(call) : [];
  const project = createProject(io);
  const checkOnce = async (): Promise<ProjectCheck> => {
    const check = await checkProject(project, findSources(call.args, io.cwd), lockModeOf(call));
    const target = text(call, 'explain');
    // Where something is wrong that comes first.
    if (target !== undefined && !hasErrors(check.diagnostics)) (await import('../show/show-explanation.ts')).printExplanation(target, check, flag(call, 'json'), io);
    else if (flag(call, 'json')) printJson(io, { ...(await toJson(check, project)), ...(flag(call, 'fix') ? { fixed } : {}) });
    else await printCheck(check, project, io);
    return check;
  };
  const check = await checkOnce();
  if (flag(call, 'watch')) {
    const { watchProject } = await import('../project/watch.ts');
    await watchProject(check, checkOnce, io);
  }
  return hasErrors(check.diagnostics) ? exit.fault : exit.fine;
}

/** Makes the changes that need no choice, and says which; as JSON they stand in the answer. */
async function fixSources(call: Call): Promise<readonly FixedFile[]> {
  const { writeFixes, printFixes } = await import('../project/fix-sources.ts');
  const fixed = writeFixes(findSources(call.args, call.io.cwd), call.io);
  if (!flag(call, 'json')) printFixes(fixed, call.io);
  return fixed;
}

// Most checks find nothing: what renders findings is loaded when there are some.
const loadReport = () => import('../show/print-diagnostics.ts');

async function printCheck(check: ProjectCheck, project: Project, io: Io): Promise<void> {
  if (check.diagnostics.length > 0) (await loadReport()).printDiagnostics(check, io, io.stdout);
  if (hasErrors(check.diagnostics)) return;
  for (const model of check.models) {
    io.stdout.write(`${summarizeJoints(model)}\n`);
    for (const remark of await remarks(model, project)) io.stdout.write(`  ${remark}\n`);
    if (model.needlessGuards.length === 0) continue;
    const { describeNeedless } = await import('../../emit/needless-guards.ts');
    for (const sentence of describeNeedless(model, check.sources)) io.stdout.write(`  ${sentence}\n`);
  }
  for (const { name, missing } of check.unfitted) io.stdout.write(`${name}: waits for ${plural(missing.length, 'weights file')} that a fit writes\n`);
  if (check.models.length + check.unfitted.length === 0) io.stdout.write(`${plural(check.entries.length, 'file')} checked, no model among them\n`);
}

/** Loaded where a model has a budget or sizes to be tested. */
async function remarks(model: CheckedModel, project: Project): Promise<readonly string[]> {
  const isPlain = model.budget.length === 0 && sizesTested(model).length === 0;
  return isPlain ? [] : (await import('../show/show-budget.ts')).remarksOn(model, await budgetMeasured(project, model));
}

const kinds: readonly Evidence[] = ['proved', 'measured', 'enforced', 'declared'];

/** `Glosses: 9 joints, 31 requirements: 20 proved, 5 enforced, 6 declared` */
export function summarizeJoints(model: CheckedModel): string {
  const counts = countEvidence(model);
  const total = kinds.reduce((sum, kind) => sum + counts[kind], 0);
  const parts = kinds.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  const head = `${model.name}: ${plural(model.joints.length, 'joint')}, ${plural(total, 'requirement')}`;
  return parts.length === 0 ? head : `${head}: ${parts.join(', ')}`;
}

function countEvidence(model: CheckedModel): Record<Evidence, number> {
  const counts = { proved: 0, measured: 0, enforced: 0, declared: 0 };
  for (const joint of model.joints) for (const { evidence } of joint.requirements) counts[evidence]++;
  return counts;
}

async function toJson(check: ProjectCheck, project: Project) {
  const measured = new Map<CheckedModel, readonly MeasuredBudget[]>();
  for (const model of hasErrors(check.diagnostics) ? [] : check.models) measured.set(model, await budgetMeasured(project, model));
  const { host, sources, diagnostics } = check;
  const placeOf = ({ uri, span }: Location) => {
    const source = sources.get(uri);
    return { file: host.display(uri), start: source === undefined ? null : positionAt(source, span.start) };
  };
  return {
    ok: !hasErrors(diagnostics),
    files: check.entries.map((uri) => host.display(uri)),
    counts: countSeverities(diagnostics),
    diagnostics: diagnostics.length === 0 ? [] : (await loadReport()).diagnosticsToJson(check),
    models: check.models.map((model) => ({
      name: model.name,
      file: host.display(model.uri),
      sizes: sizesTested(model).map(({ fact, by }) => ({ what: showStatement(fact), by })),
      budget: model.budget,
      measured: measured.get(model) ?? [],
      requirements: countEvidence(model),
      joints: model.joints.map(({ location, ...joint }) => ({ ...placeOf(location), ...joint })),
      guards: [...model.guards, ...model.needlessGuards].map(({ location, from, to, contract, what, violation, ...guard }) => {
        // What no guard is needed for says how it is known.
        const known = 'evidence' in guard ? { needed: false, evidence: guard.evidence } : { needed: true };
        return { ...placeOf(location), from, to, contract: contract ?? null, what, action: violation.mode, ...known };
      }),
    })),
    unfitted: check.unfitted.map(({ name, uri }) => ({ name, file: host.display(uri) })),
    locksWritten: check.written.map((uri) => host.display(uri)),
  };
}
