/**
 * What float16 weights change: the model with them beside the model without, on the same inputs. Both are built linked, so
 * that no backbone is copied. What the contracts say of the outputs is tested on the answers of both.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ManifestPort, MeasuredOutput, MeasuredWeights } from '../../bundle/manifest.ts';
import type { CheckedModel } from '../../check/model.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import type { BundleLayout } from '../../emit/index.ts';
import { createAside } from '../../host/aside.ts';
import { reasonOf } from '../../host/system-error.ts';
import { isHalved } from '../../ir/passes/half-weights.ts';
import { brokenFact } from '../../runtime/inputs/facts.ts';
import { load, MdlRuntimeError, type Model, type TensorOutput } from '../../runtime/index.ts';
import { readTokenizers } from '../../runtime/bundle/bundle-files.ts';
import { folderStore } from '../../runtime/bundle/store.ts';
import { isCarried } from '../../types/dtype.ts';
import { memberAt } from '../../types/fields.ts';
import { fieldsOf, type Target } from '../../runtime/inputs/target.ts';
import { createTextEncoders } from '../../runtime/inputs/text.ts';
import { buildModel } from './bundle.ts';
import { list, type Call } from '../command.ts';
import { createDeviation, type Deviation } from './deviation.ts';
import { drawSample } from './draw-sample.ts';
import { exit } from '../exit.ts';
import type { Project, ProjectCheck } from '../project/project.ts';
import { readBatches } from '../run/run-inputs.ts';
import { stopOf } from '../run/runtime-stop.ts';
import { Stop } from '../stop.ts';

/** Of the sample that is drawn where none is given. */
const seed = 1;
const batches = 16;

const withoutPeriod = (sentence: string): string => sentence.replace(/\.$/, '');

export interface Halved {
  readonly weights: NonNullable<BundleLayout['weights']>;
  /** Sentences on what was measured, or why nothing was. */
  readonly notes: readonly string[];
}

/** Measures what float16 weights change. Stops the build where an output is no longer as its contract says. */
export async function halveAndMeasure(model: CheckedModel, folder: string, project: Project, check: ProjectCheck, call: Call): Promise<Halved> {
  const plain: Halved['weights'] = { dtype: 'f16' };
  if (!model.program.initializers.some(isHalved)) return { weights: plain, notes: [`\`${model.name}\` has no float32 weights of its own: --weights changes nothing.`] };
  const found = await measure(model, folder, project, check, call);
  if ('unmeasured' in found) return { weights: plain, notes: [`What float16 weights change was not measured: ${found.unmeasured}.`] };
  return { weights: { ...plain, measured: found }, notes: Object.entries(found.outputs).map(([output, measured]) => showOutput(output, measured)) };
}

type Measurement = MeasuredWeights | { readonly unmeasured: string };

async function measure(model: CheckedModel, folder: string, project: Project, check: ProjectCheck, call: Call): Promise<Measurement> {
  const aside = besides(folder, project);
  const open = async (name: string, layout: BundleLayout): Promise<Model> => {
    const target = path.join(aside.folder, name);
    const written = await buildModel(model, target, project, check, { ...layout, link: true });
    if (!written.ok) throw new Stop(written.finding);
    return load(target, { device: 'cpu', verify: false });
  };
  const opened: Model[] = [];
  try {
    opened.push(await open('before', {}));
    opened.push(await open('halved', { weights: { dtype: 'f16' } }));
    return await compare(opened[0]!, opened[1]!, path.join(aside.folder, 'before'), call);
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    // Who names a sample wants the measurement, and is told what keeps it.
    if (list(call, 'sample').length > 0) throw stopOf(error);
    return { unmeasured: withoutPeriod(error.finding.message) };
  } finally {
    for (const each of opened) await each.close();
    aside.discard();
  }
}

function showOutput(output: string, { absolute, relative, topClass }: MeasuredOutput): string {
  if (absolute.max === 0) return `float16 weights leave \`${output}\` as it was`;
  const parts = [`by at most ${absolute.max} (mean ${absolute.mean})`, `relative to its rows by at most ${relative.max} (mean ${relative.mean})`];
  const classes = topClass === undefined ? '' : `; of ${topClass.rows} rows ${topClass.changed} have another top class`;
  return `float16 weights change \`${output}\` ${parts.join(', ')}${classes}`;
}

/** Beside the bundle, where linking its backbones costs nothing. What forbids that forbids the bundle, too. */
function besides(folder: string, { host }: Project): ReturnType<typeof createAside> {
  try {
    return createAside(`${folder}.weights`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Stop(fileCodes.finding('write-failed', { path: host.display(pathToFileURL(folder).href), reason: reasonOf(error) }), exit.usage);
  }
}

async function compare(before: Model, halved: Model, bundle: string, call: Call): Promise<Measurement> {
  const given = list(call, 'sample');
  const drawn = given.length > 0 ? undefined : await drawInputs(before, bundle);
  if (given.length === 0 && drawn === undefined) return { unmeasured: 'no sizes were found that meet what its inputs demand of them' };
  const deviations = new Map<string, Deviation>();
  let runs = 0;
  for await (const inputs of drawn ?? readSample(before, given, call)) {
    const [expected, found] = [await before.run(inputs), await halved.run(inputs)];
    for (const port of before.outputs)
      for (const [name, spec] of fieldsOf(port)) {
        const pair = [expected, found].map((answer) => tensorOf(answer, port, name)) as [TensorOutput, TensorOutput];
        checkOutput({ field: name, contract: port.contract, spec, dtype: isCarried(spec.dtype) ? spec.dtype : 'f32' }, pair);
        const deviation = deviations.get(name) ?? createDeviation();
        deviation.add(pair[0], pair[1]);
        deviations.set(name, deviation);
      }
    runs++;
  }
  const sample = given.length > 0 ? { files: given.map((each) => each.replace(/^.*=/, '').replace(/^.*[\\/]/, '')) } : { seed };
  return { sample: { ...sample, runs }, outputs: Object.fromEntries([...deviations].map(([name, deviation]) => [name, deviation.result()])) };
}

async function drawInputs(model: Model, bundle: string): Promise<ReturnType<typeof drawSample>> {
  const texts = createTextEncoders(await readTokenizers(folderStore(bundle), model.manifest, false));
  return drawSample(model.manifest, { seed, batches, vocabularySize: (key) => texts.vocabularySize(key) });
}

/** Rows from files, read as `mdl run` reads its inputs; nothing comes from standard input. */
async function* readSample(model: Model, files: readonly string[], { io }: Call): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const stdin = Object.assign((async function* () {})(), { isTTY: true });
  for await (const { inputs } of readBatches(model, { args: [], options: { input: files }, io: { ...io, stdin } })) yield inputs;
}

function tensorOf(answer: Readonly<Record<string, unknown>>, port: ManifestPort, name: string): TensorOutput {
  const value = answer[port.name];
  return (port.tensor === undefined ? memberAt(value, name.slice(port.name.length + 1)) : value) as TensorOutput;
}

/** What the model kept before, and does not keep any more. */
function checkOutput(target: Target, [before, halved]: readonly [TensorOutput, TensorOutput]): void {
  const broken = brokenFact(target, halved);
  if (broken === undefined || brokenFact(target, before) !== undefined) return;
  throw new Stop(cliCodes.finding('weights-fact', { output: target.field, why: broken }, ['Build without --weights, or let its contract promise no more than holds with float16 weights.']));
}
