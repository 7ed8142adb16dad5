/** The names of states, and of what gives their next values: `h0` and `hn`, `past_key` and `present_key` are one. */

/** What says at which step a state is, and not which one it is. */
const steps: ReadonlySet<string> = new Set(['after', 'before', 'final', 'in', 'init', 'initial', 'last', 'n', 'new', 'next', 'old', 'out', 'past', 'present', 'prev', 'previous', 't']);

/** `c` of `c0`, `cn` and `c_n`, `key` of `past_key`; "" where nothing is left. */
export const stemOf = (name: string): string =>
  name
    .toLowerCase()
    .split(/[_\d]+/)
    .filter((word) => word !== '' && !steps.has(word))
    .map((word) => word.replace(/^([a-z])[nt]$/, '$1'))
    .join('_');
