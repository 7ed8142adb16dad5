/** Maps without a bias: x W, where nothing is moved. Every method that looks at moments alone finds its own, from moments about 0. */
import type { Moments } from '../kernels/moments.ts';
import type { Matrix } from '../matrix.ts';
import type { Training } from './training.ts';

/** The same rows, their squares and products about 0 and no longer about their means. */
export function momentsAboutOrigin({ count, meanX, meanY, xx, xy, yy }: Moments): Moments {
  return {
    count,
    meanX: new Float64Array(meanX.length),
    meanY: new Float64Array(meanY.length),
    xx: moved(xx, meanX, meanX, count),
    xy: moved(xy, meanX, meanY, count),
    yy: moved(yy, meanY, meanY, count),
  };
}

/** What maps about the origin are fitted from. They are scored as others are: by what they leave of the variance about the mean. */
export const aboutOrigin = (training: Training): Training => ({ ...training, centre: 'origin', all: momentsAboutOrigin(training.all), basis: undefined });

function moved(sum: Matrix, a: Float64Array, b: Float64Array, count: number): Matrix {
  const data = sum.data.slice();
  for (let i = 0, at = 0; i < a.length; i++) for (let j = 0; j < b.length; j++, at++) data[at]! += count * a[i]! * b[j]!;
  return { ...sum, data };
}
