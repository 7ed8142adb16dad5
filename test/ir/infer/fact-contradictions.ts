/** What is said of a tensor's values against the values that a runtime computed. */
import { itemOf, type Ball, type Line, type ValueFacts } from '../../../src/ops/foreign/facts/value-facts.ts';

/** Sums of squares in double precision, of single-precision numbers that were normalised in it. */
const slack = 1e-9;

/** The vectors along an axis, from the end. */
function* vectors(data: readonly number[], dims: readonly number[], axis: number): Generator<readonly number[]> {
  const size = dims.at(axis)!;
  const behind = axis === -1 ? 1 : dims.slice(axis + 1).reduce((all, n) => all * n, 1);
  const before = size === 0 || behind === 0 ? 0 : data.length / (size * behind);
  for (let i = 0; i < before; i++) {
    for (let k = 0; k < behind; k++) yield Array.from({ length: size }, (_, j) => data[(i * size + j) * behind + k]!);
  }
}

const norm = (vector: readonly number[]): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));

function lineContradiction({ kind, axis, low, high, exempt }: Line, data: readonly number[], dims: readonly number[]): string | undefined {
  for (const vector of vectors(data, dims, axis)) {
    const value = kind === 'norm' ? norm(vector) : vector.reduce((a, b) => a + b, 0);
    if (Number.isNaN(value)) continue;
    // Whether a vector was too short before is not to be seen here.
    const isShort = exempt !== undefined && value < low;
    if ((value < low - slack && !isShort) || value > high + slack) return `has the ${kind} ${value} along axis ${axis}, inferred as [${low}, ${high}]`;
  }
  return undefined;
}

/** (x - centre) / scale has at most the radius as its norm, but for the slack. */
function ballContradiction(ball: Ball, data: readonly number[], dims: readonly number[]): string | undefined {
  for (const vector of vectors(data, dims, ball.axis)) {
    const z = vector.map((x, i) => {
      const [off, scale] = [Math.max(0, Math.abs(x - itemOf(ball.centre, i)) - itemOf(ball.slack, i)), Math.abs(itemOf(ball.scale, i))];
      return off === 0 ? 0 : off / scale;
    });
    if (norm(z) > ball.radius * (1 + slack)) return `lies ${norm(z)} from the centre of its ball, inferred as ${ball.radius}`;
  }
  return undefined;
}

export function factContradictions(facts: ValueFacts, data: readonly number[], dims: readonly number[]): readonly string[] {
  const wrong: (string | undefined)[] = [];
  const numbers = data.filter((n) => !Number.isNaN(n));
  const [low, high] = numbers.reduce(([a, b], n) => [Math.min(a, n), Math.max(b, n)], [Infinity, -Infinity]);
  if (low < facts.range.low || high > facts.range.high) wrong.push(`lies in [${low}, ${high}], inferred as [${facts.range.low}, ${facts.range.high}]`);
  const { rows, ball } = facts;
  if (rows !== undefined) {
    if (dims.at(rows.axis) !== rows.low.length) wrong.push(`has ${dims.at(rows.axis)} indices along axis ${rows.axis}, and ranges for ${rows.low.length}`);
    for (const vector of vectors(data, dims, rows.axis)) {
      const at = vector.findIndex((x, i) => x < rows.low[i]! || x > rows.high[i]!);
      if (at >= 0) wrong.push(`is ${vector[at]} at index ${at} of axis ${rows.axis}, inferred as [${rows.low[at]}, ${rows.high[at]}]`);
      if (at >= 0) break;
    }
  }
  if (ball !== undefined) wrong.push(ballContradiction(ball, data, dims));
  for (const line of facts.lines) wrong.push(lineContradiction(line, data, dims));
  if (facts.integer && numbers.some((n) => Number.isFinite(n) && !Number.isInteger(n))) wrong.push('is not whole');
  const isIn = (axis: number, holds: (vector: readonly number[]) => boolean): boolean => Array.from(vectors(data, dims, axis)).every(holds);
  if (facts.prefix !== undefined && !isIn(facts.prefix, (vector) => vector.every((x, i) => x === 0 || i === 0 || vector[i - 1] !== 0))) wrong.push(`has zeros before ones along axis ${facts.prefix}`);
  if (facts.rising !== undefined && !isIn(facts.rising, (vector) => vector.every((x, i) => i === 0 || !(x < vector[i - 1]!)))) wrong.push(`falls along axis ${facts.rising}`);
  if (facts.finite && data.some((n) => !Number.isFinite(n))) wrong.push('is not finite');
  return wrong.filter((text) => text !== undefined);
}
