/** How spaces look beside each other: their spectra, what they have in common, and the same examples in each. */
import { selectRows, type Features, type Kernels, type Matrix } from '../../align/index.ts';
import { centredGram, cka, leastCkaRows } from '../../align/diagnostics/cka.ts';
import { createRandom, permutation } from '../../data/random.ts';
import { principalOf, project, type Principal } from './principal.ts';
import type { CkaMap, MapPanel, SpaceMap, SpacesStudy } from './study.ts';
import { umapAbsent, type UmapOf } from './umap.ts';

export interface StudiedSpace {
  readonly name: string;
  readonly features: Features;
  /** The number of the space whose axes it is shown on; its own where there is none. */
  readonly on?: number;
}

/** What the examples are coloured by. */
export interface Grouping {
  /** Of each row, into `groups`. */
  readonly group: ArrayLike<number>;
  readonly groups: readonly string[];
}

export interface StudyTools {
  readonly kernels: Kernels;
  readonly umap: UmapOf | undefined;
}

const seed = 0;
/** A Gram matrix has the square of it in elements. */
const mostGramRows = 1000;
/** More are a blot. */
const mostPoints = 400;
const mostShares = 256;
const mostGroups = 10;

/** @param rows those that may be shown, by their numbers */
export async function studySpaces(spaces: readonly StudiedSpace[], rows: readonly number[], grouping: Grouping, { kernels, umap }: StudyTools): Promise<SpacesStudy> {
  const principals: Principal[] = [];
  for (const { features } of spaces) principals.push(await principalOf(kernels, features, seed));
  const shown = Array.from(permutation(rows.length, createRandom(seed)).subarray(0, mostPoints), (i) => rows[i]!);
  const samples = spaces.map(({ features }) => selectRows(features, shown));
  const frames = spaces.map(({ on }, i) => on ?? i);
  const colours = { group: shown.map((row) => grouping.group[row]!), groups: grouping.groups };
  const pca = spaces.map(({ name, on }, i): MapPanel => {
    const { shares } = principals[i]!;
    return { title: name, frame: frames[i]!, ...(on === undefined ? { shares: [shares[0] ?? 0, shares[1] ?? 0] as const } : {}), points: rounded(project(samples[i]!, principals[frames[i]!]!)) };
  });
  return {
    spectra: spaces.map(({ name, features }, i) => ({ of: name, columns: features.columns, shares: Array.from(principals[i]!.shares.subarray(0, mostShares), (share) => Number(share.toPrecision(6))) })),
    cka: await ckaMap(kernels, spaces, rows),
    maps: [{ method: 'PCA', panels: pca, ...colours }, ...(umap === undefined ? [] : [umapOf(umap, spaces, samples, frames, colours)])],
    ...(umap === undefined ? { withoutUmap: umapAbsent } : {}),
  };
}

/** Spaces that share their axes are one set of rows, so that equal vectors lie together. */
function umapOf(umap: UmapOf, spaces: readonly StudiedSpace[], samples: readonly Features[], frames: readonly number[], colours: Pick<SpaceMap, 'group' | 'groups'>): SpaceMap {
  const places = new Map([...new Set(frames)].map((frame) => [frame, [...umap(stacked(samples.filter((_, i) => frames[i] === frame)))]]));
  const panels = spaces.map(({ name }, i): MapPanel => ({ title: name, frame: frames[i]!, points: rounded(places.get(frames[i]!)!.splice(0, samples[i]!.rows)) }));
  return { method: 'UMAP', panels, ...colours };
}

/** The rows of all, one set after the other. */
function stacked(parts: readonly Features[]): Features {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), columns: parts[0]!.columns, data };
}

const rounded = (points: readonly (readonly [number, number])[]): MapPanel['points'] => points.map(([x, y]) => [Number(x.toPrecision(5)), Number(y.toPrecision(5))] as const);

async function ckaMap(kernels: Kernels, spaces: readonly StudiedSpace[], rows: readonly number[]): Promise<CkaMap> {
  const chosen = Array.from(permutation(rows.length, createRandom(seed)).subarray(0, mostGramRows), (i) => rows[i]!);
  const names = spaces.map(({ name }) => name);
  if (chosen.length < leastCkaRows) return { names, values: [], rows: chosen.length };
  const grams: Matrix[] = [];
  for (const { features } of spaces) grams.push(await centredGram(kernels, selectRows(features, chosen)));
  return { names, values: grams.map((a) => grams.map((b) => Number(cka(a, b).toPrecision(6)))), rows: chosen.length };
}

/** The classes that most rows have, and one group for all others; a single group where nobody knows. */
export function groupingOf(labels: ArrayLike<number> | undefined, names: readonly string[] | undefined, rows: number): Grouping {
  if (labels === undefined) return { group: new Uint32Array(rows), groups: ['examples'] };
  const counts = new Map<number, number>();
  for (let i = 0; i < rows; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  const known = [...counts.keys()].sort((a, b) => a - b);
  const kept = known.length <= mostGroups ? known : known.toSorted((a, b) => counts.get(b)! - counts.get(a)! || a - b).slice(0, mostGroups - 1).sort((a, b) => a - b);
  const place = new Map(kept.map((label, i) => [label, i]));
  const groups = kept.map((label) => names?.[label] ?? String(label));
  return { group: Uint32Array.from({ length: rows }, (_, i) => place.get(labels[i]!) ?? kept.length), groups: kept.length < known.length ? [...groups, 'others'] : groups };
}
