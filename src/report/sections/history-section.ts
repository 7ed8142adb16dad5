/** The history: how scores went from run to run, and what was another thing each time. */
import type { Run } from '../../toolkit/history.ts';
import type { TrendChart } from '../charts/chart.ts';
import type { Block, Cell, Section } from '../document.ts';
import { countCell, numberCell } from '../numbers.ts';

const most = { charts: 6, runs: 60 };

/** A section for each declaration that was ever run, the one that was run last first. */
export function historySections(runs: readonly Run[]): readonly Section[] {
  const keys = [...new Set(runs.toReversed().map(keyOf))];
  return keys.map((key) => toolSection(runs.filter((run) => keyOf(run) === key)));
}

const keyOf = ({ kind, file, name }: Run): string => `${kind} ${name} of ${file}`;

function toolSection(all: readonly Run[]): Section {
  const runs = all.slice(-most.runs);
  const changes = runs.map((run, i) => (i === 0 ? [] : changesOf(runs[i - 1]!, run)));
  const last = runs.at(-1)!;
  const scores = Object.keys(last.scores);
  const names = scores.slice(0, most.charts);
  const left = all.length - runs.length;
  return {
    title: keyOf(runs[0]!),
    blocks: [
      { kind: 'text', text: `${all.length} ${all.length === 1 ? 'run' : 'runs'}${left > 0 ? `, of which the last ${runs.length} are shown` : ''}.` },
      ...(names.length === 0 ? [] : [runs.length < 2 ? scoreTable(last, 'Scores') : figure(names, runs, changes)]),
      ...(runs.length < 2 || scores.length <= most.charts ? [] : [scoreTable(last, `All ${scores.length} scores of the last run, of which the first ${most.charts} are drawn`)]),
      changeTable(runs, changes),
    ],
  };
}

/** A single run has no course to draw, and of many scores only the first are drawn. */
const scoreTable = ({ scores }: Run, caption: string): Block => ({
  kind: 'table',
  caption,
  columns: ['score', 'value'],
  rows: Object.entries(scores).map(([name, value]): readonly Cell[] => [name, numberCell(value)]),
});

function figure(names: readonly string[], runs: readonly Run[], changes: readonly (readonly string[])[]): Block {
  const charts = names.map((name): TrendChart => {
    const shown = runs.flatMap(({ at, scores, verdict }, i) => {
      const value = scores[name];
      const mark = verdict ?? (changes[i]!.length > 0 ? ('changed' as const) : undefined);
      return value === undefined ? [] : [{ at: dayOf(at), value, ...(mark === undefined ? {} : { mark }) }];
    });
    return { kind: 'trend', title: name, summary: `By run, the oldest on the left; ${shown.length} ${shown.length === 1 ? 'run has' : 'runs have'} it.`, runs: shown };
  });
  return { kind: 'figure', caption: 'Scores by run. A run with a verdict has its colour: green for PASS, red for FAIL, yellow for INCONCLUSIVE.', charts };
}

/** `2026-11-22 12:30` */
const dayOf = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** The newest first. */
const changeTable = (runs: readonly Run[], changes: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  caption: 'Runs, the newest first, and what was another thing than in the run before',
  columns: ['run (UTC)', 'answer', 'rows', 'method', 'seed', 'changed'],
  rows: runs
    .map(({ at, verdict, rows, method, seed }, i): readonly Cell[] => [dayOf(at), verdict === undefined ? '' : { kind: 'verdict', verdict }, countCell(rows), method, { kind: 'number', text: String(seed) }, i === 0 ? 'the first run' : changes[i]!.join('; ') || 'nothing'])
    .toReversed(),
});

/** What is another thing in the second of two runs: files, versions, method, seed. */
export function changesOf(before: Run, after: Run): readonly string[] {
  const records = (key: 'inputs' | 'versions'): readonly string[] => {
    const names = [...new Set([...Object.keys(before[key]), ...Object.keys(after[key])])].sort();
    return names.flatMap((name) => {
      const [a, b] = [before[key][name], after[key][name]];
      if (a === b) return [];
      const isVersion = key === 'versions';
      return [a === undefined ? `${name} came` : b === undefined ? `${name} went` : isVersion ? `${name} ${a} to ${b}` : name];
    });
  };
  const values = (['method', 'seed'] as const).flatMap((key) => (before[key] === after[key] ? [] : [`${key} ${before[key]} to ${after[key]}`]));
  return [...records('inputs'), ...values, ...records('versions')];
}
