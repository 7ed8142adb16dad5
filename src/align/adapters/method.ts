/** One way to make an adapter of two spaces in closed form. */
import type { Kernels } from '../kernels/kernels.ts';
import type { ScoredAdapter } from './cross-validation.ts';
import type { Product } from '../kernels/moments.ts';
import type { Training } from './training.ts';

export interface FitContext {
  readonly kernels: Kernels;
  /** For what the data leave open. */
  readonly seed: number;
}

export interface AffineMethod {
  readonly name: string;
  /** What its score is, where it is no R². */
  readonly measure?: string;
  /** The fewest rows from which it is worth trying, and a clause that says why. */
  leastRows(columnsX: number, columnsY: number): { readonly rows: number; readonly why: string };
  /** Which products of the moments it reads: `xx` and `xy` where it does not say. */
  products?(columnsX: number, columnsY: number): readonly Product[];
  /** Why it cannot carry one width into the other; undefined where it can. */
  misfit?(columnsX: number, columnsY: number): string | undefined;
  fit(context: FitContext, training: Training): Promise<ScoredAdapter>;
}

/** For methods that leave the width as it is. */
export const sameWidth = (columnsX: number, columnsY: number): string | undefined =>
  columnsX === columnsY ? undefined : `it keeps the width, and the source has ${columnsX} columns, the target ${columnsY}`;

/** The products that any of the methods reads: what a training of them has to sum up. */
export function productsOf(methods: readonly AffineMethod[], columnsX: number, columnsY: number): readonly Product[] {
  return [...new Set(methods.flatMap((method) => method.products?.(columnsX, columnsY) ?? ['xx' as const, 'xy' as const]))];
}
