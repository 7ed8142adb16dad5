/** What a module may have at most, so that no text can exhaust time or the stack. */
export const limits = {
  /** UTF-16 code units of a source. */
  sourceLength: 1_000_000,
  /** Brackets in brackets. */
  bracketDepth: 64,
  /** Levels of one expression's tree: brackets, operators, calls and fields. */
  treeDepth: 256,
  /** Errors that reading one module reports. */
  errors: 200,
  /** Tokens that recovery may look at: after an error it looks as far as the end of the file. */
  recoveryTokens: 2_000_000,
  /** Tokens that are read again to try guesses at what was meant. */
  triedTokens: 3_000,
  /** A text with more errors than this is no slip of the hand, and no guess is tried. */
  triedErrors: 5,
} as const;
