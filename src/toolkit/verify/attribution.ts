/** Of each head that surely or perhaps lost too much by a swap: whether backbone, adapter or head is at fault. */
import { attribute, attributeReaders, effectivePairs, pairedDifference, selectRows, someGroups, type Attribution, type Features, type Readers } from '../../align/index.ts';
import type { CheckedRequirement } from '../../check/tools/index.ts';
import { judgedRows, type Head } from '../fit/heads.ts';
import type { Workbench } from '../workbench.ts';
import type { RequiredAnswer } from './asked.ts';
import { difference, onRows, rightOn, type Measured } from './measure.ts';
import { judgeSides } from './requirement.ts';
import type { MeasuredRequirement, SwapData } from './swap.ts';

export interface HeadAttribution extends Attribution {
  readonly head: string;
}

const seed = 0;

/** @param required what is required of answers without classes */
export async function attributionsOf(heads: readonly Head[], required: readonly RequiredAnswer[], data: SwapData, { kernels }: Workbench): Promise<readonly HeadAttribution[]> {
  const { split, together } = data;
  const pick = (rows: readonly number[]) => ({ x: selectRows(data.x, rows), y: selectRows(data.y, rows), bridged: selectRows(data.bridged, rows), groups: someGroups(together, rows) });
  const parts = { fit: pick(split.fit), test: pick(split.test) };
  const results: HeadAttribution[] = [];
  for (const { name, margin, measured } of heads) {
    if (keeps(measured, data, margin)) continue;
    const labels = measured.own.labels!;
    const labelled = { fit: { ...parts.fit, labels: split.fit.map((row) => labels[row]!) }, test: { ...parts.test, labels: split.test.map((row) => labels[row]!) } };
    const found = measured.own.sets === undefined ? await attribute(kernels, labelled, { seed, margin }) : await attributeReaders(kernels, parts, ofSets(measured.own, data), { seed, margin });
    if (found !== undefined) results.push({ head: name, ...found });
  }
  for (const { requirement, measured, outputs: [prediction] } of required) {
    const name = prediction!.name;
    if (measured.own.target === undefined || measured.given.target !== undefined || results.some(({ head }) => head === name)) continue;
    const allowed = lossOf(requirement, measured.own, data);
    if (allowed === undefined || keepsNumbers(requirement, measured, data, allowed)) continue;
    const readers = ofNumbers(requirement, measured.own.target, data);
    const found = await attributeReaders(kernels, parts, readers, { seed, margin: allowed });
    if (found !== undefined) results.push({ head: name, ...found });
  }
  return results;
}

/** Whether the head surely loses less than it may. */
function keeps({ own, swapped }: { readonly own: Measured; readonly swapped: Measured }, data: SwapData, margin: number): boolean {
  const rows = judgedRows(data);
  return pairedDifference(effectivePairs(rightOn(swapped, rows), rightOn(own, rows), someGroups(data.together, rows))).interval.low >= -margin;
}

/** A linear reader for each label, which finds it where it reads more than a half; a row is right where all of its labels are. */
function ofSets({ sets }: Measured, { split, together }: SwapData): Readers {
  const { truth } = sets!;
  const wanted = selectRows(truth, split.test);
  const right = ({ rows, columns, data }: Features): boolean[] => Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns).every((value, j) => value > 0.5 === (wanted.data[row * columns + j] === 1)));
  return { target: selectRows(truth, split.fit), gain: (answers, own) => pairedDifference(effectivePairs(right(answers), right(own), someGroups(together, split.test))) };
}

// ---------------------------------------------------------------- numbers

/** The metrics of numbers and vectors that a linear reader can be held to, and which way each is better. */
const ofRows: Readonly<Record<string, 1 | -1>> = { r2: 1, cosine: 1, mse: -1, mae: -1 };

/**
 * How much of its metric a requirement lets be lost: against `baseline` what it says, of a bound by itself what there is before the swap beyond it.
 * Undefined where the old part does not surely keep the bound either, for then it says nothing of the swap, and of metrics that no reader can be held to.
 */
function lossOf(requirement: CheckedRequirement, own: Measured, data: SwapData): number | undefined {
  const { metric: { name }, op, bound } = requirement;
  const sign = ofRows[name];
  if (sign === undefined || (sign === 1) !== op.startsWith('>')) return undefined;
  if (bound.kind === 'baseline') return Math.max(0, -sign * bound.offset);
  const rows = judgedRows(data);
  const before = onRows(own, rows);
  const { verdict, compared } = judgeSides(requirement, { own: before, swapped: before }, someGroups(data.together, rows));
  return verdict === 'PASS' ? sign * (compared.value - bound.value) : undefined;
}

/** What is gained by the second, more being better, on all of the rows of both. */
function gainOf({ metric: { name, options } }: CheckedRequirement, rows: readonly number[], { together }: SwapData) {
  const groups = someGroups(together, rows);
  // What is lost of an error is gained.
  return (answers: Measured, own: Measured) => (ofRows[name] === 1 ? difference(name, answers, own, { options, seed, groups }) : difference(name, own, answers, { options, seed, groups }));
}

/** Whether the answer surely does what it has to. */
function keepsNumbers(requirement: CheckedRequirement, { own, swapped }: MeasuredRequirement, data: SwapData, allowed: number): boolean {
  const rows = judgedRows(data);
  const [before, after] = [onRows(own, rows), onRows(swapped, rows)];
  if (requirement.bound.kind === 'value') return judgeSides(requirement, { own: before, swapped: after }, someGroups(data.together, rows)).verdict === 'PASS';
  return gainOf(requirement, rows, data)(after, before).interval.low >= -allowed;
}

function ofNumbers(requirement: CheckedRequirement, target: Features, data: SwapData): Readers {
  const { split } = data;
  const known = selectRows(target, split.fit);
  const wanted = selectRows(target, split.test);
  const gain = gainOf(requirement, split.test, data);
  // One penalty serves all columns: none is to weigh more for its unit.
  const units = Array.from({ length: known.columns }, (_, column) => unitOf(known, column));
  const inUnits = ({ rows, columns, data: numbers }: Features, change: (value: number, unit: Unit) => number): Features => ({ rows, columns, data: Float32Array.from(numbers, (value, i) => change(value, units[i % columns]!)) });
  const measured = (answers: Features): Measured => ({ prediction: inUnits(answers, (value, { mean, deviation }) => mean + deviation * value), target: wanted });
  return {
    target: inUnits(known, (value, { mean, deviation }) => (value - mean) / deviation),
    gain: (answers, own) => gain(measured(answers), measured(own)),
    metric: { name: requirement.metric.name, isError: ofRows[requirement.metric.name] === -1 },
  };
}

interface Unit {
  readonly mean: number;
  /** 1 of what does not vary. */
  readonly deviation: number;
}

function unitOf({ rows, columns, data }: Features, column: number): Unit {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < rows; row++) sum += data[row * columns + column]!;
  const mean = sum / rows;
  for (let row = 0; row < rows; row++) squares += (data[row * columns + column]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / rows) || 1 };
}
