/** From a word to the place that declares it. */
import type { Position } from '../text/source.ts';
import type { Place } from './answers.ts';
import { occurrenceAt } from './occurrences.ts';
import { homeOf } from './targets.ts';
import { placeOf, pointAt, type View } from './view.ts';

/** Undefined for words of the language, and for files that no editor shows as text. */
export function definition(view: View, uri: string, position: Position): Place | undefined {
  const point = pointAt(view, uri, position);
  const target = point && occurrenceAt(point.scope, point.offset, view.host)?.target;
  if (target === undefined || target.kind === 'file-tensor' || (target.kind === 'file' && target.role !== 'tokenizer')) return undefined;
  const home = homeOf(target);
  return home && placeOf(home, view);
}
