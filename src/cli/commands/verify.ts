/** `mdl verify`: whether a part may take another one's place. */
import { fileURLToPath } from 'node:url';
import { overall, type Verdict } from '../../align/index.ts';
import type { CheckedVerify } from '../../check/tools/index.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { emptyLock, lockUriOf, printLock, readLock } from '../../packages/index.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { load } from '../../runtime/index.ts';
import { showLostClass } from '../../toolkit/verify/lost-classes.ts';
import { outputsNotJudged, showNotJudged } from '../../toolkit/verify/not-judged.ts';
import { indexAnswer } from '../../toolkit/upgrade/answer.ts';
import { junitOf, type RefusedVerify } from '../../toolkit/verify/junit.ts';
import { verifyOutcome } from '../../toolkit/runs.ts';
import { showAblation, showAttribution, showBudget, showMatrices, showMeasure, showNumber, showRecall, showRequirement, showRows } from '../../toolkit/verify/show-verdict.ts';
import { showRowsNeeded } from '../../toolkit/verify/rows-needed.ts';
import { studyVerify } from '../../toolkit/study/verify-study.ts';
import { fingerprintOfGrounds, verdictGrounds, type VerdictPlace } from '../../toolkit/verify/verdicts.ts';
import { runVerify, type VerifyResult } from '../../toolkit/verify/verify.ts';
import { flag, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import type { Project } from '../project/project.ts';
import { existing, placeToWrite } from '../project/sources.ts';
import { refuse } from '../stop.ts';
import { carryOut, type Carried } from '../project/tools.ts';

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const given = text(call, 'junit');
  const junit = given === undefined ? undefined : placeToWrite(given, io.cwd);
  const results: VerifyResult[] = [];
  const refused: RefusedVerify[] = [];
  const carried = carriedVerify(call);
  const code = await carryOut(call, {
    ...carried,
    run: async (verify, bench, project) => {
      const result = await carried.run(verify, bench, project);
      results.push(result);
      return result;
    },
    refused: (name, { code: of, message }) => {
      refused.push({ name, code: of, message });
    },
  });
  const cells = results.flatMap(({ swaps }) => swaps.flatMap(({ matrix }) => matrix));
  if (!flag(call, 'json')) io.stdout.write(showMatrices(cells));
  if (junit !== undefined) write(junit, junitOf(results, refused));
  return code;
}

export const carriedVerify = (call: Call): Carried<'verify', VerifyResult> => ({
  kind: 'verify',
  run: async (verify, bench, project) => {
    const bundle = text(call, 'bundle');
    const result = await runVerify(verify, bundle === undefined ? bench : { ...bench, shipped: { name: bundle, load: () => load(existing(bundle, call.io.cwd), { device: 'cpu' }) } }, { ablate: flag(call, 'ablate') });
    store(verify, result, bench, project);
    return result;
  },
  outcome: verifyOutcome,
  study: studyVerify,
  print: (result) => void call.io.stdout.write(textOf(result)),
  toJson,
  codeOf: (all) => (all.some(({ verdict }) => verdict === 'FAIL') ? exit.fault : all.some(({ verdict }) => verdict === 'INCONCLUSIVE') ? exit.inconclusive : exit.fine),
});

/** In the lock file, with its day: what was measured, on what. */
export function store(verify: CheckedVerify, result: VerifyResult, place: VerdictPlace, { host }: Project): void {
  const { uri } = verify;
  const lockUri = lockUriOf(uri, host);
  const gates = gatesOf(result);
  const budgets = budgetsOf(result);
  const grounds = verdictGrounds(verify, place);
  const known = host.readText(lockUri);
  const lock = known.ok ? readLock(known.value) : { ok: true as const, value: emptyLock };
  if (!lock.ok || grounds === undefined) return;
  const date = new Date().toISOString().slice(0, 10);
  const verdicts = new Map([...lock.value.verdicts, [`${pathFromLock(lockUri, uri)}#${result.name}`, { verdict: result.verdict, date, rows: result.rows, fingerprint: fingerprintOfGrounds(grounds), grounds, gates, ...(Object.keys(budgets).length === 0 ? {} : { budgets }) }] as const]);
  write(fileURLToPath(lockUri), printLock({ ...lock.value, verdicts }));
}

/** `G0: PASS`; of several swaps what all of them say together. */
function gatesOf({ swaps }: VerifyResult): Readonly<Record<string, Verdict>> {
  return together(swaps.flatMap(({ gates }) => gates).map(({ gate, verdict }) => [gate.split(' ')[0]!, verdict]));
}

/** `latency.p99 <= 20ms: PASS`; of several swaps what all of them say together. */
const budgetsOf = ({ budgets }: VerifyResult): Readonly<Record<string, Verdict>> => together(budgets.map(({ text: limit, verdict }) => [limit, verdict]));

function together(given: readonly (readonly [name: string, verdict: Verdict])[]): Readonly<Record<string, Verdict>> {
  const found = new Map<string, Verdict[]>();
  for (const [name, verdict] of given) found.set(name, [...(found.get(name) ?? []), verdict]);
  return Object.fromEntries([...found].map(([name, verdicts]) => [name, overall(verdicts)]));
}

function write(file: string, content: string): void {
  try {
    writeText(file, content);
  } catch (error) {
    refuse(fileCodes.finding('write-failed', { path: file, reason: reasonOf(error) }));
  }
}

// ---------------------------------------------------------------- the answer

export function textOf(result: VerifyResult): string {
  const { name, verdict, swaps, requirements, budgets, rows, judged, grouped } = result;
  const lines = swaps.flatMap(({ swap, gates, representation, heads, attributions, recall, ablations, lost, notJudged }) => [
    `  ${swap}`,
    ...(Object.keys(representation).length === 0 ? [] : [`    representation: ${Object.entries(representation).map(([measure, value]) => `${measure} ${showNumber(value)}`).join(', ')}`]),
    ...Object.entries(heads).map(([head, metrics]) => `    ${head}, on ${showRows(judged, undefined)}: ${Object.entries(metrics).map(([measure, { own, swapped }]) => `${measure} ${showNumber(own)} -> ${showNumber(swapped)}`).join(', ')}`),
    ...attributions.map(showAttribution).map((line) => `    ${line}`),
    ...gates.flatMap(({ gate, verdict: answer, reason, measures, ...needed }) => [
      `    ${answer.padEnd(12)}  ${gate}: ${reason}${showRowsNeeded(needed)}`,
      ...measures.map((measure) => `      ${showMeasure(measure)}`),
    ]),
    ...lost.map((one) => `    ${`lost ${one.of}`.padEnd(12)}  ${showLostClass(one)}`),
    ...showNotJudged(notJudged).map((told) => `    ${'not judged'.padEnd(12)}  ${told}`),
    ...(recall === undefined ? [] : [`    ${showRecall(recall, indexAnswer(result))}`]),
    ...ablations.flatMap(showAblation).map((line) => `    ${line}`),
  ]);
  const required = requirements.map((requirement) => `    ${requirement.verdict.padEnd(12)}  ${showRequirement(requirement)}`);
  const measured = budgets.length === 0 ? [] : ['  budget', ...budgets.map((budget) => `    ${budget.verdict.padEnd(12)}  ${showBudget(budget)}`)];
  const open = outputsNotJudged(swaps);
  const lost = swaps.flatMap((one) => one.lost.map(({ head, class: of }) => `"${of}" of ${head}`));
  return `${name}: ${verdict}, on ${showRows(rows, grouped)}${open.length === 0 ? '' : `; not judged: ${open.join(', ')}`}${lost.length === 0 ? '' : `; lost: ${lost.join(', ')}`}\n${[...lines, '  required', ...required, ...measured].join('\n')}\n`;
}

export const toJson = ({ name, verdict, swaps, requirements, budgets, rows, judged, grouped, data }: VerifyResult) => ({
  name,
  verdict,
  rows,
  judged,
  ...(grouped === undefined ? {} : { grouped }),
  notJudged: outputsNotJudged(swaps),
  data,
  swaps: swaps.map(({ swap, gates, lost, notJudged, representation, heads, attributions, matrix, recall, ablations }) => ({ swap, gates, lost, notJudged, representation, heads, attributions, matrix, ...(recall === undefined ? {} : { recall }), ...(ablations.length === 0 ? {} : { ablations }) })),
  requirements,
  budgets,
});
