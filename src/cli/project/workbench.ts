/** The toolkit's view of a project: models are built aside and loaded, and nothing of them stays. */
import path from 'node:path';
import { createKernels } from '../../align/index.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { LowerTerms } from '../../check/tools/lower.ts';
import { emitOnnx, materialize } from '../../emit/onnx.ts';
import { createScratch } from '../../host/aside.ts';
import type { Program } from '../../ir/program.ts';
import { load, type DeviceName } from '../../runtime/index.ts';
import { createSession, importOrt } from '../../runtime/ort.ts';
import { memoryFor } from '../../toolkit/memory.ts';
import { silent, terminalProgress } from '../../toolkit/progress.ts';
import type { Workbench } from '../../toolkit/workbench.ts';
import { buildModel } from '../build/bundle.ts';
import type { Io } from '../io.ts';
import type { Project, ProjectCheck } from './project.ts';
import { Stop } from '../stop.ts';
import { packageVersion } from '../version.ts';

/** The same kernels whatever the machine has, for the same bytes. Much of the work lies between their runs. */
const settings = { provider: 'cpu', optimization: 'basic', threads: undefined, spinning: false } as const;

/** Lends a workbench to `work`, and takes everything back that was opened. */
export async function withWorkbench<T>(project: Project, check: ProjectCheck, lowerTerms: LowerTerms, io: Io, work: (bench: Workbench) => Promise<T>): Promise<T> {
  const { host, cache } = project;
  const kernels = createKernels(async (model) => createSession(await importOrt(), model, settings));
  const progress = io.stderr.isTTY === true ? terminalProgress((text) => io.stderr.write(text)) : silent;
  const aside = createScratch('mdl-tools');
  let count = 0;
  try {
    return await work({
      host,
      lowerTerms,
      kernels,
      fits: check.tools.flatMap(({ tool }) => (tool.kind === 'fit' ? [tool] : [])),
      budgets: check.tools.flatMap(({ tool }) => (tool.kind === 'budget' ? [tool] : [])),
      cache,
      memory: memoryFor(io.env['MDL_MEMORY']),
      progress,
      version: packageVersion(),
      converted: (link, opsets) => project.compiler.files.converted(link, opsets),
      openProgram: async (program) => createSession(await importOrt(), bytesOf(program, project), settings),
      open: async (model: CheckedModel, device = 'cpu') => {
        const folder = path.join(aside.folder, String((count += 1)));
        const written = await buildModel(model, folder, project, check);
        if (!written.ok) throw new Stop(written.finding);
        return await load(folder, { device: device as DeviceName });
      },
    });
  } finally {
    progress.clear();
    await kernels.close();
    aside.discard();
  }
}

/** A program without foreign graphs as an ONNX file. */
function bytesOf(program: Program, { host }: Project): Uint8Array {
  const artefact = emitOnnx(program, new Map(), { producer: 'mdl-lang', producerVersion: packageVersion() }, (uri) => host.open(uri));
  if (!artefact.ok) throw new Stop(artefact.finding);
  return materialize(artefact.value.pieces, (uri) => host.open(uri));
}
