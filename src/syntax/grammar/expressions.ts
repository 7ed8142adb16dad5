import { CstParser, type CstNode, type IParserConfig, type ParserMethod, type TokenType } from 'chevrotain';
import * as t from '../tokens.ts';

export type Rule = ParserMethod<[], CstNode>;

const openers: ReadonlySet<TokenType> = new Set([t.LParen, t.CallParen, t.LBracket, t.DimsBracket, t.LCurly]);

/** Values: `x |> linear(out: Topic) + b`. Operators come as a flat row; the builder gives them their precedence. */
export class ExpressionGrammar extends CstParser {
  constructor(config: IParserConfig) {
    super(t.vocabulary, config);
  }

  /** Recovery may close a bracket, but make up no opening one and no word: what follows would be read as something else. */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return !openers.has(type) && !(type.CATEGORIES ?? []).includes(t.Identifier);
  }

  expression: Rule = this.RULE('expression', () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.CONSUME(t.Operator);
      this.SUBRULE2(this.operand);
    });
  });

  /** What stands inside of brackets: no line begins a statement there, so words may stand between values, `n div 2`. */
  enclosed: Rule = this.RULE('enclosed', () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.OR([{ ALT: () => this.CONSUME(t.Operator) }, { ALT: () => this.CONSUME(t.Div) }, { ALT: () => this.CONSUME(t.Mod) }]);
      this.SUBRULE2(this.operand);
    });
  });

  /** A value with its signs before and its calls and fields behind: `-UseLite(tokens).embedding`. */
  operand: Rule = this.RULE('operand', () => {
    this.MANY(() => this.CONSUME(t.Minus));
    this.SUBRULE(this.atom);
    this.MANY2(() => this.SUBRULE(this.postfix));
  });

  atom: Rule = this.RULE('atom', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Identifier);
          this.OPTION(() => {
            this.CONSUME(t.At);
            this.SUBRULE(this.versions);
          });
        },
      },
      { ALT: () => this.CONSUME(t.NumberLiteral) },
      { ALT: () => this.CONSUME(t.QuantityLiteral) },
      { ALT: () => this.CONSUME(t.StringLiteral) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.group) },
      { ALT: () => this.SUBRULE(this.recordValue) },
    ]);
  });

  /** `^2 | ^3` */
  versions: Rule = this.RULE('versions', () => {
    this.CONSUME(t.VersionLike);
    this.MANY(() => {
      this.CONSUME(t.Bar);
      this.CONSUME2(t.VersionLike);
    });
  });

  /** `{ boxes: b, score: s }` */
  recordValue: Rule = this.RULE('recordValue', () => {
    this.CONSUME(t.LCurly);
    this.SUBRULE(this.recordEntry);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.recordEntry);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.RCurly);
  });

  recordEntry: Rule = this.RULE('recordEntry', () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Colon);
    this.SUBRULE(this.enclosed);
  });

  group: Rule = this.RULE('group', () => {
    this.CONSUME(t.LParen);
    this.SUBRULE(this.enclosed);
    this.CONSUME(t.RParen);
  });

  list: Rule = this.RULE('list', () => {
    this.CONSUME(t.LBracket);
    this.OPTION(() => {
      this.SUBRULE(this.enclosed);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.enclosed);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RBracket);
  });

  postfix: Rule = this.RULE('postfix', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Dot);
          this.CONSUME(t.Identifier);
        },
      },
      { ALT: () => this.SUBRULE(this.args) },
    ]);
  });

  args: Rule = this.RULE('args', () => {
    this.CONSUME(t.CallParen);
    this.OPTION(() => {
      this.SUBRULE(this.arg);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.arg);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
    this.CONSUME(t.RParen);
  });

  /** `x` or `mask: tokens.mask` */
  arg: Rule = this.RULE('arg', () => {
    this.OPTION(() => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Colon);
    });
    this.SUBRULE(this.enclosed);
  });

  /** `error_rate > 1%`: no value, but what budgets and requirements say. */
  comparison: Rule = this.RULE('comparison', () => {
    this.SUBRULE(this.expression);
    this.CONSUME(t.Comparison);
    this.SUBRULE2(this.expression);
  });
}
