/** What is known of a tensor that is one of several: what a branch gives or the other, what a loop carries from turn to turn. */
import { between, join as hull } from '../ranges/interval.ts';
import { lengthOf, makeRows, nothingKnown, rowAt, type Ball, type Line, type Rows, type ValueFacts } from './value-facts.ts';

/** What holds of all. */
export function joinFacts(all: readonly ValueFacts[]): ValueFacts {
  const [first, ...others] = all;
  if (first === undefined) return nothingKnown;
  return others.reduce(joinTwo, first);
}

function joinTwo(a: ValueFacts, b: ValueFacts): ValueFacts {
  const rows = joinRows(a, b);
  const ball = joinBalls(a.ball, b.ball);
  return {
    range: hull([a.range, b.range]),
    ...(rows && { rows }),
    ...(ball && { ball }),
    lines: a.lines.flatMap((line) => b.lines.filter((other) => isAlong(other, line)).slice(0, 1).map((other) => joinLines(line, other))),
    ...(a.integer && b.integer ? { integer: true } : {}),
    ...(a.finite && b.finite ? { finite: true } : {}),
    ...(a.prefix !== undefined && a.prefix === b.prefix ? { prefix: a.prefix } : {}),
    ...(a.rising !== undefined && a.rising === b.rising ? { rising: a.rising } : {}),
  };
}

const isAlong = (a: Line, b: Line): boolean => a.kind === b.kind && a.axis === b.axis;

function joinLines(a: Line, b: Line): Line {
  const exempt = Math.max(a.exempt ?? 0, b.exempt ?? 0);
  const absolute = Math.max(a.absolute ?? Infinity, b.absolute ?? Infinity);
  return { kind: a.kind, axis: a.axis, low: Math.min(a.low, b.low), high: Math.max(a.high, b.high), ...(exempt > 0 ? { exempt } : {}), ...(absolute < Infinity ? { absolute } : {}) };
}

function joinRows(a: ValueFacts, b: ValueFacts): Rows | undefined {
  const axis = a.rows?.axis;
  if (axis === undefined || b.rows?.axis !== axis || b.rows.low.length !== a.rows!.low.length) return undefined;
  return makeRows(axis, Array.from(a.rows!.low, (_, i) => hull([rowAt(a, axis, i), rowAt(b, axis, i)])));
}

/** Of balls around 0 the larger one. */
function joinBalls(a: Ball | undefined, b: Ball | undefined): Ball | undefined {
  if (a === undefined || b === undefined || a.axis !== b.axis) return undefined;
  if ([a, b].some((ball) => lengthOf(ball) !== undefined || ball.centre !== 0)) return undefined;
  const radius = ({ scale, radius: own }: Ball): number => Math.abs(scale as number) * own;
  return { axis: a.axis, radius: Math.max(radius(a), radius(b)), centre: 0, scale: 1, slack: Math.max(a.slack as number, b.slack as number) };
}

/** Whether all that is said holds of what is known. Balls are not looked at. */
export function follows({ range, rows, lines, integer, finite, prefix, rising }: ValueFacts, known: ValueFacts): boolean {
  const isWithin = known.range.low >= range.low && known.range.high <= range.high;
  // Bounds of each index also say how many there are, so bounds of the whole do not stand for them.
  const isRowwise = rows === undefined || (known.rows?.axis === rows.axis && known.rows.low.length === rows.low.length && rows.low.every((low, i) => rowAt(known, rows.axis, i).low >= low && rowAt(known, rows.axis, i).high <= rows.high[i]!));
  const isLinewise = lines.every((line) => known.lines.some((other) => isAlong(other, line) && other.low >= line.low && other.high <= line.high && (other.exempt ?? 0) <= (line.exempt ?? 0) && (other.absolute ?? Infinity) <= (line.absolute ?? Infinity)));
  const isOrdered = (prefix === undefined || known.prefix === prefix) && (rising === undefined || known.rising === rising);
  return isWithin && isRowwise && isLinewise && isOrdered && (!integer || known.integer === true) && (!finite || known.finite === true);
}

/** Weaker than both, so that it soon holds of what grows from turn to turn: an end that moved goes to 0 where that is beyond it, else to infinity. */
export function widened(before: ValueFacts, after: ValueFacts): ValueFacts {
  const { range, integer, finite } = joinTwo(before, after);
  const low = range.low >= before.range.low ? range.low : range.low >= 0 ? 0 : -Infinity;
  const high = range.high <= before.range.high ? range.high : range.high <= 0 ? 0 : Infinity;
  return { range: between(low, high), lines: [], ...(integer && { integer }), ...(finite && { finite }) };
}
