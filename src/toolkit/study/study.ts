/** What a report shows of a run: numbers, names and examples, and nothing that is to be computed again. JSON as it stands. */
import type { Advice, Readings, Verdict } from '../../align/index.ts';
import type { Interval } from '../../align/statistics/interval.ts';
import type { Evidence } from '../../types/fact.ts';
import type { BudgetResult } from '../verify/budgets.ts';
import type { LayerMap } from '../probe/layer-map.ts';
import type { RequirementResult } from '../verify/requirement.ts';
import type { ToldGate } from '../verify/rows-needed.ts';
import type { SwapResult, VerifyResult } from '../verify/verify.ts';

/** Raised whenever these types change: a study of another format is made anew. */
export const studyFormat = 10;

export type Study = VerifyStudy | ProbeStudy;

export interface VerifyStudy {
  readonly kind: 'verify';
  readonly name: string;
  readonly doc?: string;
  readonly verdict: Verdict;
  readonly rows: number;
  /** How many groups or different examples they are, where some belong together. */
  readonly grouped?: VerifyResult['grouped'];
  /** Of them those that heads are judged on. */
  readonly judged: number;
  readonly swaps: readonly SwapStudy[];
  readonly requirements: readonly RequirementResult[];
  /** What the models' budgets leave to be measured. */
  readonly budgets: readonly BudgetResult[];
  readonly card: CardStudy;
}

export interface SwapStudy extends Pick<SwapResult, 'swap' | 'representation' | 'heads' | 'attributions' | 'notJudged'> {
  readonly gates: readonly ToldGate[];
  /** By part: how many examples it has. */
  readonly split: Readonly<Record<string, number>>;
  readonly answers: readonly AnswerStudy[];
  /** Of heads that give several labels at once. */
  readonly labelled: readonly LabelStudy[];
  readonly spaces: SpacesStudy;
}

export interface ProbeStudy {
  readonly kind: 'probe';
  readonly name: string;
  readonly doc?: string;
  readonly rows: number;
  readonly described: readonly { readonly part: string; readonly columns: number; readonly readings: Readings }[];
  readonly joints: readonly { readonly from: string; readonly to: string; readonly readings: Readings; readonly advice: Advice }[];
  /** Layer by layer, where there are taps. */
  readonly layers: readonly LayerMap[];
  readonly spaces: SpacesStudy;
  readonly card: CardStudy;
}

// ---------------------------------------------------------------- spaces

export interface SpacesStudy {
  readonly spectra: readonly SpectrumStudy[];
  readonly cka: CkaMap;
  readonly maps: readonly SpaceMap[];
  /** Why there is no UMAP; undefined where there is one. */
  readonly withoutUmap?: string;
}

export interface SpectrumStudy {
  readonly of: string;
  readonly columns: number;
  /** Of the variance along the first principal directions, the largest first; all together at most 1. */
  readonly shares: readonly number[];
}

/** Debiased linear CKA of each space with each. */
export interface CkaMap {
  readonly names: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly rows: number;
}

/** The same examples in several spaces, in two dimensions. */
export interface SpaceMap {
  readonly method: 'PCA' | 'UMAP';
  readonly panels: readonly MapPanel[];
  /** Of each point, into `groups`. */
  readonly group: readonly number[];
  /** Classes; one where there are none. */
  readonly groups: readonly string[];
}

export interface MapPanel {
  readonly title: string;
  /** Shares of the variance along both axes; undefined where they mean nothing of the kind. */
  readonly shares?: readonly [number, number];
  /** Panels of one frame have the same axes. */
  readonly frame: number;
  readonly points: readonly (readonly [number, number])[];
}

// ---------------------------------------------------------------- answers

/** What a head makes of the old vectors, and of those in their place. */
export interface AnswerStudy {
  readonly head: string;
  readonly rows: number;
  readonly classes: readonly string[];
  /** How often a class (the row) was taken for one (the column). */
  readonly confusion: { readonly own: Counts; readonly swapped: Counts };
  /** Where the head gives probabilities. */
  readonly reliability?: { readonly own: readonly Bin[]; readonly swapped: readonly Bin[] };
  readonly flips: Flips;
}
export type Counts = readonly (readonly number[])[];

/** What a head of several labels makes of the old vectors, and of those in their place; a row is right where all of its labels are. */
export interface LabelStudy {
  readonly head: string;
  readonly rows: number;
  /** How many labels there are; of many those with the most errors are listed. */
  readonly count: number;
  readonly labels: readonly { readonly label: string; readonly own: LabelCounts; readonly swapped: LabelCounts }[];
  readonly flips: Flips;
}
/** Of one label, in rows. */
export interface LabelCounts {
  /** There and found. */
  readonly found: number;
  /** There and not found. */
  readonly missed: number;
  /** Found and not there. */
  readonly wrong: number;
}

/** Answers of about the same confidence. */
export interface Bin {
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
  /** Of the accuracy, at 95 %. */
  readonly interval: Interval;
}

export interface Flips {
  /** Right before, and wrong now. */
  readonly negative: number;
  /** Wrong before, and right now. */
  readonly positive: number;
  /** Negative ones, the surest of the wrong answers first. */
  readonly examples: readonly FlippedExample[];
}

export interface FlippedExample {
  /** From 1, as in the data file. */
  readonly row: number;
  readonly label: string;
  readonly own: GivenAnswer;
  readonly swapped: GivenAnswer;
  readonly shown: Shown;
}
export interface GivenAnswer {
  readonly label: string;
  /** Undefined where the head gives no probabilities. */
  readonly probability?: number;
}
/** What people see of an example. */
export type Shown = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'picture'; readonly png: string; readonly width: number; readonly height: number };

// ---------------------------------------------------------------- the card

/** What is known of what was judged, from its source. */
export interface CardStudy {
  /** Models and parts that the run speaks of, with their doc comments. */
  readonly parts: readonly { readonly name: string; readonly role: string; readonly version?: string; readonly doc?: string }[];
  /** What is known of the vectors that parts give, and how: `because` of what was measured. */
  readonly known: readonly { readonly of: string; readonly fact: string; readonly evidence: Evidence; readonly because?: string }[];
  readonly backbones: readonly { readonly name: string; readonly version?: string; readonly doc?: string; readonly file: string; readonly sha256: string; readonly card: Readonly<Record<string, string>> }[];
  /** Weights that a fit wrote, and what it said of them. */
  readonly learned: readonly { readonly part: string; readonly file: string; readonly sha256: string; readonly record: Readonly<Record<string, unknown>> }[];
  readonly data: readonly { readonly file: string; readonly sha256: string; readonly rows: number }[];
}
