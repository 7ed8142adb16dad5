/** `mdl upgrade`: a new encoder in the place of an old one, and what becomes of the heads. */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CheckedTool } from '../../check/tools/index.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import { writeText } from '../../host/write-text.ts';
import { composeReport, renderHtml } from '../../report/index.ts';
import { fitOutcome, probeOutcome, verifyOutcome, type RunOutcome } from '../../toolkit/runs.ts';
import { budgetsAmong } from '../../toolkit/verify/verdicts.ts';
import { flag, list, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { checkProject, createProject, type ProjectCheck } from '../project/project.ts';
import { remember, type CarriedTool } from '../project/remember.ts';
import { existing, sourceUri } from '../project/sources.ts';
import { commit, patchOf, stage, type Staged } from '../project/staged.ts';
import { refuse } from '../stop.ts';
import { nameOf, report } from '../project/tools.ts';
import { printDiagnostics } from '../show/print-diagnostics.ts';
import type { UpgradeCall } from '../upgrade/upgrade-call.ts';
import { endOfUpgrade } from '../upgrade/upgrade-faults.ts';
import { carryOutUpgrade, type Upgraded } from '../upgrade/upgrade-steps.ts';
import { packageVersion } from '../version.ts';
import { store, textOf as verdictText, toJson as verdictJson } from './verify.ts';

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const given = callOf(call);
  const project = createProject(io);
  // A lock file that this brings up to date is staged, too: nothing is changed that nobody asked for.
  const staged = stage(project);
  const check = await checkProject(staged.project, [given.uri], 'update');
  if (hasErrors(check.diagnostics)) {
    report(check, call);
    return exit.fault;
  }
  try {
    const upgraded = await carryOutUpgrade(given, check, staged, io);
    const { answered } = upgraded;
    const patch = patchOf(staged, project);
    const written = flag(call, 'write') && answered.verdict === 'PASS' ? await write(upgraded, staged, given, call) : undefined;
    if (flag(call, 'json')) printJson(io, jsonOf(upgraded, patch, written));
    else io.stdout.write(textOf(upgraded, patch, written, flag(call, 'write')));
    return answered.verdict === 'PASS' ? exit.fine : answered.verdict === 'FAIL' ? exit.fault : exit.inconclusive;
  } catch (error) {
    return endOfUpgrade(error, { given, project, check, staged, call });
  }
}

function callOf(call: Call): UpgradeCall {
  const { io, args } = call;
  const [given = '', old = '', next = ''] = args;
  const columns = new Map(list(call, 'column').map((pair) => pairOf('--column', pair, 'INPUT=COLUMN, as pictures=images')));
  const labels = list(call, 'label');
  const alone = labels.filter((label) => !label.includes('='));
  const single = new Map(labels.filter((label) => label.includes('=')).map((pair) => pairOf('--label', pair, 'OUTPUT=COLUMN, as topic=classes')));
  if (alone.length > 1) refuse(cliCodes.finding('cli-option-value', { option: '--label', expected: 'one column for all outputs, or OUTPUT=COLUMN for each', found: alone.join(' and ') }));
  const margin = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text(call, 'margin') ?? '')?.[1];
  if (margin === undefined || Number(margin) >= 100) refuse(cliCodes.finding('cli-option-value', { option: '--margin', expected: 'a share of less than 100%, as 2%', found: text(call, 'margin') ?? '' }));
  const resolved = (name: string): string | undefined => {
    const value = text(call, name);
    if (value === undefined) return undefined;
    // `*` stands for the name of a column; whether there are such files is seen when they are read.
    return pathToFileURL(value.includes('*') ? path.resolve(io.cwd, value) : existing(value, io.cwd)).href;
  };
  return { uri: sourceUri(given, io.cwd), old, next, data: resolved('data'), test: resolved('test'), label: alone[0], labels: single, columns, margin: Number(margin) / 100, tokenizer: resolved('tokenizer'), reindex: flag(call, 'reindex'), reports: flag(call, 'write') };
}

/** `pictures=images` in two. */
function pairOf(option: string, pair: string, expected: string): readonly [string, string] {
  const [name = '', column = ''] = pair.split('=', 2);
  return name === '' || column === '' ? refuse(cliCodes.finding('cli-option-value', { option, expected, found: pair })) : [name, column];
}

/** The sources, the weights, the lock, the verdicts and a report; the paths that were written. */
async function write(upgraded: Upgraded, staged: Staged, { uri }: UpgradeCall, call: Call): Promise<readonly string[]> {
  const { plan, verified, studies } = upgraded;
  const { io } = call;
  const project = createProject(io);
  const written = commit(staged, project);
  const check = await checkProject(project, [uri, ...(plan.tools === undefined ? [] : [plan.toolsUri])], 'accept');
  if (plan.tools === undefined) return written;
  for (const result of verified) {
    const found = check.tools.find(({ tool }) => tool.kind === 'verify' && tool.uri === plan.toolsUri && tool.name === result.name);
    if (found?.tool.kind === 'verify') store(found.tool, result, { host: project.host, lowerTerms: found.lowerTerms, budgets: budgetsAmong(check.tools) }, project);
  }
  if (flag(call, 'history')) rememberAll(upgraded, check, call);
  const page = plan.toolsUri.replace(/\.mdl$/, '.report.html');
  const document = composeReport({ file: project.host.display(plan.toolsUri), date: new Date().toISOString().slice(0, 10), version: packageVersion(), studies, history: [] });
  writeText(fileURLToPath(page), renderHtml(document));
  return [...written, project.host.display(page)];
}

/** Its probe, its fit and its verifications are runs as others are. */
function rememberAll({ plan, probed, fitted, verified }: Upgraded, check: ProjectCheck, call: Call): void {
  const outcomes: Readonly<Record<CarriedTool['kind'], readonly (readonly [name: string, outcome: RunOutcome])[]>> = {
    probe: probed === undefined ? [] : [[probed.name, probeOutcome(probed)]],
    fit: fitted === undefined ? [] : [[fitted.name, fitOutcome(fitted)]],
    verify: verified.map((result) => [result.name, verifyOutcome(result)]),
  };
  const own = check.tools.flatMap(({ tool }) => (tool.uri === plan.toolsUri && isCarried(tool) ? [tool] : []));
  const warnings = own.flatMap((tool) => outcomes[tool.kind].filter(([name]) => name === nameOf(tool)).flatMap(([, outcome]) => remember(tool, outcome, check)));
  if (!flag(call, 'json')) printDiagnostics({ ...check, diagnostics: warnings }, call.io, call.io.stderr);
}

const isCarried = (tool: CheckedTool): tool is CarriedTool => tool.kind === 'probe' || tool.kind === 'fit' || tool.kind === 'verify';

// ---------------------------------------------------------------- the answer

function textOf({ answered, plan, advice, fitted, verified, recall }: Upgraded, patch: string, written: readonly string[] | undefined, asked: boolean): string {
  const undecided = answered.verdict === 'INCONCLUSIVE' ? ' yet: the data do not decide' : '';
  const head = `${plan.old.symbol.name} by ${plan.next.symbol.name}: ${answered.answer}${undecided}\n`;
  const told = [...answered.reasons, ...plan.notes].map((line) => `  ${line}\n`).join('');
  const probe = advice === undefined ? '' : `probe: ${advice.remedy}\n  ${advice.reason}\n`;
  const fit = fitted === undefined ? '' : `fit ${fitted.name}: ${fitted.method}, from ${fitted.rows.toLocaleString('en-US')} rows, ${fitted.measure} ${(fitted.scores[fitted.measure] ?? NaN).toFixed(4)}\n`;
  const found = recall.map(({ output, k, depth, direct, candidates, before }) => `recall of \`${output}\` against a full re-index, of ${k}: bridged ${show(direct)}, among the first ${depth} ${show(candidates)}, old encoder ${show(before)}\n`).join('');
  const changes = written !== undefined ? `written: ${written.join(', ')}\n` : `${answered.verdict === 'PASS' ? 'Nothing was written. With --write, this is:' : `Nothing ${asked ? 'was' : 'is'} written, for ${answered.indexAlone ? 'the index has to be computed anew: --reindex --write' : 'the answer does not allow it'}. It would be:`}\n${patch}`;
  return `${head}${told}\n${probe}${fit}${verified.map(verdictText).join('')}${found}\n${changes}`;
}

const show = ({ value, interval }: { readonly value: number; readonly interval: { readonly low: number; readonly high: number } }): string => `${value.toFixed(3)} (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;

const jsonOf = ({ answered, plan, advice, fitted, verified, recall }: Upgraded, patch: string, written: readonly string[] | undefined) => ({
  ok: answered.verdict === 'PASS',
  old: plan.old.symbol.name,
  new: plan.next.symbol.name,
  ...answered,
  notes: plan.notes,
  advice: advice ?? null,
  fit: fitted === undefined ? null : { part: fitted.name, method: fitted.method, rows: fitted.rows, scores: fitted.scores },
  results: verified.map(verdictJson),
  recall,
  patch,
  written: written ?? [],
});
