/** G7 of a swap: the file that is shipped, run as an app runs it, gives the answers that were verified. */
import { artefactGate, someGroups, type Features, type GateResult, type ShippedOutcome } from '../../align/index.ts';
import type { CheckedSwap } from '../../check/tools/index.ts';
import { withOutputs } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Model } from '../../runtime/index.ts';
import { inputsOf } from '../data/columns.ts';
import { refuse } from '../errors.ts';
import { runOn } from '../data/features.ts';
import type { GateRequest } from '../fit/heads.ts';
import { classesFound } from './measure.ts';
import { otherFiles } from './bundle-files.ts';
import { answersOf } from './swap.ts';
import type { Workbench } from '../workbench.ts';

/** Rows of a run: not as many as the features are computed with, and padded where texts differ in length. */
const batchRows = 24;

/** The bundle that the call names; else the model with the swap, built as `mdl build` does, without what only the gates look at. */
export async function artefactOf(request: GateRequest, swap: CheckedSwap, bench: Workbench): Promise<GateResult> {
  const { verify, data, heads } = request;
  const { shipped } = bench;
  const outputs = answersOf(data.swapped, heads);
  const names = heads.map((head, i) => (shipped === undefined ? outputs[i]!.name : head.name));
  const verified = withOutputs(data.swapped.model, outputs);
  const model = shipped === undefined ? await bench.open(verified) : await shipped.load();
  try {
    const missing = names.find((name) => !model.outputs.some((port) => port.name === name)) ?? model.inputs.map(({ name }) => name).find((name) => !data.swapped.columns.has(name));
    if (missing !== undefined) refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why: `the bundle ${shipped?.name ?? ''} has other inputs and outputs: \`${missing}\`` }), verify.location);
    const faults = shipped === undefined ? [] : otherFiles({ swap, verified, sources: model.manifest.sources, name: shipped.name, host: bench.host });
    return judge(request, await answers(model, names, request, bench), shipped?.name ?? 'The built model', faults);
  } finally {
    bench.progress.clear();
    await model.close();
  }
}

/** By head, the numbers of each row. */
async function answers(model: Model, names: readonly string[], { verify, data, tables, rows }: GateRequest, bench: Workbench): Promise<readonly (readonly Float32Array[])[]> {
  const found = names.map((): Float32Array[] => []);
  for (let from = 0; from < rows.length; from += batchRows) {
    bench.progress.update(`${verify.name}, as it is shipped`, from, rows.length);
    const batch = rows.slice(from, from + batchRows);
    const outputs = await runOn(model, await inputsOf(model, data.swapped.columns, tables, batch), { lowered: data.swapped, location: verify.location });
    for (const [h, name] of names.entries()) {
      const { data: numbers } = outputs[name]!;
      const width = numbers.length / batch.length;
      for (let i = 0; i < batch.length; i++) found[h]!.push(Float32Array.from(numbers as Float32Array).subarray(i * width, (i + 1) * width));
    }
  }
  return found;
}

function judge({ heads, rows, data }: GateRequest, found: readonly (readonly Float32Array[])[], of: string, faults: readonly string[]): GateResult {
  let difference = 0;
  const groups = someGroups(data.together, rows);
  const outcomes = heads.map(({ name, margin, measured: { own, swapped } }, h): ShippedOutcome => {
    const { columns } = swapped.prediction;
    const classes = (features: Features): Uint32Array => classesFound(features, swapped.sets);
    const answered = { rows: rows.length, columns, data: Float32Array.from({ length: rows.length * columns }, (_, i) => found[h]![Math.floor(i / columns)]![i % columns]!) };
    const [shipped, verified, before] = [classes(answered), classes(swapped.prediction), classes(own.prediction)];
    const right = { own: [] as boolean[], swapped: [] as boolean[], others: [] as boolean[] };
    for (const [i, row] of rows.entries()) {
      for (const [j, value] of found[h]![i]!.entries()) difference = Number.isNaN(value) ? NaN : Math.max(difference, Math.abs(value - swapped.prediction.data[row * columns + j]!));
      right.others.push(shipped[i] !== verified[row]);
      right.own.push(before[row] === own.labels![row]);
      right.swapped.push(shipped[i] === swapped.labels![row]);
    }
    return { head: name, ...right, margin, groups };
  });
  return artefactGate({ outcomes, difference, of, faults });
}
