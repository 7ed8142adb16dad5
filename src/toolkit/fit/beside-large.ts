/** Whether ridge could look at the columns of its source at all: its penalty goes by the mean variance, which one large column makes. */
import { penaltyOf, relativePenalties, type Training } from '../../align/index.ts';
import type { BesideLarge } from './solved.ts';

/** Single columns that hardly vary are dead units; so many of them are in the shadow of a large one. */
const mostDead = 0.5;

/** Columns whose variance is below even the weakest penalty that is tried; undefined where those are few. */
export function besideLarge({ all }: Training): BesideLarge | undefined {
  const { squaresX } = all;
  const weakest = penaltyOf(all, relativePenalties[0]!);
  const varying = squaresX.filter((squares) => squares > 0);
  const small = varying.filter((squares) => squares < weakest).sort();
  if (small.length <= mostDead * varying.length) return undefined;
  const column = squaresX.reduce((most, squares, j) => (squares > squaresX[most]! ? j : most), 0);
  return { count: small.length, of: squaresX.length, column, times: Math.sqrt(squaresX[column]! / small.at(-1)!) };
}
