/** A probe as a report shows it. */
import type { CheckedProbe } from '../../check/tools/index.ts';
import type { ProbeResult } from '../probe/probe.ts';
import { readTable } from '../data/table.ts';
import type { Workbench } from '../workbench.ts';
import { cardOf } from './card.ts';
import { groupingOf, studySpaces } from './spaces.ts';
import type { ProbeStudy } from './study.ts';
import { findUmap } from './umap.ts';

export async function studyProbe(probe: CheckedProbe, result: ProbeResult, bench: Workbench): Promise<ProbeStudy> {
  const { name, rows, spaces, joints, maps, vectors, model } = result;
  const { doc } = probe.declaration;
  const all = Array.from({ length: rows }, (_, row) => row);
  bench.progress.update(`${name}: what a report shows`, 0, 1);
  return {
    kind: 'probe',
    name,
    ...(doc === undefined ? {} : { doc }),
    rows,
    described: spaces.map(({ part, columns, measures }) => ({ part, columns, readings: measures })),
    joints: joints.map(({ from, to, measures, advice }) => ({ from, to, readings: measures, advice })),
    layers: maps,
    // Layers have a map of their own; so many spectra and clouds say nothing.
    spaces: await studySpaces(vectors.filter(({ tap }) => tap === undefined), all, groupingOf(undefined, undefined, rows), { kernels: bench.kernels, umap: findUmap(probe.uri) }),
    card: cardOf({ parts: probe.through, models: [model], results: model.outputs.map((output) => [output.name, output.type] as const), learned: [], tables: probe.data.map((data) => [data.uri, readTable(data, bench.host)] as const), source: probe.uri }, bench.host),
  };
}
