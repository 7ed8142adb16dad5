/** How several declarations ended that one call was to carry out. */

/** Carried out where nothing more is said of it. */
export interface Ending {
  readonly name: string;
  readonly refused?: true;
  /** Another one that was not carried out, and without which it is not begun. */
  readonly needed?: string;
}

const words = { fit: 'fitted', verify: 'verified', probe: 'probed' } as const;

/** `fitted: A, B; refused: C; not begun: D, which needs C`, of one alone nothing: it was told already. */
export function showEndings(kind: keyof typeof words, endings: readonly Ending[]): string {
  if (endings.length < 2) return '';
  const done = endings.filter(({ refused, needed }) => refused === undefined && needed === undefined).map(({ name }) => name);
  const refused = endings.flatMap(({ name, refused: is }) => (is === true ? [name] : []));
  const waiting = endings.flatMap(({ name, needed }) => (needed === undefined ? [] : [`${name}, which needs ${needed}`]));
  return `${words[kind]}: ${done.join(', ') || 'none'}; refused: ${refused.join(', ')}${waiting.length === 0 ? '' : `; not begun: ${waiting.join('; ')}`}\n`;
}

/** The names of what was refused, and of what was not begun with what it needs. */
export const endingsToJson = (endings: readonly Ending[]): object => ({
  refused: endings.flatMap(({ name, refused }) => (refused === true ? [name] : [])),
  notBegun: endings.flatMap(({ name, needed }) => (needed === undefined ? [] : [{ name, needs: needed }])),
});
