/** Spaces beside each other: what they have in common, their spectra, and the same examples in each. */
import type { CkaMap, SpaceMap, SpacesStudy, SpectrumStudy } from '../../toolkit/study/study.ts';
import type { MatrixChart, PointChart } from '../charts/chart.ts';
import { extent, padded } from '../charts/scale.ts';
import type { Block, Section } from '../document.ts';
import { showRows, showShare } from '../numbers.ts';

export const spaceSection = ({ cka, spectra, maps, withoutUmap }: SpacesStudy, title: string): Section => ({
  title,
  blocks: [
    ...(cka.values.length === 0 ? [] : [alike(cka)]),
    spectrum(spectra),
    ...maps.map(mapFigure),
    ...(withoutUmap === undefined ? [] : [{ kind: 'text' as const, text: withoutUmap }]),
  ],
});

function alike({ names, values, rows }: CkaMap): Block {
  const side = { title: '', names };
  const chart: MatrixChart = { kind: 'matrix', title: 'Debiased linear CKA', summary: `Of each space with each, on ${showRows(rows)}: 1 for the same directions, 0 for nothing in common.`, rows: side, columns: side, values, shade: 'unit' };
  return { kind: 'figure', caption: `How alike the spaces are: debiased linear CKA on ${showRows(rows)}. 1 is the same up to rotation and scale, 0 what unrelated spaces have.`, charts: [chart] };
}

const spectrum = (spectra: readonly SpectrumStudy[]): Block => ({
  kind: 'figure',
  caption: 'How the variance of each space is spread over its principal directions. A line that falls early stands for a space of few directions.',
  charts: [
    {
      kind: 'lines',
      title: 'Variance spectra',
      summary: `Shares of the variance by direction, the largest first, for ${spectra.map(({ of }) => of).join(', ')}.`,
      x: 'principal direction',
      y: 'share of the variance',
      series: spectra.map(({ of, columns, shares }) => ({ name: `${of} (${columns} wide)`, values: shares })),
    },
  ],
});

const methods: Readonly<Record<SpaceMap['method'], { readonly caption: string; readonly axes: readonly [string, string] }>> = {
  PCA: { caption: 'The same examples in each space, on the two principal directions of it', axes: ['first direction', 'second'] },
  UMAP: { caption: 'The same examples by UMAP, which keeps neighbours together and says nothing of distances', axes: ['UMAP 1', 'UMAP 2'] },
};

function mapFigure({ method, panels, group, groups }: SpaceMap): Block {
  const { caption, axes } = methods[method];
  const shared = panels.filter(({ frame }, i) => frame !== i);
  const reachOf = (frame: number): PointChart['reach'] => {
    const points = panels.filter((panel) => panel.frame === frame).flatMap((panel) => panel.points);
    return { x: padded(extent(points.map(([x]) => x))), y: padded(extent(points.map(([, y]) => y))) };
  };
  const charts = panels.map(({ title, shares, frame, points }, i): PointChart => {
    const named = axes.map((axis, k) => (shares === undefined ? axis : `${axis} (${showShare(shares[k]!, 0)})`)) as [string, string];
    const on = frame === i ? '' : `, on the axes of ${panels[frame]!.title}`;
    return { kind: 'points', title: `${title}${on}`, summary: `${points.length} examples by ${method}${on}.`, axes: named, points, group, groups, reach: reachOf(frame) };
  });
  const onOthers = shared.map(({ title, frame }) => `${title} is shown on the axes of ${panels[frame]!.title}, so that what was carried over lies where it should`).join('; ');
  return { kind: 'figure', caption: `${caption}${onOthers === '' ? '' : `; ${onOthers}`}.${groups.length > 1 ? ' Names stand at the middle of their class.' : ''}`, charts };
}
