/** What a way of fitting comes to: by a closed form, or by gradient. */
import type { WeightTensor } from '../../align/index.ts';
import type { LoweredTerms } from '../../check/tools/lower.ts';

/** A number that was measured, by what it says. */
export type Scores = Readonly<Record<string, number>>;

/** One method that was tried, the simplest first. */
export interface Tried {
  readonly method: string;
  readonly score: number;
  /** Undefined where it is one number for all rows. */
  readonly standardError: number | undefined;
  /** Of a bridge: the cross-validated R² of its vectors, before the part's last step. */
  readonly explained?: number;
  /** Of a bridge that is written: by how much its answers were drawn out, to reach as far as targets do. */
  readonly spread?: number;
}

/** A score that is not surely better than that of a constant answer, which is described. */
export interface Doubt {
  readonly measure: string;
  readonly found: string;
  readonly constant: string;
  /** What is the likelier reason, before those that always may be. */
  readonly notes?: readonly string[];
}

/** What a penalty of ridge has left out: `count` of the `of` columns that vary, beside `column`, which varies so many `times` as much. */
export interface BesideLarge {
  readonly count: number;
  readonly of: number;
  readonly column: number;
  readonly times: number;
}

export interface Solved {
  readonly method: string;
  readonly rows: number;
  /** Examples among them that differ. */
  readonly different: number;
  readonly scores: Scores;
  /** What `score` of those tried is. */
  readonly measure: string;
  readonly tried: readonly Tried[];
  /** The one that was chosen, as it is written, where something was done to it after it was compared with the others. */
  readonly written?: Tried;
  /** Methods that could not be fitted, and why. */
  readonly refused: readonly string[];
  readonly lowered: LoweredTerms;
  readonly weights: readonly WeightTensor[];
  /** Where what was learned is no better on rows left out than a constant. */
  readonly doubt?: Doubt | undefined;
  /** Columns that a penalty has kept from being looked at. */
  readonly besideLarge?: BesideLarge | undefined;
  /** What was chosen on the way. */
  readonly settings: Readonly<Record<string, number | string>>;
}
