import { LLkLookaheadStrategy, type BaseParser, type ILookaheadStrategy } from 'chevrotain';

type Build<F> = () => F;
type Alternatives = ReturnType<ILookaheadStrategy['buildLookaheadForAlternation']>;
type Optional = ReturnType<ILookaheadStrategy['buildLookaheadForOptional']>;
type AlternativesOptions = Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>[0];
type OptionalOptions = Parameters<ILookaheadStrategy['buildLookaheadForOptional']>[0];

/**
 * Works out which tokens decide where a text first comes by: most texts use few of the grammar's choices, and working
 * out all of them would take a third of the start.
 */
export class LazyLookahead extends LLkLookaheadStrategy {
  override buildLookaheadForAlternation(options: AlternativesOptions): Alternatives {
    const build: Build<Alternatives> = () => super.buildLookaheadForAlternation(options);
    let decide: Alternatives | undefined;
    return function (this: BaseParser, alternatives) {
      decide ??= build();
      return decide.call(this, alternatives);
    };
  }

  override buildLookaheadForOptional(options: OptionalOptions): Optional {
    const build: Build<Optional> = () => super.buildLookaheadForOptional(options);
    let decide: Optional | undefined;
    return function (this: BaseParser) {
      decide ??= build();
      return decide.call(this);
    };
  }
}
