/** Exit codes of every command. */
export const exit = {
  fine: 0,
  /** The source is wrong, or the verdict is against it. */
  fault: 1,
  /** The call is wrong: an unknown option, a file that is not there. */
  usage: 2,
  inconclusive: 3,
  /** A signal ended it; what was done is kept. As shells have it: 128 and the number of SIGINT. */
  interrupted: 130,
  /** MDL itself is wrong. */
  bug: 70,
} as const;
