/** Facts in messages: as the user wrote them where they did. */
import { showStatement } from '../types/show.ts';
import type { Fact } from '../types/fact.ts';
import type { Checker } from './context.ts';

/** `sum(0) == 1` stays what was typed; inside, axes count from the end. What an operator made has no text. */
export function showFact(fact: Fact, { modules }: Checker): string {
  const isReduction = fact.kind === 'norm' || fact.kind === 'sum' || fact.kind === 'mean' || fact.kind === 'std';
  const source = isReduction && fact.location ? modules.scopes.get(fact.location.uri)?.source : undefined;
  if (source === undefined) return showStatement(fact);
  const { start, end } = fact.location!.span;
  return source.text.slice(start, end).replace(/\s+/g, ' ');
}

/** What is known of a value, for a label; undefined where that is nothing. */
export const showFacts = (facts: readonly Fact[], checker: Checker): string | undefined =>
  facts.length === 0 ? undefined : facts.map((fact) => showFact(fact, checker)).join(', ');
