/** A verdict as a report shows it. */
import type { CheckedVerify } from '../../check/tools/index.ts';
import type { LoweredTerms } from '../../check/tools/lower.ts';
import type { Symbol } from '../../names/modules.ts';
import { unknownType, type Type } from '../../types/type.ts';
import { columnOf } from '../data/columns.ts';
import { readTable } from '../data/table.ts';
import { headsOf, judgedRows } from '../fit/heads.ts';
import { isMeasurable } from '../verify/swap.ts';
import { vectorRows } from '../verify/vectors.ts';
import type { SwapResult, VerifyResult } from '../verify/verify.ts';
import type { Workbench } from '../workbench.ts';
import { studyAnswers } from './answers.ts';
import { studyLabels } from './label-answers.ts';
import { cardOf } from './card.ts';
import { groupingOf, studySpaces, type StudiedSpace } from './spaces.ts';
import type { SwapStudy, VerifyStudy } from './study.ts';
import { findUmap } from './umap.ts';

export async function studyVerify(verify: CheckedVerify, result: VerifyResult, bench: Workbench): Promise<VerifyStudy> {
  const { name, verdict, rows, judged, grouped, requirements, budgets } = result;
  const { doc } = verify.declaration;
  const swaps: SwapStudy[] = [];
  for (const [i, swap] of result.swaps.entries()) swaps.push(await studySwap(verify, i, swap, bench));
  const card = cardOf(
    {
      parts: verify.swaps.flatMap(({ part, replacement, model }) => [model, part, replacement]),
      models: result.swaps.flatMap(({ data }) => [data.own.model, data.swapped.model]),
      results: verify.swaps.flatMap(({ part, replacement }, i) => [resultIn(result.swaps[i]!.data.own, part), resultIn(result.swaps[i]!.data.swapped, replacement)]),
      learned: [...new Set(result.swaps.flatMap(({ data }) => data.learned))],
      tables: verify.data.map((data) => [data.uri, readTable(data, bench.host)] as const),
      source: verify.uri,
    },
    bench.host,
  );
  return { kind: 'verify', name, ...(doc === undefined ? {} : { doc }), verdict, rows, judged, ...(grouped === undefined ? {} : { grouped }), swaps, requirements, budgets, card };
}

const resultIn = ({ calls }: LoweredTerms, part: Symbol): readonly [string, Type] => [part.name, calls.find(({ symbol }) => symbol === part)?.result?.type ?? unknownType];

async function studySwap(verify: CheckedVerify, index: number, { swap, gates, notJudged, representation, heads: metrics, attributions, data }: SwapResult, bench: Workbench): Promise<SwapStudy> {
  const { part, replacement } = verify.swaps[index]!;
  const judged = judgedRows(data);
  const tables = new Map(verify.data.map((one) => [one, readTable(one, bench.host)]));
  const columns = new Map([...data.own.columns.values()].map((term) => [term.column, columnOf(term, tables)]));
  // What cannot be measured cannot be drawn.
  const seen = isMeasurable(data);
  const heads = seen ? headsOf(verify, data) : [];
  const labelled = heads.filter(({ measured }) => measured.own.sets === undefined);
  const [first] = labelled;
  const learned = data.learned.map((symbol) => symbol.name).join(', ');
  const spaces: StudiedSpace[] = !seen ? [] : [
    { name: part.name, features: data.y },
    ...(learned === '' ? [] : [{ name: `${replacement.name} before ${learned}`, features: data.x }]),
    { name: replacement.name, features: data.bridged, on: 0 },
  ];
  // Of several vectors for an example none has its class.
  const grouping = groupingOf(data.calls === 1 ? first?.measured.own.labels : undefined, first?.measured.type?.shape.axes.at(-1)?.classes?.values, data.rows * data.calls);
  bench.progress.update(`${verify.name}: what a report shows`, 0, 1);
  return {
    swap,
    gates,
    notJudged,
    representation,
    heads: metrics,
    attributions,
    split: Object.fromEntries(Object.entries(data.split).map(([name, rows]) => [name, rows.length])),
    answers: labelled.map((head) => studyAnswers(head, judged, data.together, columns)),
    labelled: heads.flatMap((head) => studyLabels(head, judged, columns) ?? []),
    spaces: await studySpaces(spaces, vectorRows(data, judged), grouping, { kernels: bench.kernels, umap: findUmap(verify.uri) }),
  };
}
