/**
 * The parser of right texts, which most are. Before it can parse, a parser of chevrotain's records its own rules and works
 * out from them what to do on which token, half of what `mdl check` would take: this one finds all that in a table. It
 * gives up at the first error, where the one in `parser.ts` begins anew. So nothing hangs on the table: a text that
 * this parser reads is one of the grammar's, and a table that is out of date costs time only.
 */
import type { CstNode, IToken } from 'chevrotain';
import { ModuleGrammar } from './grammar/modules.ts';
import { lookaheadTable } from './lookahead-table.ts';
import { vocabulary } from './tokens.ts';

/** Ends a parse at the first error. */
class WrongText extends Error {}

/** What we need of chevrotain's parser beyond its declarations; it is bundled in the one version that was tested. */
interface Engine {
  selfAnalysisDone: boolean;
  /** Of the last token that was consumed; -1 before the first. */
  readonly currIdx: number;
  getCurrRuleFullName(): string;
  LA_FAST(distance: 1 | 2): IToken;
}

/** Answers for an OR with the alternative to take, for what is optional with whether to take it; undefined for no. */
type Decide = (this: Engine) => number | boolean | undefined;

/** Chevrotain's kinds of decisions, by the number in their keys. */
const kinds = ['', 'OR', 'OPTION', 'MANY', 'AT_LEAST_ONE', 'MANY_SEP', 'AT_LEAST_ONE_SEP'];

class QuickGrammar extends ModuleGrammar {
  private readonly decisions = new Map<number, Decide>();

  constructor() {
    super({ nodeLocationTracking: 'onlyOffset', skipValidations: true, maxLookahead: 2 });
  }

  /** Nothing is recorded and nothing analysed. */
  protected override performSelfAnalysis(): void {
    (this as unknown as Engine).selfAnalysisDone = true;
  }

  /** The key's lower bits are the number of the DSL method in its rule (8) and its kind (4). */
  getLaFuncFromCache(this: QuickGrammar & Engine, key: number): Decide {
    let decide = this.decisions.get(key);
    if (decide === undefined) {
      const kind = kinds[(key >> 8) & 15]!;
      decide = decisionOf(`${this.getCurrRuleFullName()} ${kind} ${key & 255}`, kind === 'OR');
      this.decisions.set(key, decide);
    }
    return decide;
  }

  raiseNoAltException(): never {
    throw new WrongText();
  }
  raiseEarlyExitException(): never {
    throw new WrongText();
  }
  consumeInternalError(): never {
    throw new WrongText();
  }
}

/** Of the paths that begin with a token, in their order: what may follow it, or undefined where anything may, and the alternative. */
type Paths = { readonly second: ReadonlySet<number> | undefined; readonly alternative: number }[];

function decisionOf(name: string, choice: boolean): Decide {
  const paths = new Map<number, Paths>();
  for (const [alternative, listed] of (lookaheadTable[name] ?? []).entries()) {
    for (const path of listed.split(', ')) {
      const [first = '', second] = path.split(' ');
      const follow = second === undefined ? undefined : new Set(matchesOf(second));
      for (const index of matchesOf(first)) {
        const known = paths.get(index);
        if (known === undefined) paths.set(index, [{ second: follow, alternative }]);
        else known.push({ second: follow, alternative });
      }
    }
  }
  return function (this: Engine) {
    const found = paths
      .get(this.LA_FAST(1).tokenTypeIdx)
      ?.find(({ second }) => second === undefined || second.has(this.LA_FAST(2).tokenTypeIdx));
    return choice ? found?.alternative : found !== undefined;
  };
}

const types = new Map(vocabulary.map((type) => [type.name, type]));

/** The numbers of the types that count as one: itself, and those of its category. */
function matchesOf(name: string): readonly number[] {
  const type = types.get(name);
  return type === undefined ? [] : [type.tokenTypeIdx!, ...(type.categoryMatches ?? [])];
}

let parser: QuickGrammar | undefined;

/** The tree of a text without syntax errors; undefined for any other. */
export function parseRightTokens(tokens: IToken[]): CstNode | undefined {
  parser ??= new QuickGrammar();
  parser.input = tokens;
  try {
    const cst = parser.module();
    return parser.errors.length === 0 ? cst : undefined;
  } catch (error) {
    if (!(error instanceof WrongText)) throw error;
    return undefined;
  }
}

/** How many tokens of a text can be read before something else is expected; Infinity where all can. */
export function readableTokens(tokens: IToken[]): number {
  return parseRightTokens(tokens) === undefined ? (parser as unknown as Engine).currIdx + 1 : Infinity;
}
