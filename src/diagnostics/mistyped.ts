import type { Place } from './diagnostic.ts';
import type { Location } from '../text/source.ts';

/**
 * The label and the fix of a word that was probably mistyped. `near` is what was meant, with its quotes if it is a
 * string; without it the label is `otherwise`.
 */
export function mistyped(near: string | undefined, location: Location, otherwise: string): Required<Pick<Place, 'label' | 'fixes'>> {
  if (near === undefined) return { label: otherwise, fixes: [] };
  const quoted = near.startsWith('"') ? near : `\`${near}\``;
  return { label: `did you mean ${quoted}?`, fixes: [{ title: `write ${quoted}`, edits: [{ location, text: near }] }] };
}
