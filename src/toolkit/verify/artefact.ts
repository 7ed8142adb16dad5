/** G7 of a swap: the file that is shipped, run as an app runs it, gives the answers that were verified. */
import { artefactGate, countOf, someGroups, type AskedAgain, type Features, type GateResult, type RowGroups, type ShippedNumbers, type ShippedOutcome } from '../../align/index.ts';
import type { CheckedSwap } from '../../check/tools/index.ts';
import { withOutputs } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Model, TensorOutput } from '../../runtime/index.ts';
import { inputsOf } from '../data/columns.ts';
import { refuse } from '../errors.ts';
import { runOn } from '../data/features.ts';
import type { Head } from '../fit/heads.ts';
import { answered, askAgain, type AnswerOf, type LookedAt, type RequiredAnswer } from './asked.ts';
import { otherFiles } from './bundle-files.ts';
import type { GateRequest } from './gate-request.ts';
import { classesFound, estimate, onRows } from './measure.ts';
import { pathIn } from './not-judged.ts';
import type { GateAnswer } from './robustness.ts';
import { outputsNamed } from './swap.ts';
import type { Workbench } from '../workbench.ts';

/** Rows of a run: not as many as the features are computed with, and padded where texts differ in length. */
const batchRows = 24;

/** The bundle that the call names; else the model with the swap, built as `mdl build` does, without what only the gates look at. */
export async function artefactOf(request: GateRequest, swap: CheckedSwap, bench: Workbench): Promise<GateAnswer> {
  const { verify, data } = request;
  const { shipped } = bench;
  const outputs = lookedAt(request, swap);
  const verified = withOutputs(data.swapped.model, outputsNamed(data.swapped, outputs.map(({ output }) => output)));
  const model = shipped === undefined ? await bench.open(verified) : await shipped.load();
  try {
    const places = new Map(outputs.flatMap(({ output, path }) => {
      const place = shipped === undefined ? [output] : placeIn(model, path);
      return place === undefined ? [] : [[output, place] as const];
    }));
    const required = request.required.filter((one) => one.outputs.every(({ output }) => places.has(output)));
    const missing = outputs.find(({ output, isOfHead }) => !places.has(output) && (isOfHead || places.size === 0))?.name ?? model.inputs.map(({ name }) => name).find((name) => !data.swapped.columns.has(name));
    if (missing !== undefined) refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why: `the bundle ${shipped?.name ?? ''} has other inputs and outputs: \`${missing}\`` }), verify.location);
    const faults = shipped === undefined ? [] : otherFiles({ swap, verified, sources: model.manifest.sources, name: shipped.name, host: bench.host });
    const found = await answersOf(model, places, request, bench);
    const unseen = request.required.filter((one) => !required.includes(one));
    return {
      gates: [judge({ ...request, required }, (name) => found.get(name)!, shipped?.name ?? 'The built model', faults)],
      open: unseen.map(({ text }) => ({ gate: 'G7 artefact', why: `${shipped!.name} does not give what ${text} looks at.` })),
    };
  } finally {
    bench.progress.clear();
    await model.close();
  }
}

interface Wanted extends LookedAt {
  readonly isOfHead: boolean;
}

/** Each tensor that is judged, once. */
function lookedAt({ verify, heads, required }: GateRequest, swap: CheckedSwap): readonly Wanted[] {
  const ofHeads = heads.map(({ name, index, measured }): Wanted => {
    const term = verify.requirements[index]!.metric.inputs.get('prediction')!;
    return { output: measured.given.prediction, name, path: pathIn(term, swap), isOfHead: true };
  });
  return [...ofHeads, ...required.flatMap(({ outputs }) => outputs.map((one): Wanted => ({ ...one, isOfHead: false })))];
}

/** Where a bundle has an output: its name, and of a record's field the field's name behind it. */
function placeIn({ outputs }: Model, path: string | undefined): readonly string[] | undefined {
  if (path === undefined) return undefined;
  const port = outputs.find(({ name }) => path === name || path.startsWith(`${name}.`));
  return port && (port.name === path ? [path] : [port.name, path.slice(port.name.length + 1)]);
}

type Places = ReadonlyMap<string, readonly string[]>;

/** By the names of the program's outputs, of the judged rows alone. */
async function answersOf(model: Model, places: Places, { verify, data, tables, rows }: GateRequest, bench: Workbench): Promise<ReadonlyMap<string, Features>> {
  const found = new Map([...places.keys()].map((name) => [name, [] as Float32Array[]]));
  for (let from = 0; from < rows.length; from += batchRows) {
    bench.progress.update(`${verify.name}, as it is shipped`, from, rows.length);
    const batch = rows.slice(from, from + batchRows);
    const outputs: Readonly<Record<string, unknown>> = await runOn(model, await inputsOf(model, data.swapped.columns, tables, batch), { lowered: data.swapped, location: verify.location });
    for (const [name, place] of places) found.get(name)!.push(Float32Array.from(tensorAt(outputs, place).data as Float32Array));
  }
  return new Map([...found].map(([name, batches]) => [name, rowsOf(batches, rows.length)]));
}

const tensorAt = (outputs: unknown, place: readonly string[]): TensorOutput => place.reduce((of, name) => (of as Record<string, unknown>)[name], outputs) as TensorOutput;

function rowsOf(batches: readonly Float32Array[], rows: number): Features {
  const data = new Float32Array(batches.reduce((sum, batch) => sum + batch.length, 0));
  let at = 0;
  for (const batch of batches) {
    data.set(batch, at);
    at += batch.length;
  }
  return { rows, columns: data.length / rows, data };
}

function judge({ heads, required, rows, data }: GateRequest, shipped: AnswerOf, of: string, faults: readonly string[]): GateResult {
  const groups = someGroups(data.together, rows);
  const outcomes = heads.map((head) => outcomeOf(head, shipped(head.measured.given.prediction), rows, groups));
  const asked = required.map((one): AskedAgain => askAgain(one, '', { own: onRows(one.measured.own, rows), swapped: answered(one.measured.swapped, one.measured, rows, shipped) }, groups));
  const compared = [...heads.map(({ measured }) => [measured.given.prediction, measured.swapped.prediction] as const), ...required.flatMap(verifiedOf)];
  const difference = compared.reduce((most, [name, verified]) => Math.max(most, largestDifference(shipped(name), onRows({ prediction: verified }, rows).prediction)), 0);
  return artefactGate({ outcomes, numbers: numbersOf(required, shipped, rows, groups), asked, difference, of, faults });
}

/** The verified answers that a requirement looks at, by the names of the outputs. */
const verifiedOf = ({ measured: { given, swapped } }: RequiredAnswer): readonly (readonly [string, Features])[] => [[given.prediction, swapped.prediction], ...(given.target === undefined ? [] : [[given.target, swapped.target!] as const])];

/** NaN where one of them is none. */
const largestDifference = (a: Features, b: Features): number => a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);

function outcomeOf({ name, margin, measured: { own, swapped } }: Head, shipped: Features, rows: readonly number[], groups: RowGroups | undefined): ShippedOutcome {
  const [now, verified, before] = [classesFound(shipped, swapped.sets), classesFound(swapped.prediction, swapped.sets), classesFound(own.prediction, own.sets)];
  return {
    head: name,
    own: rows.map((row) => before[row] === own.labels![row]),
    swapped: rows.map((row, i) => now[i] === swapped.labels![row]),
    others: rows.map((row, i) => now[i] !== verified[row]),
    margin,
    groups,
  };
}

/** Rounding of single precision, in whatever order sums are made. */
const rounding = 1e-5;

/** Of what is held to no class by its accuracy: how much of the verified answers' variance is there, column by column. */
function numbersOf(required: readonly RequiredAnswer[], shipped: AnswerOf, rows: readonly number[], groups: RowGroups | undefined): readonly ShippedNumbers[] {
  const told = new Map<string, ShippedNumbers>();
  for (const one of required.filter(({ isHead }) => !isHead))
    for (const [name, verified] of verifiedOf(one)) {
      const { name: of } = one.outputs.find(({ output }) => output === name)!;
      if (told.has(of)) continue;
      const [prediction, target] = [shipped(name), onRows({ prediction: verified }, rows).prediction];
      const size = target.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const isSame = largestDifference(prediction, target) <= rounding * size;
      told.set(of, { name: of, rows: countOf(rows.length, groups), explained: isSame ? undefined : estimate('r2', { prediction, target }, { options: new Map([['average', 'macro']]), seed: 0, groups }) });
    }
  return [...told.values()];
}
