/** A report as data: what HTML and Markdown are both made of. All texts are plain. */
import type { Interval } from '../align/statistics/interval.ts';
import type { Verdict } from '../align/index.ts';
import type { Shown } from '../toolkit/study/study.ts';
import type { Chart } from './charts/chart.ts';

export interface ReportDocument {
  readonly title: string;
  /** What it is a report of, and of when: short lines. */
  readonly about: readonly string[];
  readonly tiles: readonly Tile[];
  readonly sections: readonly Section[];
}

/** One number that is looked at first. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly verdict?: Verdict;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly sections?: readonly Section[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | ({ readonly kind: 'table' } & Table)
  /** Charts that are looked at together, under one caption. */
  | { readonly kind: 'figure'; readonly caption: string; readonly charts: readonly Chart[] }
  | { readonly kind: 'gallery'; readonly caption: string; readonly items: readonly GalleryItem[] };

export interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Cell =
  | string
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | Bullet;

/** A measure against its bar, as a small picture; the other cells of its row hold the numbers. */
export interface Bullet {
  readonly kind: 'bullet';
  readonly value: number;
  readonly interval?: Interval;
  readonly bar: Bar;
  readonly words: string;
}
export interface Bar {
  readonly op: '>=' | '<=' | '>' | '<' | '=';
  readonly value: number;
}

export interface GalleryItem {
  readonly title: string;
  readonly lines: readonly string[];
  readonly shown: Shown;
}
