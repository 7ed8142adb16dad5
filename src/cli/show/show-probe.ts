/** What a probe found, as people read it. */
import { showCount, type Readings } from '../../align/index.ts';
import type { DriftTest } from '../../drift/drift.ts';
import type { ProbeDrift } from '../../toolkit/probe/drift.ts';
import type { LayerMap } from '../../toolkit/probe/layer-map.ts';
import type { ProbeResult } from '../../toolkit/probe/probe.ts';
import { showNumber, showP, showRows } from '../../toolkit/verify/show-verdict.ts';

export function probeText({ name, rows, grouped, spaces, joints, maps }: ProbeResult): string {
  const described = spaces.map(({ part, columns, measures }) => `  ${part}, ${columns} numbers\n${readings(measures)}`);
  const advised = joints.map(({ from, to, measures, advice }) => `  ${from} to ${to}: ${advice.remedy}\n    ${advice.reason}\n${readings(measures)}`);
  return `${name}: ${showRows(rows, grouped)}\n${[...described, ...advised, ...maps.map(mapText)].join('')}`;
}

const readings = (measures: Readings): string =>
  Object.entries(measures).map(([measure, { value, interval, chance, p }]) => {
    const between = interval === undefined ? '' : ` (${showNumber(interval.low)} to ${showNumber(interval.high)})`;
    const against = `${chance === undefined ? '' : `, by chance ${showNumber(chance)}`}${p === undefined ? '' : `, p = ${showP(p)}`}`;
    return `    ${measure}: ${showNumber(value)}${between}${against}\n`;
  }).join('');

/** The layers of the one encoder downwards, those of the other from left to right; `*` where p <= .01. */
function mapText({ rows, columns, cka, p, examples, permutations }: LayerMap): string {
  const cells = cka.map((line, i) => line.map((value, j) => `${value.toFixed(3)}${p[i]![j]! <= 0.01 ? '*' : ' '}`));
  const first = Math.max(...rows.map((name) => name.length));
  const widths = columns.map((name) => Math.max(name.length, 6));
  const head = `    ${' '.repeat(first)}  ${columns.map((name, j) => name.padStart(widths[j]!)).join('  ')}\n`;
  const body = rows.map((name, i) => `    ${name.padEnd(first)}  ${cells[i]!.map((cell, j) => cell.padStart(widths[j]!)).join('  ')}\n`);
  return `  layer by layer, debiased CKA of ${examples} rows; * where the greatest of ${permutations} permuted maps reaches it with p <= .01\n${head}${body.join('')}`;
}

const shownTests = 8;

export function driftText({ name, rows, grouped, against, sameEncoders, sameData, spaces, verdict }: ProbeDrift): string {
  const head = `${name}: ${{ FAIL: 'drifted', PASS: 'no drift', INCONCLUSIVE: 'INCONCLUSIVE' }[verdict]}, ${rows.toLocaleString('en-US')} rows${inGroups(grouped)} against ${against.rows.toLocaleString('en-US')}${inGroups(against.grouped)} of ${against.date}\n`;
  const told = `  ${sameEncoders ? 'the same encoders' : 'other encoders than recorded'}, ${sameData ? 'the same data' : 'other data'}\n`;
  const lines = spaces.map(({ part, drift: { moved, tests, notFinite, needed } }) => {
    const broken = notFinite === 0 ? '' : `${notFinite.toLocaleString('en-US')} ${notFinite === 1 ? 'row holds' : 'rows hold'} NaN or infinity; of the others `;
    const few = needed === undefined ? '' : `    Too few ${grouped?.words ?? 'rows'} to show it if a statistic had moved by one deviation. About ${needed.rows} ${grouped === undefined ? '' : `${grouped.words} `}${needed.of === 'today' ? '' : 'in the record and as many today '}would decide.\n`;
    const shown = moved.length === 0 ? tests.slice(0, 1) : moved.slice(0, shownTests);
    const more = moved.length > shownTests ? `    and ${moved.length - shownTests} more\n` : '';
    return `  ${part}: ${broken}${moved.length === 0 ? 'nothing moved' : `${moved.length} of ${tests.length} statistics moved`}\n${few}${shown.map(testText).join('')}${more}`;
  });
  return [head, told, ...lines].join('');
}

const inGroups = (grouped: ProbeDrift['grouped']): string => (grouped === undefined ? '' : ` (${showCount(grouped.count, grouped)})`);

function testText({ statistic, before, now, distance, p, adjusted }: DriftTest): string {
  const values = before === undefined || now === undefined ? '' : ` ${showNumber(before)} -> ${showNumber(now)},`;
  return `    ${statistic}:${values} distance ${distance.toFixed(3)}, p = ${showSmallP(p)}, adjusted ${showSmallP(adjusted)}\n`;
}

/** Adjusted p-values of many tests are told with their power of ten. */
const showSmallP = (p: number): string => (p >= 0.0001 ? p.toFixed(4) : p.toExponential(1));
