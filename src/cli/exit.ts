/** Exit codes of every command. */
export const exit = {
  fine: 0,
  /** The source is wrong, or the verdict is against it. */
  fault: 1,
  /** The call is wrong: an unknown option, a file that is not there. */
  usage: 2,
  inconclusive: 3,
  /** MDL itself is wrong. */
  bug: 70,
} as const;
