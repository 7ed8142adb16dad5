/** Conversions from one range to another: by a line where the ends are known, else by cutting off what lies outside. */
import { constantRange, rangeOf } from '../../ops/range.ts';
import { operators } from '../../ops/table.ts';
import { dtypes, holds } from '../../types/dtype.ts';
import type { Ends, Fact, RangeStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { showBound } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { inDoubt, isDeclaredRange, isWritten, only, withFacts, type MakeSteps, type Step } from './bridge-steps.ts';

const demandedOf = ({ facts }: TensorType): (Fact & RangeStatement) | undefined => facts.find((fact): fact is Fact & RangeStatement => fact.kind === 'range' && fact.rows === undefined);

/** What rounding and tolerances may add up to, as a part of what is demanded. */
export const nearly = 1 / 32;

/** By what the whole numbers of an element type come to [0, 1] or [-1, 1]. */
const lines: readonly { readonly from: Ends; readonly to: Ends; readonly steps: readonly (readonly ['Div' | 'Sub', number])[] }[] = [
  { from: { low: 0, high: 255 }, to: { low: 0, high: 1 }, steps: [['Div', 255]] },
  { from: { low: 0, high: 255 }, to: { low: -1, high: 1 }, steps: [['Div', 127.5], ['Sub', 1]] },
  { from: { low: 0, high: 65535 }, to: { low: 0, high: 1 }, steps: [['Div', 65535]] },
  { from: { low: -128, high: 127 }, to: { low: -1, high: 1 }, steps: [['Div', 128]] },
  { from: { low: -32768, high: 32767 }, to: { low: -1, high: 1 }, steps: [['Div', 32768]] },
];

const isSame = (a: Ends, b: Ends): boolean => a.low === b.low && a.high === b.high;
const signs = { Div: '/', Sub: '-' };

/** Sound of 16 bits and bytes, which were cast to floats and nothing else. */
export const divided: MakeSteps = (found, wanted) => {
  const demand = demandedOf(wanted);
  const range = rangeOf(found);
  const line = demand && lines.find(({ from, to }) => isSame(from, range) && isSame(to, demand));
  if (demand === undefined || line === undefined || !isFloat(found) || implying(found, { kind: 'integer' }) === undefined) return [];
  const type = line.steps.reduce<TensorType | undefined>((x, [op, by]) => x && behind(op, x, by), found);
  if (type === undefined || implying(type, demand) === undefined) return [];
  return [{
    title: `bring [${showBound(range.low)}, ${showBound(range.high)}] to [${showBound(demand.low)}, ${showBound(demand.high)}]`,
    text: line.steps.map(([op, by]) => `onnx.${op}(${by})`).join(' |> '),
    operators: line.steps.map(([op, by]) => ` ${signs[op]} ${by}`).join(''),
    type,
  }];
};

/** What an operator makes of a tensor and a number behind it. */
function behind(op: 'Div' | 'Sub', x: TensorType, by: number): TensorType | undefined {
  if (typeof x.dtype !== 'string') return undefined;
  const number: TensorType = { kind: 'tensor', dtype: x.dtype, shape: { axes: [] }, facts: constantRange([by], x.dtype), evidence: 'proved' };
  const inference = operators.get(op)!.infer([x, number], new Map());
  return inference.ok && inference.type.kind === 'tensor' ? inference.type : undefined;
}

/** From one range to another by a line; cut off at the ends, beyond which rounding would lead. */
export const rescale: MakeSteps = (found, wanted) => {
  const demand = demandedOf(wanted);
  const { low, high, evidence } = rangeOf(found);
  if (demand === undefined || ![low, high, demand.low, demand.high].every(isWritten) || low >= high || demand.low >= demand.high) return [];
  // Operators only bound what they make: a line from there changes numbers that were right.
  if (!isFloat(found) || !isDeclaredRange(found)) return [];
  const title = `bring [${low}, ${high}] to [${demand.low}, ${demand.high}]`;
  const text = `rescale(from_low: ${low}, from_high: ${high}, to_low: ${demand.low}, to_high: ${demand.high}) |> onnx.Clip(min: ${demand.low}, max: ${demand.high})`;
  return [{ title, text, imports: { module: 'vision', names: ['rescale'] }, type: withFacts(found, [{ kind: 'range', low: demand.low, high: demand.high, evidence }]) }];
};

/** What lies outside is cut off: where rounding alone leads there, nothing is lost by it; else the error goes, and perhaps nothing else. */
export const clip: MakeSteps = (found, wanted) => {
  const demand = demandedOf(wanted);
  if (demand === undefined || typeof found.dtype !== 'string' || !['float', 'int', 'uint'].includes(dtypes[found.dtype].class) || ![demand.low, demand.high].every((end) => isWritten(end) || !Number.isFinite(end))) return [];
  const { low, high } = demand;
  const dtype = found.dtype;
  if ((low === -Infinity && high === Infinity) || [low, high].some((end) => Number.isFinite(end) && !holds(dtype, end))) return [];
  const known = rangeOf(found);
  const slack = nearly * Math.max(0, ...[low, high].filter(Number.isFinite).map(Math.abs));
  const isNear = known.low >= low - slack && known.high <= high + slack;
  if (!isNear && leavesNothing(found, known, demand)) return [];
  const text = high === Infinity ? `onnx.Max(${low})` : low === -Infinity ? `onnx.Min(${high})` : `onnx.Clip(min: ${low}, max: ${high})`;
  const step: Step = { title: `cut off what lies outside [${showBound(low)}, ${showBound(high)}]`, text, type: withFacts(found, [...only(found, 'integer'), { kind: 'range', low, high, evidence: 'proved' }]) };
  return [isNear ? step : inDoubt(step)];
};

/** A clip that leaves a smaller part of what is known makes one or two numbers of nearly all. */
const leastLeft = 1 / 16;

/** Whether a clip would hide a mistake: at most one number, or hardly any of those that it may be, lie in what is demanded. Of whole numbers that are no floats the range is that of their element type, and says nothing. */
function leavesNothing(found: TensorType, known: Ends, demand: Ends): boolean {
  const left = Math.min(known.high, demand.high) - Math.max(known.low, demand.low);
  if (known.high > known.low && left <= 0) return true;
  return isFloat(found) && Number.isFinite(known.high - known.low) && left < leastLeft * (known.high - known.low);
}

const isFloat = ({ dtype }: TensorType): boolean => typeof dtype === 'string' && dtypes[dtype].class === 'float';
