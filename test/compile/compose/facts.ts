/** What a manifest says is proved of outputs, held to the answers of a run. */
import type { ManifestFact } from '../../../src/bundle/manifest.ts';
import type { Statement } from '../../../src/types/fact.ts';
import { violation } from '../../types/facts.ts';
import { readManifest } from './bundle.ts';
import type { Counts } from './compare.ts';
import type { Answers } from './foreign.ts';
import { epsilonOf, isFloat } from './interval.ts';

const ends = ({ low, high }: { readonly low: number | '-inf'; readonly high: number | 'inf' }) => ({ low: low === '-inf' ? -Infinity : low, high: high === 'inf' ? Infinity : high });

/** As a statement of the checker's; undefined of what no data can contradict. */
function statementOf(fact: ManifestFact, rank: number): Statement | undefined {
  if (fact.kind === 'space' || fact.kind === 'tokenizer' || fact.kind === 'attribute') return undefined;
  if (fact.kind !== 'range') return fact as Statement;
  const { rows } = fact;
  const axis = rows === undefined || rows.axis < 0 ? rows?.axis : rows.axis - rank;
  return { kind: 'range', ...ends(fact), ...(rows === undefined ? {} : { rows: { axis: axis!, ends: rows.ends.map(ends) } }) } as Statement;
}

export function brokenFacts(bundle: string, answers: Answers, counts: Counts): readonly string[] {
  const { outputs } = readManifest(bundle);
  const tensors = outputs.flatMap(({ tensor, fields }) => [...(tensor ? [tensor] : []), ...Object.values(fields ?? {})]);
  return tensors.flatMap(({ onnx, dims, facts }) =>
    facts.flatMap((fact) => {
      const statement = fact.evidence === 'proved' ? statementOf(fact, dims.length) : undefined;
      const answer = answers.get(onnx);
      if (statement === undefined || answer === undefined) return [];
      counts.facts++;
      // Ranges go outward by what is rounded; a sum is said with the rounding of its dtype, once for each of its terms.
      const terms = 'axis' in statement && typeof statement.axis === 'number' ? (answer.dims.at(statement.axis) ?? 1) : 1;
      const slack = fact.kind === 'range' || !isFloat(answer.dtype) ? 0 : 4 * (terms + 2) * epsilonOf(answer.dtype);
      const broken = violation(statement, Array.from(answer.low), answer.dims, slack);
      return broken === undefined ? [] : [`proved of \`${onnx}\`: ${JSON.stringify(fact)}, but ${broken}`];
    }),
  );
}
