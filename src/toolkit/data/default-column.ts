/** Which column an input reads where nobody names one. */

/** What classes are mostly called, the likelier name first. */
export const labelNames: readonly string[] = ['label', 'labels', 'class', 'target'];

/** Columns that say something about an example, and are none of what an encoder reads. */
const besides: ReadonlySet<string> = new Set([...labelNames, 'group']);

/** The column of the input's name, the only one beside classes and groups (the `image` of a folder of pictures), or `text`. */
export function defaultColumn(input: string, known: readonly string[], labelled: ReadonlySet<string> = new Set()): string | undefined {
  if (known.includes(input)) return input;
  const free = known.length === 1 ? known : known.filter((name) => !labelled.has(name) && !besides.has(name));
  return free.length === 1 ? free[0] : free.find((name) => name === 'text');
}
