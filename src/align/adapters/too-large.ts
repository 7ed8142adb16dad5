/** What is said of features whose squares have no sum, and what to write where they are right. */
import { alignCodes } from '../../diagnostics/codes/align.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';

/**
 * @param of the source, the target or the encoder
 * @param size of the largest number of the column, without its sign
 * @param row where it stands, counted from 0
 */
export function tooLarge(of: string, { column, size, row }: { readonly column: number; readonly size: number; readonly row: number }): Finding {
  const scale = `1e${-Math.floor(Math.log10(size))}`;
  return alignCodes.finding('features-too-large', { of, column, size }, [
    `No encoder gives such numbers from sound data: look at row ${row + 1}, which holds it. Numbers that stand for what is missing, a division by next to nothing and half precision that overflowed make them.`,
    of === 'the target' ? `Where they are right, learn a target of another scale, \`part scaled(y: f32[batch, n]) -> f32[batch, n] { y * ${scale} }\`, and multiply what comes out.` : `Where they are right, scale them first: \`part scaled(x: f32[batch, n]) -> f32[batch, n] { x * ${scale} }\` before what is learned, in the fit and in the model.`,
  ]);
}
