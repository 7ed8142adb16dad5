/** From tokens to a tree: the quick way, and where a text is wrong, once more with recovery by a parser that takes long to make. */
import type { CstNode, ILookaheadStrategy, IParserErrorMessageProvider, IRecognitionException, IToken } from 'chevrotain';
import { errorMessageProvider } from './errors.ts';
import { ModuleGrammar } from './grammar/modules.ts';
import { LazyLookahead } from './lazy-lookahead.ts';
import { limits } from './limits.ts';
import { takeOutParameterFacts, type ParameterFacts } from './parameter-facts.ts';
import { parseRightTokens } from './quick-parser.ts';

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
export const createParser = (validate = false, lookaheadStrategy: ILookaheadStrategy = new LazyLookahead({ maxLookahead: 2 })): ModuleGrammar =>
  new ModuleGrammar({
    recoveryEnabled: true,
    lookaheadStrategy,
    maxLookahead: 2,
    nodeLocationTracking: 'onlyOffset',
    skipValidations: !validate,
    errorMessageProvider: countingProvider,
  });

export interface Tree {
  /** With holes where the text is wrong; undefined where reading stopped after too many errors. */
  readonly cst: CstNode | undefined;
  readonly errors: readonly IRecognitionException[];
  /** What was parsed: the tokens without the facts that stand inside a part's parentheses. */
  readonly tokens: readonly IToken[];
  readonly misplaced: readonly ParsedFacts[];
}

export interface ParsedFacts extends ParameterFacts {
  /** Undefined where they are wrong themselves. */
  readonly cst: CstNode | undefined;
}

let parser: ModuleGrammar | undefined;

export function parseTokens(tokens: IToken[]): Tree {
  const right = parseRightTokens(tokens);
  return right === undefined ? parseWithRecovery(tokens) : { cst: right, errors: [], tokens, misplaced: [] };
}

export function parseWithRecovery(all: IToken[]): Tree {
  const { tokens, taken } = takeOutParameterFacts(all);
  const misplaced = taken.map((facts) => ({ ...facts, cst: parseFacts(facts.facts) }));
  return { ...recover(tokens, (grammar) => grammar.module()), tokens, misplaced };
}

function parseFacts(tokens: readonly IToken[]): CstNode | undefined {
  const { cst, errors } = recover([...tokens], (grammar) => grammar.facts());
  return errors.length === 0 ? cst : undefined;
}

function recover(tokens: IToken[], rule: (grammar: ModuleGrammar) => CstNode): Pick<Tree, 'cst' | 'errors'> {
  parser ??= createParser();
  parser.input = tokens;
  errorsLeft = Math.min(limits.errors, Math.ceil(limits.recoveryTokens / Math.max(1, tokens.length)));
  try {
    return { cst: rule(parser), errors: parser.errors };
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    return { cst: undefined, errors: parser.errors };
  }
}
