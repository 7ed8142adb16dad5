/** Golden rows at a build: the model that is to be written answers them first, on the CPU. */
import path from 'node:path';
import type { CheckedModel } from '../../check/model.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { plural } from '../../diagnostics/summary.ts';
import type { BundleLayout } from '../../emit/index.ts';
import { createScratch } from '../../host/aside.ts';
import { defaultTolerance, farthestFrom, goldenBatch, type Difference } from '../../runtime/serving/golden.ts';
import { load, MdlRuntimeError, type Model } from '../../runtime/index.ts';
import { refuse } from '../../toolkit/errors.ts';
import { buildModel } from './bundle.ts';
import type { GoldenToRun } from './declared-tools.ts';
import type { Project, ProjectCheck } from '../project/project.ts';
import { Stop } from '../stop.ts';

/**
 * Refuses, by a `ToolError` at the declaration, a model that does not answer as recorded. Answers with sentences on what was not run. The weights are as
 * the bundle is to have them; it is built linked, so that no backbone is copied.
 */
export async function runGolden(golden: readonly GoldenToRun[], { weights }: BundleLayout, project: Project, check: ProjectCheck): Promise<readonly string[]> {
  const aside = createScratch('mdl-golden');
  const open = async (model: CheckedModel, name: string): Promise<Model> => {
    const folder = path.join(aside.folder, name);
    const written = await buildModel(model, folder, project, check, { link: true, ...(weights === undefined ? {} : { weights }) });
    if (!written.ok) throw new Stop(written.finding);
    return load(folder, { device: 'cpu', verify: false, telemetry: false });
  };
  try {
    for (const [i, each] of golden.entries()) {
      const model = await open(each.model, String(i));
      try {
        await holdTo(each, model);
      } finally {
        await model.close();
      }
    }
    return [];
  } catch (error) {
    if (!(error instanceof MdlRuntimeError)) throw error;
    if (error.code === 'runtime-missing') return [`The golden rows were not run: ${error.finding.message}`];
    throw new Stop(error.finding);
  } finally {
    aside.discard();
  }
}

interface Miss extends Difference {
  readonly row: number;
}

async function holdTo({ tool, rows, tolerance, arm }: GoldenToRun, model: Model): Promise<void> {
  const { location, uri } = tool.data[0]!;
  const file = decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  const misses: Miss[] = [];
  for (const [i, row] of rows.entries()) {
    const batch = goldenBatch(model.manifest, row, tolerance);
    try {
      const different = farthestFrom(batch, await model.run(batch.inputs as Parameters<Model['run']>[0]), model.outputs);
      if (different !== undefined) misses.push({ ...different, row: i + 1 });
    } catch (error) {
      if (!(error instanceof MdlRuntimeError)) throw error;
      refuse({ ...error.finding, notes: [...error.finding.notes, `It was row ${i + 1} of \`${file}\`, as a batch of one.`] }, location);
    }
  }
  const [first] = misses;
  if (first === undefined) return;
  const farthest = misses.reduce((most, miss) => (miss.distance > most.distance ? miss : most));
  const by = Number.isFinite(farthest.distance) ? `, by ${Number(farthest.distance.toPrecision(2))}` : '';
  const { row, what, expected, found } = first;
  const who = arm === undefined ? `\`${model.name}\`` : `\`${model.name}\` with \`${arm}\``;
  refuse(toolkitCodes.finding('golden-row', { model: who, file, row, what, expected, found }), location, {
    label: 'recorded here',
    notes: [
      `${misses.length} of ${plural(rows.length, 'row')} ${misses.length === 1 ? 'is' : 'are'} farther off than ${tolerance ?? defaultTolerance}; the farthest is row ${farthest.row}${by}.`,
      'Where something it is made of was exchanged by mistake, put that back. Where its answers are to be others now, record them anew: `mdl build --no-golden` builds without running the rows.',
    ],
  });
}
