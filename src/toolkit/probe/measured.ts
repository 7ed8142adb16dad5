/** What a probe measured of vectors, as the lock file keeps it. */
import type { Features } from '../../align/index.ts';
import type { LockedSpace, MeasuredBounds } from '../../packages/lock.ts';

export function measureSpace({ rows, columns, data }: Features): LockedSpace {
  const vectors = Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns));
  const finite = vectors.filter((row) => row.every(Number.isFinite));
  const sum = (row: Float32Array, of: (value: number) => number): number => row.reduce((total, value) => total + of(value), 0);
  const mean = (row: Float32Array): number => sum(row, (value) => value) / columns;
  const norms = finite.map((row) => Math.sqrt(sum(row, (value) => value * value)));
  return {
    columns,
    finite: finite.length === rows,
    range: bounds(finite.flatMap((row) => [row.reduce((a, b) => Math.min(a, b)), row.reduce((a, b) => Math.max(a, b))])),
    norm: bounds(norms.filter((norm) => norm > 0)),
    sum: bounds(finite.map((row) => sum(row, (value) => value))),
    mean: bounds(finite.map(mean)),
    std: bounds(finite.map((row) => {
      const centre = mean(row);
      return Math.sqrt(sum(row, (value) => (value - centre) ** 2) / columns);
    })),
  };
}

/** 0 to 0 where there is nothing to bound. */
function bounds(values: readonly number[]): MeasuredBounds {
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)] as const, [Infinity, -Infinity] as MeasuredBounds);
  return values.length === 0 ? [0, 0] : [Number(low.toPrecision(8)), Number(high.toPrecision(8))];
}
