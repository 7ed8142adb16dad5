/** A verdict: the gates with all that they measured, what was required, and what each head makes of it. */
import type { Measure } from '../../align/index.ts';
import type { Interval } from '../../align/statistics/interval.ts';
import { showAmount } from '../../toolkit/verify/show-amount.ts';
import { outputsNotJudged } from '../../toolkit/verify/not-judged.ts';
import { isP, showAttribution, showP, showRows as showGrouped } from '../../toolkit/verify/show-verdict.ts';
import { showRowsNeeded, type ToldGate } from '../../toolkit/verify/rows-needed.ts';
import type { SwapStudy, VerifyStudy } from '../../toolkit/study/study.ts';
import type { BudgetResult } from '../../toolkit/verify/budgets.ts';
import type { RequirementResult } from '../../toolkit/verify/requirement.ts';
import type { Bar, Block, Cell, Section, Tile } from '../document.ts';
import { numberCell, readBar, showBar, showInterval, showNumber, showRows, showShare, showSigned } from '../numbers.ts';
import { answerSections, labelSections } from './answer-section.ts';
import { limitsOf } from './limits.ts';
import { spaceSection } from './space-section.ts';

export function verifySection(study: VerifyStudy): Section {
  const { name, doc, verdict, rows, judged, grouped, swaps, requirements, budgets } = study;
  const open = outputsNotJudged(swaps);
  const verdictText = `The answer is ${verdict}, on ${showGrouped(rows, grouped)}. ${meanings[verdict]}${open.length === 0 ? '' : ` It says nothing of ${open.join(', ')}: no requirement looks there.`}`;
  return {
    title: `${name}: ${verdict}`,
    blocks: [...(doc === undefined ? [] : [{ kind: 'text' as const, text: doc }]), { kind: 'text', text: verdictText }],
    sections: [
      ...(requirements.length === 0 ? [] : [{ title: 'Requirements', blocks: [requirementTable(requirements)] }]),
      ...(budgets.length === 0 ? [] : [{ title: 'Budget', blocks: [budgetTable(budgets)] }]),
      ...swaps.flatMap((swap) => swapSections(swap, judged, swaps.length > 1)),
      { title: 'Limits and known failures', blocks: [{ kind: 'list', items: limitsOf(study) }] },
    ],
  };
}

const meanings: Readonly<Record<VerifyStudy['verdict'], string>> = {
  PASS: 'Every gate and every requirement holds with its interval: the part may take the other one\'s place, as far as these examples tell.',
  FAIL: 'At least one gate or requirement does not hold: the part must not take the other one\'s place as it is.',
  INCONCLUSIVE: 'At least one interval reaches over its bar, or there are too few examples: nobody knows yet.',
};

const swapSections = (swap: SwapStudy, judged: number, isOneOfSeveral: boolean): readonly Section[] => {
  const of = isOneOfSeveral ? `, ${swap.swap}` : '';
  const split = Object.entries(swap.split).map(([part, rows]) => `${rows.toLocaleString('en-US')} to ${purposes[part] ?? part}`);
  return [
    {
      title: `Gates${of}`,
      blocks: [
        { kind: 'text', text: `${swap.swap}. The examples were divided by their content: ${split.join(', ')}.` },
        { kind: 'table', caption: `Gates of ${swap.swap}`, columns: ['gate', 'verdict', 'why'], rows: swap.gates.map(gateRow) },
        { kind: 'table', caption: 'What the gates measured; each bound of an interval holds at 95 %, those of a p, which is compared by its value, at 97.5 %', columns: ['measure', 'gate', 'value', 'interval', 'to be', 'against its bar'], rows: swap.gates.flatMap(({ gate, measures }) => measures.map((measure) => measureRow(gate, measure))) },
      ],
    },
    ...(Object.keys(swap.heads).length + swap.attributions.length === 0 ? [] : [{ title: `Representation and heads${of}`, blocks: [representationTable(swap), ...headTables(swap, judged), ...swap.attributions.map((one): Block => ({ kind: 'text', text: showAttribution(one) }))] }]),
    ...swap.answers.flatMap((answer) => answerSections(answer, of)),
    ...swap.labelled.flatMap((study) => labelSections(study, of)),
    ...(swap.spaces.spectra.length === 0 ? [] : [spaceSection(swap.spaces, `The spaces before and after${of}`)]),
  ];
};

const purposes: Readonly<Record<string, string>> = { fit: 'refit controls and probes', calibrate: 'set the temperature', test: 'test' };

function gateRow({ gate, verdict, reason, ...needed }: ToldGate): readonly Cell[] {
  return [gate, { kind: 'verdict', verdict }, `${reason}${showRowsNeeded(needed)}`];
}

const measureRow = (gate: string, { name, value, interval, bar }: Measure): readonly Cell[] => judgedRow(name, gate.split(' ')[0]!, { value, ...(interval === undefined ? {} : { interval }), isP: isP(name) }, readBar(bar));

interface Judged {
  readonly value: number;
  readonly interval?: Interval;
  readonly isP: boolean;
}

function judgedRow(name: string, gate: string, { value, interval, isP: ofP }: Judged, bar: Bar | undefined): readonly Cell[] {
  // A p is held against its bar by its value: its interval says how far permutations know it, and would cross the bar of every one that passes.
  const drawn = ofP ? undefined : interval;
  const words = `${name}: ${showNumber(value)}${drawn === undefined ? '' : `, from ${showInterval(drawn)}`}${bar === undefined ? '' : `, to be ${showBar(bar)}`}`;
  const bullet: Cell = bar === undefined || !Number.isFinite(value) ? '' : { kind: 'bullet', value, ...(drawn === undefined ? {} : { interval: drawn }), bar, words };
  return [name, gate, ofP && Number.isFinite(value) ? { kind: 'number', text: showP(value) } : numberCell(value), { kind: 'number', text: showInterval(interval) }, bar === undefined ? '' : showBar(bar), bullet];
}

// ---------------------------------------------------------------- requirements and heads

function requirementTable(requirements: readonly RequirementResult[]): Block {
  const rows = requirements.map(({ metric, text, verdict, own, swapped, compared, bound }): readonly Cell[] => {
    const op = /(>=|<=|>|<)/.exec(text)?.[1] as Bar['op'] | undefined;
    const [, , value, interval, , bullet] = judgedRow(text, '', { ...compared, isP: isP(metric) }, op === undefined ? undefined : { op, value: bound });
    return [{ kind: 'code', text }, { kind: 'verdict', verdict }, own === undefined ? '' : numberCell(own), swapped === undefined ? '' : numberCell(swapped), value!, interval!, bullet!];
  });
  return { kind: 'table', caption: 'What the declaration requires; each bound of an interval holds at 95 %, those of a p, which is compared by its value, at 97.5 %', columns: ['requirement', 'verdict', 'before', 'after', 'compared', 'interval', 'against its bar'], rows };
}

function budgetTable(budgets: readonly BudgetResult[]): Block {
  const rows = budgets.map(({ text, metric, verdict, compared, bound, reason }): readonly Cell[] => {
    const op = /(>=|<=|>|<)/.exec(text)?.[1] as Bar['op'] | undefined;
    const amount = (value: number): string => showAmount(metric, value);
    const isDrawn = compared !== undefined && op !== undefined && [compared.value, compared.interval.low, compared.interval.high].every(Number.isFinite);
    const interval = compared === undefined ? '' : `${amount(compared.interval.low)} to ${amount(compared.interval.high)}`;
    const bullet: Cell = isDrawn ? { kind: 'bullet', value: compared.value, interval: compared.interval, bar: { op, value: bound }, words: `${text}: ${amount(compared.value)}, from ${interval}` } : '';
    return [{ kind: 'code', text }, { kind: 'verdict', verdict }, { kind: 'number', text: compared === undefined ? '' : amount(compared.value) }, { kind: 'number', text: interval }, bullet, reason];
  });
  return { kind: 'table', caption: 'What the model with the swap costs, measured', columns: ['limit', 'verdict', 'measured', 'interval', 'against its bar', 'how'], rows };
}

const representationTable = ({ representation }: SwapStudy): Block => ({
  kind: 'table',
  caption: 'The vectors: how far encoder and bridge are at fault',
  columns: ['measure', 'value'],
  rows: Object.entries(representation).map(([name, value]) => [name, numberCell(value)]),
});

const headTables = ({ heads }: SwapStudy, judged: number): readonly Block[] =>
  Object.entries(heads).map(([head, metrics]) => ({
    kind: 'table',
    caption: `The head ${head}: what it makes of the vectors, on ${showRows(judged)}`,
    columns: ['metric', 'before', 'after', 'change'],
    rows: Object.entries(metrics).map(([name, { own, swapped }]) => [name, numberCell(own), numberCell(swapped), { kind: 'number', text: showSigned(swapped - own, 4) }]),
  }));

// ---------------------------------------------------------------- tiles

export function verifyTiles({ name, verdict, rows, grouped, swaps, requirements, budgets }: VerifyStudy): readonly Tile[] {
  const verdicts = [...swaps.flatMap(({ gates }) => gates.map((gate) => gate.verdict)), ...requirements.map((one) => one.verdict), ...budgets.map((one) => one.verdict)];
  const open = outputsNotJudged(swaps);
  const passed = verdicts.filter((one) => one === 'PASS').length;
  return [
    { label: name, value: verdict, verdict, note: `${passed} of ${verdicts.length} gates${budgets.length === 0 ? ' and requirements' : ', requirements and limits'} pass, on ${showGrouped(rows, grouped)}${open.length === 0 ? '' : `; not judged: ${open.join(', ')}`}` },
    ...swaps.flatMap((swap) => Object.entries(swap.heads).flatMap(([head, { accuracy }]): Tile[] => (accuracy === undefined ? [] : [accuracyTile(head, accuracy, swap)]))),
    ...swaps.flatMap(({ answers, labelled }) => [...answers, ...labelled].map(({ head, flips, rows: judged }): Tile => ({ label: `${head}, negative flips`, value: `${flips.negative.toLocaleString('en-US')}`, note: `right before and wrong now, of ${showRows(judged)}; ${flips.positive.toLocaleString('en-US')} the other way` }))),
  ];
}

function accuracyTile(head: string, { own, swapped }: { readonly own: number; readonly swapped: number }, { gates }: SwapStudy): Tile {
  const interval = gates.flatMap(({ measures }) => measures).find((measure) => measure.name === `difference of ${head}`)?.interval;
  const between = interval === undefined ? '' : ` (${showSigned(100 * interval.low, 1)} to ${showSigned(100 * interval.high, 1)})`;
  return { label: `${head}, accuracy`, value: showShare(swapped), note: `${showShare(own)} before: ${showSigned(100 * (swapped - own), 2)} points${between}` };
}
