/** `mdl build`: every model of the sources as a bundle. */
import path from 'node:path';
import type { MeasuredWeights } from '../../bundle/manifest.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { BundleLayout, DeclaredTools } from '../../emit/index.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { hasErrors, plural } from '../../diagnostics/index.ts';
import type { WrittenFile } from '../../host/write.ts';
import { suggest } from '../../text/suggest.ts';
import { buildModel, type Link } from '../build/bundle.ts';
import { flag, list, text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson, type Io } from '../io.ts';
import { checkWithNamed } from '../project/named-models.ts';
import { createProject, lockModeOf, type Project, type ProjectCheck } from '../project/project.ts';
import { diagnosticsToJson, printDiagnostics } from '../show/print-diagnostics.ts';
import { showBytes } from '../show/show-bytes.ts';
import { findSources } from '../project/sources.ts';
import { refuse, Stop } from '../stop.ts';

/** Codes of what another --out would set right. */
const ofOut = /^write-(occupied|failed)$/;

interface Built {
  readonly model: string;
  readonly folder: string;
  readonly ms: number;
  readonly bytes: number;
  readonly files: readonly WrittenFile[];
  readonly links: readonly Link[];
  readonly notes: readonly string[];
  /** What float16 weights change. */
  readonly measured: MeasuredWeights | undefined;
}

export async function command(call: Call): Promise<number> {
  const { io } = call;
  if (text(call, 'weights') === undefined && list(call, 'sample').length > 0) refuse(cliCodes.finding('cli-bad-call', { sentence: '--sample says what --weights is measured on, and there is no --weights' }, ['Add --weights f16, or leave --sample out.']));
  if (text(call, 'out') === '') refuse(cliCodes.finding('cli-bad-call', { sentence: '--out names the folder into which models are written, and is empty' }, ['Without --out it is `dist`; the working directory is `--out .`.']));
  const project = createProject(io);
  const { check, models: declared } = await checkWithNamed(project, findSources(call.args, io.cwd), lockModeOf(call), text(call, 'model'));
  const json = flag(call, 'json');
  if (!json) printDiagnostics(check, io, io.stderr);
  const failed = hasErrors(check.diagnostics);
  const models = failed ? [] : chooseModels(declared, call);
  const folderOf = ({ name }: CheckedModel): string => path.join(text(call, 'out') ?? 'dist', name);
  refuseSharedFolder(models, folderOf, project);
  const built: Built[] = [];
  for (const model of models) {
    const folder = folderOf(model);
    const started = performance.now();
    const target = path.resolve(io.cwd, folder);
    const halved = await halveWeights(model, target, project, check, call);
    const layout = { link: flag(call, 'link'), split: flag(call, 'split'), share: call.options['share'] !== false, ...(halved === undefined ? {} : { weights: halved.weights }) };
    const tools = await toolsOf(model, layout, project, check, call);
    if (tools === undefined) return exit.fault;
    const written = await buildModel(model, target, project, check, layout, tools.declared);
    if (!written.ok) throw new Stop(written.finding, ofOut.test(written.finding.code) ? exit.usage : exit.fault);
    const { files } = written.value;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const notes = [...written.value.notes, ...(halved?.notes ?? []), ...tools.notes];
    built.push({ model: model.name, folder, ms: Math.round(performance.now() - started), bytes, ...written.value, notes, measured: halved?.weights.measured });
    if (!json) printBuilt(built.at(-1)!, io);
  }
  if (json) printJson(io, { ok: !failed, diagnostics: diagnosticsToJson(check), bundles: built });
  return failed ? exit.fault : exit.fine;
}

/** How the call wants our own weights stored, and what that changes; undefined: as their files have them. */
async function halveWeights(model: CheckedModel, target: string, project: Project, check: ProjectCheck, call: Call) {
  if (text(call, 'weights') === undefined) return undefined;
  // Only here is a model run by a build: the runtime is loaded for it.
  const { halveAndMeasure } = await import('../build/measure-weights.ts');
  return halveAndMeasure(model, target, project, check, call);
}

interface BuiltTools {
  readonly declared: DeclaredTools;
  /** Sentences on golden rows that were not run. */
  readonly notes: readonly string[];
}

/** What is declared of the model beside itself, once it has answered its golden rows; undefined where it cannot be built, which is printed. */
async function toolsOf(model: CheckedModel, layout: BundleLayout, project: Project, check: ProjectCheck, call: Call): Promise<BuiltTools | undefined> {
  if (!hasDeclaredTools(model, check)) return { declared: { golden: [], rollouts: [] }, notes: [] };
  const [{ declaredTools }, { ToolError }] = [await import('../build/declared-tools.ts'), await import('../../toolkit/errors.ts')];
  try {
    const isRun = call.options['golden'] !== false;
    const declared = declaredTools(model, check, !isRun);
    if (declared.golden.length === 0) return { declared, notes: [] };
    if (!isRun) return { declared, notes: ['The golden rows were not run: --no-golden.'] };
    const { runGolden } = await import('../build/run-golden.ts');
    return { declared, notes: await runGolden(declared.golden, layout, project, check) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const failed = { ...check, diagnostics: [error.diagnostic] };
    if (flag(call, 'json')) printJson(call.io, { ok: false, diagnostics: diagnosticsToJson(failed), bundles: [] });
    else printDiagnostics(failed, call.io, call.io.stderr);
    return undefined;
  }
}

/** Whether a model has declarations for which more has to be loaded. */
const hasDeclaredTools = ({ name, uri }: CheckedModel, { tools }: ProjectCheck): boolean =>
  tools.some(({ tool }) => (tool.kind === 'golden' || tool.kind === 'rollout') && tool.model.name === name && tool.model.module.uri === uri);

/** The model of this name, or all of them. */
export function chooseModels(models: readonly CheckedModel[], call: Call): readonly CheckedModel[] {
  const name = text(call, 'model');
  const known = models.map((model) => model.name);
  if (name === undefined) {
    if (models.length > 0) return models;
    refuse(cliCodes.finding('cli-choose-model', { path: call.args.join(', ') || 'this folder', known }, ['Only models can be built, drawn and run: `model NAME { … }`.']));
  }
  const chosen = models.filter((model) => model.name === name);
  if (chosen.length > 0) return chosen;
  const near = suggest(name, known);
  return refuse(cliCodes.finding('cli-no-model', { name, known }, near === undefined ? [] : [`Did you mean ${near}?`]));
}

/** Models of several files may have one name; the later one would be written over the earlier. */
function refuseSharedFolder(models: readonly CheckedModel[], folderOf: (model: CheckedModel) => string, { host }: Project): void {
  for (const model of models) {
    const alike = models.filter(({ name }) => name === model.name);
    if (alike.length === 1) continue;
    const paths = alike.map(({ uri }) => host.display(uri));
    refuse(cliCodes.finding('cli-same-model', { name: model.name, paths, folder: folderOf(model) }, ['Build them one at a time, each with an --out of its own, or rename one.']));
  }
}

function printBuilt({ model, folder, ms, bytes, files, links, notes }: Built, io: Io): void {
  io.stdout.write(`${model}: ${folder}, ${showBytes(bytes)} in ${plural(files.length, 'file')}, ${(ms / 1000).toFixed(2)} s\n`);
  for (const { path: inBundle, to, by } of links) io.stdout.write(`  ${inBundle} is a ${by} of ${to}\n`);
  for (const note of notes) io.stdout.write(`  ${note}\n`);
}
