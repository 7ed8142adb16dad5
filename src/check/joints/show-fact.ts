/** Facts in messages: as the user wrote them where they did. */
import { showStatement } from '../../types/show.ts';
import type { Fact } from '../../types/fact.ts';
import type { Checker } from '../context.ts';

/** `sum(0) == 1` stays what was typed; inside, axes count from the end. What an operator made has no text. */
export function showFact(fact: Fact, { modules }: Checker): string {
  const isReduction = fact.kind === 'norm' || fact.kind === 'sum' || fact.kind === 'mean' || fact.kind === 'std' || fact.kind === 'size';
  const source = isReduction && fact.location ? modules.scopes.get(fact.location.uri)?.source : undefined;
  if (source === undefined) return showStatement(fact);
  const { start, end } = fact.location!.span;
  return source.text.slice(start, end).replace(/\s+/g, ' ');
}

/** What is known of a value, for a label; undefined where that is nothing. */
export function showFacts(facts: readonly Fact[], checker: Checker): string | undefined {
  const ofValues = facts.filter((fact) => fact.kind !== 'size');
  return ofValues.length === 0 ? undefined : ofValues.map((fact) => showFact(fact, checker)).join(', ');
}
