/** What part of the target's variance is left by maps that need no fitting, or nearly none: told by moments. */
import type { Moments } from '../kernels/moments.ts';
import { sum, trace } from '../matrix.ts';

export interface Residuals {
  /** Of the source as it is; undefined where the widths differ. */
  readonly identity: number | undefined;
  /** After the means are made equal. */
  readonly centred: number | undefined;
  /** After one scale more. */
  readonly rescaled: number | undefined;
  /** After the best rotation, and one scale. */
  readonly rotated: number;
}

/** `distance` is that of Procrustes, squared. */
export function residualsOf({ squaresX, squaresY, xy, meanX, meanY, count }: Moments, distance: number): Residuals {
  const [sizeX, sizeY] = [sum(squaresX), sum(squaresY)];
  const rotated = 1 - (1 - distance / 2) ** 2;
  if (meanX.length !== meanY.length) return { identity: undefined, centred: undefined, rescaled: undefined, rotated };
  const centred = sizeX + sizeY - 2 * trace(xy);
  const offset = meanX.reduce((squares, mean, j) => squares + (mean - meanY[j]!) ** 2, 0);
  return {
    identity: (centred + count * offset) / sizeY,
    centred: centred / sizeY,
    rescaled: 1 - Math.max(0, trace(xy)) ** 2 / (sizeX * sizeY),
    rotated,
  };
}
