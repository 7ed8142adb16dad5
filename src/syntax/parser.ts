/** The one parser instance, made when the first text is parsed: building it costs tens of milliseconds. */
import type { CstNode, IParserErrorMessageProvider, IRecognitionException, IToken } from 'chevrotain';
import { errorMessageProvider } from './errors.ts';
import { ModuleGrammar } from './grammar/modules.ts';
import { LazyLookahead } from './lazy-lookahead.ts';
import { limits } from './limits.ts';

/** Ends a parse whose errors nobody would read. */
class TooManyErrors extends Error {}

let errorsLeft = 0;
const counted = <A>(build: (args: A) => string) => (args: A): string => {
  if (errorsLeft-- <= 0) throw new TooManyErrors();
  return build(args);
};

/** Recovery recurses and looks far ahead: each error costs stack and time, which end with the count of errors. */
const countingProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: counted(errorMessageProvider.buildMismatchTokenMessage),
  buildNotAllInputParsedMessage: counted(errorMessageProvider.buildNotAllInputParsedMessage),
  buildNoViableAltMessage: counted(errorMessageProvider.buildNoViableAltMessage),
  buildEarlyExitMessage: counted(errorMessageProvider.buildEarlyExitMessage),
};

/** `validate` checks the grammar itself: slow, so only the tests ask for it. */
export const createParser = (validate = false): ModuleGrammar =>
  new ModuleGrammar({
    recoveryEnabled: true,
    lookaheadStrategy: new LazyLookahead({ maxLookahead: 2 }),
    maxLookahead: 2,
    nodeLocationTracking: 'onlyOffset',
    skipValidations: !validate,
    errorMessageProvider: countingProvider,
  });

export interface Tree {
  /** With holes where the text is wrong; undefined where reading stopped after too many errors. */
  readonly cst: CstNode | undefined;
  readonly errors: readonly IRecognitionException[];
}

let parser: ModuleGrammar | undefined;

export function parseTokens(tokens: IToken[]): Tree {
  parser ??= createParser();
  parser.input = tokens;
  errorsLeft = Math.min(limits.errors, Math.ceil(limits.recoveryTokens / Math.max(1, tokens.length)));
  try {
    return { cst: parser.module(), errors: parser.errors };
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    return { cst: undefined, errors: parser.errors };
  }
}
