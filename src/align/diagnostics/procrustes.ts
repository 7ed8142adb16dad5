/** How far two spaces are apart after the best rotation (Ding, Denain and Steinhardt 2021), told by their moments. */
import type { Kernels } from '../kernels/kernels.ts';
import type { Moments } from '../kernels/moments.ts';
import { polarFactor } from '../linear-algebra/polar.ts';
import { innerProduct, trace } from '../matrix.ts';

/** d² = 2 - 2 ||Xc'Yc||_* / (||Xc|| ||Yc||): from 0 to 2. Too small by some part that grows with columns over rows. */
export async function procrustesDistance(kernels: Kernels, { xx, xy, yy }: Moments): Promise<number> {
  const nuclear = innerProduct(await polarFactor(kernels, xy, { seed: 0 }), xy);
  return 2 - (2 * nuclear) / Math.sqrt(trace(xx) * trace(yy));
}
