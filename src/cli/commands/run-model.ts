/** `mdl run`: a model's answers to texts, pictures or tensors. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { hasErrors } from '../../diagnostics/index.ts';
import { createScratch } from '../../host/aside.ts';
import type { Model, NodeRun } from '../../runtime/index.ts';
import { describeViolation, load, MdlRuntimeError } from '../../runtime/index.ts';
import { chooseModels } from './build.ts';
import { buildModel } from '../build/bundle.ts';
import { count, flag, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson } from '../io.ts';
import { checkForBuild, createProject } from '../project/project.ts';
import { printDiagnostics } from '../show/print-diagnostics.ts';
import { readBatches } from '../run/run-inputs.ts';
import { printPlacement } from '../run/run-placement.ts';
import { printRow, rowToJson, rowsOf, severalLabels, type Shown } from '../run/run-rows.ts';
import { stopOf } from '../run/runtime-stop.ts';
import { existing, isBundle, sourceUri } from '../project/sources.ts';
import { refuse, Stop } from '../stop.ts';

export async function command(call: Call): Promise<number> {
  const [given = ''] = call.args;
  const file = existing(given, call.io.cwd);
  if (isBundle(file)) return runBundle(file, call);
  if (file.endsWith('.mdl')) return runSource(call);
  const inside = statSync(file).isDirectory() ? readdirSync(file).filter((name) => isBundle(path.join(file, name))) : [];
  const around = isBundle(path.dirname(file)) ? [path.dirname(given)] : [];
  const meant = [...inside.map((name) => path.join(given, name)), ...around].map((bundle) => `Did you mean ${bundle}?`);
  return refuse(cliCodes.finding('cli-no-bundle', { path: given }, meant.length > 0 ? meant : adviceOn(given)));
}

const adviceOn = (given: string): readonly string[] =>
  given.endsWith('.onnx')
    ? [`A network of somebody else is run by a model that calls it. \`mdl inspect ${given} --mdl\` prints its declaration, to begin a source with.`, 'What `mdl build` made is run by the name of its folder.']
    : ['`mdl build` makes the bundle of a source, in dist/MODEL.'];

/** Builds into a temporary folder, which is removed however the run ends. */
async function runSource(call: Call): Promise<number> {
  const { io } = call;
  const [given = ''] = call.args;
  const project = createProject(io);
  const check = await checkForBuild(project, [sourceUri(given, io.cwd)], 'update', text(call, 'model'));
  printDiagnostics(check, io, io.stderr);
  if (hasErrors(check.diagnostics)) return exit.fault;
  const models = chooseModels(check.models, call);
  if (models.length > 1) {
    const known = models.map((model) => model.name);
    refuse(cliCodes.finding('cli-choose-model', { path: given, known }, [`Choose one: --model ${known[0]}`]));
  }
  const aside = createScratch('mdl-run');
  try {
    const folder = path.join(aside.folder, models[0]!.name);
    const written = await buildModel(models[0]!, folder, project, check);
    if (!written.ok) throw new Stop(written.finding);
    return await runBundle(folder, call);
  } finally {
    aside.discard();
  }
}

async function runBundle(folder: string, call: Call): Promise<number> {
  try {
    const model = await load(folder, {
      device: (text(call, 'device') ?? 'auto').split(','),
      strict: flag(call, 'strict'),
      onViolation: (violation) => void call.io.stderr.write(`${describeViolation(violation)}\n`),
    });
    try {
      await runAll(model, call);
      return exit.fine;
    } finally {
      await model.close();
    }
  } catch (error) {
    throw error instanceof MdlRuntimeError ? stopOf(error) : error;
  }
}

async function runAll(model: Model, call: Call): Promise<void> {
  const { io } = call;
  const shown: Shown = { top: call.options['top'] === undefined ? undefined : count(call, 'top', 1), several: severalLabels(model) };
  const json = flag(call, 'json') ? ([] as unknown[]) : undefined;
  if (io.stderr.isTTY === true) io.stderr.write(`${model.name} on ${model.device.used}: ${model.device.reason}\n`);
  let placement: readonly NodeRun[] | undefined;
  for await (const { inputs, asked } of readBatches(model, call)) {
    if (flag(call, 'placement')) placement ??= await model.devices(inputs);
    const outputs = await model.run(inputs);
    for (const row of rowsOf(model, outputs, asked)) {
      if (json === undefined) printRow(row, shown, io);
      else json.push(rowToJson(row, shown));
    }
  }
  if (json !== undefined) printJson(io, { model: model.name, device: model.device, rows: json, ...(placement === undefined ? {} : { placement }) });
  else if (placement !== undefined) printPlacement(model, placement, io);
}
