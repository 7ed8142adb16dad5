import { suggest } from '../../text/suggest.ts';

/** The note on an option `NAME=…` whose name is like one that there is. */
export function mistypedName(name: string | undefined, known: readonly string[]): readonly string[] {
  const near = name === undefined || known.includes(name) ? undefined : suggest(name, known);
  return near === undefined ? [] : [`Did you mean ${near}?`];
}
