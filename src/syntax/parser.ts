/** The one parser instance, made when the first text is parsed: building it costs tens of milliseconds. */
import type { CstNode, IRecognitionException, IToken } from 'chevrotain';
import { errorMessageProvider } from './errors.ts';
import { ModuleGrammar } from './grammar/modules.ts';

/** `validate` checks the grammar itself: slow, so only the tests ask for it. */
export const createParser = (validate = false): ModuleGrammar =>
  new ModuleGrammar({
    recoveryEnabled: true,
    maxLookahead: 2,
    nodeLocationTracking: 'onlyOffset',
    skipValidations: !validate,
    errorMessageProvider,
  });

let parser: ModuleGrammar | undefined;

/** The concrete tree, with holes where the text is wrong. */
export function parseTokens(tokens: IToken[]): { readonly cst: CstNode; readonly errors: readonly IRecognitionException[] } {
  parser ??= createParser();
  parser.input = tokens;
  const cst = parser.module();
  return { cst, errors: parser.errors };
}
