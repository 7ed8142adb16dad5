/** What a joint of two spaces needs: a table of findings and remedies, the first that applies. */
import type { CkaTest } from './cka.ts';
import type { NeighbourTest } from './mutual-neighbours.ts';
import type { Residuals } from './residuals.ts';

export type Remedy = 'nothing' | 'centre' | 'rescale' | 'orthogonal' | 'low-rank' | 'ridge' | 'residual-mlp' | 'refuse';

export interface Evidence {
  readonly cka: CkaTest;
  readonly neighbours: NeighbourTest;
  /** How many are compared, one of those that belong together: with few of them neighbours are shared by chance, and a hidden layer learns nothing. */
  readonly examples: number;
  readonly residuals: Residuals;
  /** The shares of variance in which the spectra overlap, from 0 to 1. */
  readonly spectralOverlap: number;
  /** In how many of the directions that there are 99 % of the variance of a ridge map's answers lie, and its R² on rows left out. */
  readonly answers: { readonly directions: number; readonly of: number; readonly explained: number };
}

export interface Advice {
  readonly remedy: Remedy;
  /** A whole sentence, with the numbers that it rests on. */
  readonly reason: string;
}

/** From fewer examples the few that are held out say little of when to stop fitting a residual MLP. */
export const leastResidualRows = 200;

/** What counts as next to nothing of the variance, as a high and a moderate alignment, as many neighbours that are shared of those that chance leaves. */
const bars = { p: 0.01, small: 0.05, lowResidual: 0.2, highCka: 0.7, moderateCka: 0.2, manyNeighbours: 0.2, fewDirections: 0.5 } as const;

interface Rule {
  readonly remedy: Remedy;
  applies(evidence: Evidence): boolean;
  reason(evidence: Evidence): string;
}

const below = (value: number | undefined, bar: number): boolean => value !== undefined && value <= bar;
const percent = (part: number | undefined): string => `${(100 * (part ?? NaN)).toFixed(1)} %`;
const best = ({ cka }: Evidence): number => cka.values[cka.best]!;

/** Surely more than by chance, and many of those that chance leaves: of 50 rows chance alone shares a fifth of ten. */
const sharesNeighbours = (e: Evidence): boolean => {
  const { share, chance, p } = e.neighbours;
  return best(e) >= bars.moderateCka && p <= bars.p && share - chance >= bars.manyNeighbours * (1 - chance);
};
const shared = ({ neighbours: { share, k, chance, p } }: Evidence): string => `${percent(share)} of ${k}, by chance ${percent(chance)}, p = ${p.toFixed(3)}`;

const rules: readonly Rule[] = [
  {
    remedy: 'refuse',
    applies: ({ cka }) => !(cka.p <= bars.p),
    reason: ({ cka }) =>
      `The two spaces are not aligned beyond chance (CKA ${cka.values[cka.best]!.toFixed(3)}, p = ${cka.p.toFixed(3)}): no bridge has anything to carry.`,
  },
  {
    remedy: 'nothing',
    applies: ({ residuals }) => below(residuals.identity, bars.small),
    reason: ({ residuals }) => `The source as it is leaves ${percent(residuals.identity)} of the target's variance.`,
  },
  {
    remedy: 'centre',
    applies: ({ residuals }) => below(residuals.centred, bars.small),
    reason: ({ residuals }) =>
      `Only the means differ: with them made equal, ${percent(residuals.centred)} of the target's variance is left.`,
  },
  {
    remedy: 'rescale',
    applies: ({ residuals }) => below(residuals.rescaled, bars.small),
    reason: ({ residuals }) =>
      `Only scale and mean differ: with them made equal, ${percent(residuals.rescaled)} of the target's variance is left.`,
  },
  {
    remedy: 'orthogonal',
    applies: (e) => best(e) >= bars.highCka && e.residuals.rotated <= bars.lowResidual,
    reason: (e) =>
      `The spaces are aligned (CKA ${best(e).toFixed(3)}), and a rotation leaves ${percent(e.residuals.rotated)} of the target's variance.`,
  },
  {
    remedy: 'low-rank',
    applies: (e) => best(e) >= bars.highCka && e.answers.directions <= bars.fewDirections * e.answers.of,
    reason: (e) =>
      `The spaces are aligned (CKA ${best(e).toFixed(3)}), a rotation leaves ${percent(e.residuals.rotated)} of the target's variance, and what ridge carries over (R² ${e.answers.explained.toFixed(3)}) lies in ${e.answers.directions} of ${e.answers.of} directions. A smaller rank than that loses what the head may need.`,
  },
  {
    remedy: 'ridge',
    applies: (e) => best(e) >= bars.highCka,
    reason: (e) =>
      `The spaces are aligned (CKA ${best(e).toFixed(3)}), but a rotation leaves ${percent(e.residuals.rotated)} of the target's variance, and their spectra overlap in ${percent(e.spectralOverlap)}.`,
  },
  {
    remedy: 'residual-mlp',
    applies: (e) => sharesNeighbours(e) && e.examples >= leastResidualRows,
    reason: (e) =>
      `The spaces are aligned in part (CKA ${best(e).toFixed(3)}), and share neighbours beyond chance (${shared(e)}): a map that is not linear may do better. Fit ridge first, and keep the MLP only if it is better by more than a standard error.`,
  },
  {
    remedy: 'ridge',
    applies: () => true,
    reason: (e) =>
      `The spaces are aligned beyond chance, but weakly (CKA ${best(e).toFixed(3)}, p = ${e.cka.p.toFixed(3)}): try ridge, and believe \`verify\`, not the accuracy.${sharesNeighbours(e) ? ` Neighbours are shared, too (${shared(e)}): from ${leastResidualRows} examples on a residual MLP is worth trying.` : ''}`,
  },
];

/** The advice stands for a look; cross-validation over all bridges (`auto`) has the last word. */
export function advise(evidence: Evidence): Advice {
  const rule = rules.find(({ applies }) => applies(evidence))!;
  return { remedy: rule.remedy, reason: rule.reason(evidence) };
}
