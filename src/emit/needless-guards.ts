/** What is said, beside a model, of guards that stand nowhere because their demand is proved. */
import type { CheckedModel } from '../check/model.ts';
import type { SourceText } from '../text/source.ts';
import { positionOf } from './manifest.ts';

/** `odds.mdl:9:19: odds.p needs no guard, since range [0, 1] is proved`, one a guard. */
export function describeNeedless(model: CheckedModel, sources: ReadonlyMap<string, SourceText>): string[] {
  // What another guard enforces needs no word: it is there.
  const proved = model.needlessGuards.filter(({ evidence }) => evidence === 'proved');
  return proved.map(({ location, to, what }) => `${positionOf(location, model, sources)}: \`${to}\` needs no guard, since ${what} is proved`);
}
