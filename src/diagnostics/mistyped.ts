import type { Place } from './diagnostic.ts';
import type { Location } from '../text/source.ts';

/** Of more than these a list would say nothing. */
const mostShown = 3;

/**
 * The label and the fixes of a word that was probably mistyped. `near` is what was meant, with its quotes if it is a
 * string, or all that are equally near; without it the label is `otherwise`.
 */
export function mistyped(near: string | readonly string[] | undefined, location: Location, otherwise: string): Required<Pick<Place, 'label' | 'fixes'>> {
  const words = typeof near === 'string' ? [near] : (near ?? []).slice(0, mostShown);
  if (words.length === 0) return { label: otherwise, fixes: [] };
  const quoted = words.map((word) => (word.startsWith('"') ? word : `\`${word}\``));
  return { label: `did you mean ${quoted.join(' or ')}?`, fixes: words.map((text, i) => ({ title: `write ${quoted[i]}`, edits: [{ location, text }] })) };
}
