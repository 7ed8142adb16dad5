/** The parser's decisions as `src/syntax/lookahead-table.ts`: which one or two tokens begin which alternative. */
import { getLookaheadPaths, LLkLookaheadStrategy, type ILookaheadStrategy, type LookaheadProductionType, type LookaheadSequence } from 'chevrotain';
import { createParser } from '../../src/syntax/parser.ts';

const header = `/**
 * Written by \`npx vitest run test/syntax/quick-parser.test.ts -u\` from the grammar; do not edit. For each decision of a
 * rule, by the DSL method and its number: the tokens that begin each alternative, or what is optional. A second token
 * stands where one does not decide.
 */`;

const dslNames: Readonly<Record<LookaheadProductionType, string>> = {
  Alternation: 'OR',
  Option: 'OPTION',
  Repetition: 'MANY',
  RepetitionMandatory: 'AT_LEAST_ONE',
  RepetitionWithSeparator: 'MANY_SEP',
  RepetitionMandatoryWithSeparator: 'AT_LEAST_ONE_SEP',
};

type AlternationOptions = Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>[0];
type OptionalOptions = Parameters<ILookaheadStrategy['buildLookaheadForOptional']>[0];

/** Chevrotain's own strategy, which writes down what it is asked for. */
class WritingStrategy extends LLkLookaheadStrategy {
  readonly rows: string[] = [];

  override buildLookaheadForAlternation(options: AlternationOptions) {
    this.write('Alternation', options, (alternatives) => alternatives);
    return super.buildLookaheadForAlternation(options);
  }

  override buildLookaheadForOptional(options: OptionalOptions) {
    // Behind the paths into the optional part stand those past it, from which they have been told apart already.
    this.write(options.prodType, options, ([inside]) => [inside!]);
    return super.buildLookaheadForOptional(options);
  }

  private write(
    prodType: LookaheadProductionType,
    { rule, prodOccurrence, maxLookahead }: AlternationOptions | OptionalOptions,
    used: (paths: LookaheadSequence[]) => LookaheadSequence[],
  ): void {
    const alternatives = used(getLookaheadPaths({ occurrence: prodOccurrence, rule, prodType, maxLookahead }));
    const listed = alternatives.map((paths) => `'${paths.map((path) => path.map((type) => type.name).join(' ')).join(', ')}'`);
    this.rows.push(`  '${rule.name} ${dslNames[prodType]} ${prodOccurrence}': [${listed.join(', ')}],`);
  }
}

export function lookaheadTableText(): string {
  const strategy = new WritingStrategy({ maxLookahead: 2 });
  createParser(false, strategy);
  return `${header}\nexport const lookaheadTable: Readonly<Record<string, readonly string[]>> = {\n${strategy.rows.join('\n')}\n};\n`;
}
