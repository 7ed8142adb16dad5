/** G6 of a swap: both models on the same perturbed examples. */
import { countOf, mostPoints, oneOfEach, robustnessGate, selectRows, someGroups, type AskedAgain, type Features, type GateResult, type HeadOutcome, type RowGroups } from '../../align/index.ts';
import { createRandom, permutation } from '../../data/random.ts';
import type { LoweredTerms } from '../../check/tools/lower.ts';
import type { Tables } from '../data/columns.ts';
import { featuresOf } from '../data/features.ts';
import { answered, askAgain, type RequiredAnswer } from './asked.ts';
import type { GateRequest } from './gate-request.ts';
import { classesFound, type Measured } from './measure.ts';
import type { GateNotJudged } from './not-judged.ts';
import { perturbations, rowsOfTable, type Perturbation } from './perturb.ts';
import { outputsNamed } from './swap.ts';
import { vectorGroups, vectorRows } from './vectors.ts';
import type { Workbench } from '../workbench.ts';

/** Each perturbation runs both models on all of them. */
const mostRows = 10_000;

export interface RobustnessRequest extends GateRequest {
  /** A head for a head: there is no space to lie in. */
  readonly isHead: boolean;
}

/** What a gate says, and what it does not look at. */
export interface GateAnswer {
  /** None where there is nothing to look at. */
  readonly gates: readonly GateResult[];
  readonly open: readonly GateNotJudged[];
}

export async function robustnessOf(request: RobustnessRequest, bench: Workbench): Promise<GateAnswer> {
  const { data, heads } = request;
  const rows = request.rows.slice(0, mostRows);
  const groups = someGroups(data.together, rows);
  const required = request.required.filter(({ isHead }) => !isHead);
  const outcomes: HeadOutcome[] = [];
  const asked: AskedAgain[] = [];
  const open: GateNotJudged[] = [];
  for (const perturbation of perturbations) {
    const tables = perturbed(perturbation, request, rows);
    if (tables === undefined) continue;
    const words = `${request.verify.name}, ${perturbation.words}`;
    const names = [...new Set([...heads.map(({ measured }) => measured.given.prediction), ...required.flatMap(({ outputs }) => outputs.map(({ output }) => output))])];
    const own = await answersOn(data.own, names, request, tables, rows.length, words, bench);
    const swapped = await answersOn(data.swapped, names, request, tables, rows.length, words, bench);
    for (const { name, measured, margin } of heads) {
      const right = (features: Features): boolean[] => Array.from(classesFound(features, measured.own.sets), (c, row) => c === measured.own.labels![rows[row]!]);
      outcomes.push({ head: `${name} ${perturbation.words}`, own: right(own.get(measured.given.prediction)!), swapped: right(swapped.get(measured.given.prediction)!), margin, groups });
    }
    for (const answer of required) {
      const { measured } = answer;
      const sides = { own: answered(measured.own, measured, rows, (name) => own.get(name)!), swapped: answered(measured.swapped, measured, rows, (name) => swapped.get(name)!) };
      const one = askPerturbed(answer, ` ${perturbation.words}`, sides, groups);
      if ('why' in one) open.push(one);
      else asked.push(one);
    }
  }
  const { split, y, bridged } = data;
  const grouped = vectorGroups(data, data.together);
  const points = (part: readonly number[]): Uint32Array => {
    const all = Uint32Array.from(vectorRows(data, part));
    // Of several calls one of each example's vectors, drawn: those of the first stand before all others.
    return oneOfEach(data.calls === 1 ? all : permutation(all.length, createRandom(0)).map((at) => all[at]!), grouped).subarray(0, mostPoints);
  };
  const space = request.isHead ? undefined : { reference: selectRows(y, points(split.fit)), bridged: selectRows(bridged, points(split.test)) };
  if (outcomes.length + asked.length > 0) return { gates: [onMost(await robustnessGate(bench.kernels, { outcomes, asked, space }), rows.length === mostRows ? countOf(rows.length, groups) : mostRows)], open };
  const why = open.length > 0 ? 'No answer was judged on perturbed examples.' : 'No perturbation is known for these inputs.';
  // That the points lie well does not say that the answers bear anything.
  const placed = space && (await robustnessGate(bench.kernels, { outcomes, space }));
  const told = [why, placed?.reason].filter(Boolean).join(' ');
  return placed === undefined || placed.verdict === 'PASS' ? { gates: [], open: [...open, { gate: placed?.gate ?? 'G6 robustness', why: told }] } : { gates: [{ ...placed, reason: told }], open };
}

/** No more rows than that are perturbed. */
const onMost = ({ open, ...gate }: GateResult, most: number): GateResult => (open === undefined ? gate : { ...gate, open: open.map((one) => (one.of === 'judged' ? { ...one, most } : one)) });

/**
 * Against `baseline` no more may be lost than is allowed, and nothing has to be won. A bound by itself speaks of the swap only
 * where the old part surely keeps it on the same rows.
 */
function askPerturbed(answer: RequiredAnswer, words: string, sides: { readonly own: Measured; readonly swapped: Measured }, groups: RowGroups | undefined): AskedAgain | GateNotJudged {
  const { requirement } = answer;
  const { bound, op } = requirement;
  if (bound.kind === 'baseline') {
    const offset = op.startsWith('>') ? Math.min(0, bound.offset) : Math.max(0, bound.offset);
    return askAgain({ ...answer, requirement: { ...requirement, bound: { ...bound, offset } } }, words, sides, groups);
  }
  const before = askAgain(answer, words, { own: sides.own, swapped: sides.own }, groups);
  if (before.verdict === 'PASS') return askAgain(answer, words, sides, groups);
  return { gate: 'G6 robustness', why: `${before.name} is ${Number(before.compared.value.toPrecision(4))} before the swap, not surely ${before.bar} either, and so says nothing of the swap; held to \`baseline\` it would.` };
}

/** The tables with every column changed that the model reads and that can be; undefined where none can. */
function perturbed(perturbation: Perturbation, { data, tables }: RobustnessRequest, rows: readonly number[]): Tables | undefined {
  const read = [...data.own.columns.values()];
  let isChanged = false;
  const changed = new Map([...tables].map(([file, table]) => {
    const some = rowsOfTable(table, rows);
    const columns = new Map(some.columns);
    for (const [i, name] of [...new Set(read.filter((term) => term.data === file).map((term) => term.column))].entries()) {
      const column = perturbation.apply(columns.get(name)!, i + 1);
      if (column === undefined) continue;
      isChanged = true;
      columns.set(name, column);
    }
    return [file, { ...some, columns }] as const;
  }));
  return isChanged ? changed : undefined;
}

/** By the names of the outputs. */
async function answersOn(lowered: LoweredTerms, names: readonly string[], { verify }: RobustnessRequest, tables: Tables, rows: number, words: string, bench: Workbench): Promise<ReadonlyMap<string, Features>> {
  const found = await featuresOf({ lowered, outputs: outputsNamed(lowered, names), tables, rows, words, location: verify.location }, bench);
  return new Map(names.map((name, i) => [name, found[i]!]));
}
